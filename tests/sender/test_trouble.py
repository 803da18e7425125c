"""What a provider may do to a send, and what becomes of it: never twice when it may have been taken and a status tells,
never lost when it was not."""

import asyncio

import pytest

from flowbot.model.inbound import Receipt
from flowbot.store import hooks, receipts


def times_taken(stage, number):
    return sum(name == f"ms_3_{number}" for name, _, _ in stage.provider.accepted)


def times_asked(stage, number):
    return sum(name == f"ms_3_{number}" for name, _ in stage.provider.asked)


@pytest.mark.parametrize("how", ["closes", "hangs", "bare 500", "garbage"])
def test_taken_without_an_answer_and_a_status_comes(scene, how):
    async def play(stage):
        stage.provider.plan["+573001"] = [how]
        await stage.push(stage.entry(1), stage.entry(2))
        await stage.until(lambda: times_taken(stage, 1))
        receipt = Receipt(provider_id="wamid.x", status="delivered", our_id="ms_3_1", at=5)
        stage.store.run(receipts.apply("acme/main", "ms_3_1", receipt))
        await stage.settled(1, "sent")
        await stage.settled(2, "sent")
        await asyncio.sleep(0.3)
        assert times_taken(stage, 1) == 1
        assert (await stage.record(1))["delivered_at"] == "5"

    scene(play)


@pytest.mark.parametrize("how", ["closes", "garbage", "nothing"])
def test_no_answer_and_no_status_a_reply_is_sent_again_in_order(scene, how):
    async def play(stage):
        stage.provider.plan["+573001"] = [how]
        await stage.push(stage.entry(1), stage.entry(2))
        await stage.settled(2, "sent")
        assert await stage.state(1) == "sent"
        assert times_asked(stage, 1) == 2
        assert [name for name, _ in stage.provider.asked] == ["ms_3_1", "ms_3_1", "ms_3_2"]
        words = [word.split("@")[0] for word in (await stage.record(1))["log"].split()]
        assert words == ["sending", "unknown", "queued", "sending", "sent"]

    scene(play)


def test_no_answer_and_no_status_a_code_is_never_sent_again(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = ["closes"]
        await stage.push(stage.entry("code", policy="fail", scrub=True), stage.entry("next"))
        await stage.settled("next", "sent")
        await stage.settled("code", "failed")
        await asyncio.sleep(0.2)
        assert times_asked(stage, "code") == 1
        record = await stage.record("code")
        assert record["code"] == "unknown" and "body" not in record
        stage.store.run(
            receipts.apply("acme/main", "ms_3_code", Receipt(provider_id="w", status="delivered", our_id="ms_3_code"))
        )
        assert await stage.state("code") == "sent"  # a late success wins

    scene(play)


def test_who_never_answers_gets_a_few_and_then_it_has_failed(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = ["nothing"] * 99
        await stage.push(stage.entry(1))
        await stage.settled(1, "failed", 15)
        assert times_asked(stage, 1) == 2

    from dataclasses import replace

    scene(play, timing=replace(scene.quick, attempts=2))


def test_a_refusal_is_final_and_says_why(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = [("error", 400, 131009)]
        await stage.push(stage.entry(1, process_id="pr_3_x"), stage.entry(2))
        await stage.settled(1, "failed")
        await stage.settled(2, "sent")
        record = await stage.record(1)
        assert record["code"] == "131009" and record["error"]
        (hook,) = stage.store.run(hooks.read(3))
        assert hook.type == "message.failed" and b'"process_id":"pr_3_x"' in hook.body

    scene(play)


def test_a_throttle_is_no_failure_and_pauses_the_channel(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = [("error", 400, 130429)]
        await stage.push(stage.entry(1))
        await stage.until(lambda: times_asked(stage, 1) == 1)
        await asyncio.sleep(0.05)
        await stage.push(stage.entry(2, "c2"))
        await asyncio.sleep(0.6)
        assert not stage.provider.accepted
        await stage.settled(1, "sent")
        await stage.settled(2, "sent")
        assert (await stage.record(1))["slows"] == "1"

    scene(play)


def test_a_pair_throttle_pauses_that_contact_only(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = [("error", 400, 131056)]
        await stage.push(stage.entry(1), stage.entry("bulk", lane="b"))
        await stage.until(lambda: times_asked(stage, 1) == 1)
        await asyncio.sleep(0.05)
        await stage.push(stage.entry(2, "c2"))
        await stage.settled(2, "sent", 0.5)
        assert await stage.state(1) == "queued"
        await stage.settled(1, "sent")
        await stage.settled("bulk", "sent")
        first, again = (at for name, at in stage.provider.asked if name == "ms_3_1")
        assert 0.95 < again - first < 1.5

    scene(play)


def test_passing_trouble_is_tried_again(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = [("error", 500, 131000)]
        await stage.push(stage.entry(1))
        await stage.settled(1, "sent")
        assert (await stage.record(1))["tries"] == "1" and times_asked(stage, 1) == 2

    scene(play)


def test_a_bad_token_holds_the_channel_and_says_so_loudly(scene, caplog):
    async def play(stage):
        stage.provider.plan["+573001"] = [("error", 401, 190)]
        await stage.push(stage.entry(1))
        await stage.until(lambda: times_asked(stage, 1) == 1)
        await asyncio.sleep(0.1)
        await stage.push(stage.entry(2, "c2"))
        await asyncio.sleep(0.5)
        assert not stage.provider.accepted
        assert await stage.state(1) == "queued"
        assert [r.levelname for r in caplog.records if r.message == "channel.held"] == ["CRITICAL"]

    scene(play)


def test_nobody_listens(scene):
    async def play(stage):
        url = stage.provider.url
        stage.set_channel(base_url="http://127.0.0.1:1")
        await stage.push(stage.entry(1))

        async def waits_again():
            kept = await stage.record(1)
            return kept.get("error") == "connect" and kept["state"] == "queued"

        await stage.until(waits_again)
        stage.set_channel(base_url=url)
        await stage.settled(1, "sent")
        assert times_asked(stage, 1) == 1

    scene(play)


def test_a_private_base_url_must_be_allowed(scene):
    async def play(stage):
        stage.allow_private(False)
        await stage.push(stage.entry(1))
        await stage.settled(1, "failed")
        assert (await stage.record(1))["code"] == "address_forbidden" and not stage.provider.asked

    scene(play)


def test_a_status_that_knows_only_the_providers_id(scene):
    """R062"""

    async def play(stage):
        early = Receipt(provider_id="wamid.1", status="read", at=9)
        assert receipts.settle(stage.store, "acme/main", [early]) == ["parked"]
        await stage.push(stage.entry(1))
        await stage.settled(1, "sent")

        async def read():
            return (await stage.record(1)).get("read_at") == "9"

        await stage.until(read)
        late = Receipt(provider_id="wamid.1", status="delivered", at=8)
        assert receipts.settle(stage.store, "acme/main", [late]) == ["sent"]

    scene(play)


def test_a_status_before_our_own_answer_is_stored(scene):
    async def play(stage):
        stage.provider.plan["+573001"] = [0.4]
        await stage.push(stage.entry(1), stage.entry(2))
        await stage.until(lambda: times_asked(stage, 1))
        receipt = Receipt(provider_id="wamid.1", status="failed", our_id="ms_3_1", errors=({"code": 131047},))
        stage.store.run(receipts.apply("acme/main", "ms_3_1", receipt))
        await stage.settled(2, "sent")
        assert await stage.state(1) == "failed"
        assert times_taken(stage, 1) == 1

    scene(play)
