"""A template whose status changed while it waited holds itself, and nothing else of its channel."""

import time
from dataclasses import replace

from flowbot.model.outbound import Outbound
from flowbot.model.template import Filled
from flowbot.sender.record import Recorder
from flowbot.sender.send import Sends
from flowbot.sender.tokens import Tokens
from flowbot.store import approvals, hooks, outbox, rates
from tests.approving import say

HOUR = 3600 * 1000


def template(stage, number, contact, **more):
    made = stage.entry(number, contact, **more)
    outbound = Outbound(kind="template", text="Hello.", template=Filled(name="invite", language="en"))
    return replace(made, outbound=outbound)


def status(stage):
    table = stage.store.run(approvals.read("acme", stage.channel.holder))
    return table.approvals["invite", "en"].status


def test_a_provider_that_has_paused_it_holds_no_other_message(scene):
    """R082: and all senders know from then on; who writes in bulk waits, a conversation goes on."""

    async def play(stage):
        say(stage.store, stage.channel, "invite")
        stage.provider.plan["+573001"] = [("error", 400, 132015)]
        now = stage.store.now()
        await stage.push(template(stage, 1, "c1", lane="b", created_at=now))
        await stage.until(lambda: status(stage) == "PAUSED")
        await stage.push(stage.entry(2, "c1"))
        await stage.settled(2, "sent")
        await stage.push(template(stage, 3, "c3", created_at=now), stage.entry(4, "c3"))
        await stage.settled(3, "failed")
        await stage.settled(4, "sent")
        record = await stage.record(3)
        assert (record["code"], record["error"]) == ("template_not_approved", "the template is PAUSED")
        held = await stage.record(1)
        assert (held["state"], held["code"], held["error"]) == ("queued", "132015", "Template paused")
        assert stage.store.run(rates.held(stage.channel.key)).kind == ""
        told = [one.type for p in range(stage.store.partitions) for one in stage.store.run(hooks.read(p))]
        assert "template.paused" in told
        assert len(stage.provider.asked) == 3, "it was not asked about number 3"

    scene(play)


def test_one_that_waits_in_bulk_leaves_when_it_is_approved_again_or_fails_in_the_end(scene):
    async def play(stage):
        now = stage.store.now()
        say(stage.store, stage.channel, "invite", status="DISABLED", at=1)
        await stage.push(template(stage, 1, "c1", lane="b", created_at=now))
        await stage.settled(1, "failed")
        say(stage.store, stage.channel, "invite", status="PAUSED", at=2)
        await stage.push(template(stage, 2, "c2", lane="b", created_at=now - 13 * HOUR))
        await stage.settled(2, "failed")

    scene(play)


def test_of_what_is_not_known_the_provider_is_the_judge(scene):
    async def play(stage):
        await stage.push(template(stage, 1, "c1"))
        await stage.settled(1, "sent")

    scene(play)


def test_a_provider_that_knows_no_such_template_is_asked_what_it_has(scene):
    async def play(stage):
        say(stage.store, stage.channel, "invite")
        stage.provider.plan["+573001"] = [("error", 400, 132001)]
        await stage.push(template(stage, 1, "c1"))
        await stage.settled(1, "failed")

        def wanted():
            return stage.store.run(approvals.read("acme", stage.channel.holder)).wanted_at > 0

        await stage.until(wanted)

    scene(play)


def test_what_is_held_takes_nothing_of_the_channels_rate(scene):
    async def play(stage):
        say(stage.store, stage.channel, "invite", status="PAUSED")
        await stage.push(template(stage, 1, "c1", lane="b", created_at=stage.store.now()))

        async def held():
            return (await stage.record(1)).get("code") == "template_not_approved"

        await stage.until(held)
        tokens = Tokens(stage.astore)
        assert await tokens.take(stage.channel, 1) == 1
        left = tokens._blocks[stage.channel.key].left
        sends = Sends(stage.parts, tokens, Recorder(stage.astore, lambda _: None))
        entry = template(stage, 1, "c1", lane="b")
        claimed = outbox.Claimed(id=entry.id, partition=3, attempt=9, tries=0, slows=0, drops=0, entry=entry)
        await sends.send(claimed, stage.channel, time.monotonic())
        assert tokens._blocks[stage.channel.key].left == left + 1 and not stage.provider.asked

    scene(play)
