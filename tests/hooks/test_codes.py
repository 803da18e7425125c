"""One-time codes, made and compared by the hooks process: from the call to the message and to the verdict."""

import json
import logging
import re
import time

import pytest

from flowbot.delivery.links import CONFIRM, Links
from flowbot.model import codec, ids
from flowbot.model.code import MARK
from flowbot.model.contact import Identity
from flowbot.model.integration import Action, Integration
from flowbot.model.outbound import Outbound
from flowbot.model.project import Account, Channel, CodeRules, Project
from flowbot.model.template import Filled, Parameter
from flowbot.store import codes, counters, history, identity, keys, outbox
from flowbot.store.call import command

from .asking import Asking, P

BODY = {
    "verify": "otp",
    "channel": "whatsapp",
    "flow": "identity",
    "place": "n",
    "bound": ["acme", "main", "c1", "p1", "identity", "code"],
    "attempts": 3,
    "skew": 0,
}
ISSUE = {**BODY, "to": "573001112233", "again": False, "length": 6, "valid_for": 600_000}
TEMPLATE = Filled(name="login_code", language="en", body=(Parameter(name="code", value=MARK),))
MESSAGE = Outbound(text=f"*{MARK}* is your code", template=TEMPLATE, kind="template")


class Codes(Asking):
    asked = 0

    async def next(self, kind, **body):
        Codes.asked += 1
        before = len(self.answers())
        await self.ask(f"n{Codes.asked}", kind=kind, **body)
        return (await self.answered(before + 1))[-1]

    async def issue(self, **more):
        return await self.next("code.issue", **{**ISSUE, "outbound": codec.to_plain(MESSAGE), **more})

    async def check(self, code, **more):
        return await self.next("code.check", **{**BODY, "code": code, **more})

    def message(self):
        """What is in the outbox, as its sender gets it."""
        (claimed,) = self.stage.store.run(outbox.claim(P, "r", "acme/main", tokens=9)).claimed
        return claimed

    def sent(self, claimed):
        return self.stage.store.run(outbox.record(claimed.id, claimed.attempt, "sent", provider_id="w1"))

    def everything(self):
        """All that the store keeps in the partition, as bytes."""
        run = self.stage.store.run
        names = [keys.inbox(P, "acme"), keys.code(P, "c1", "n"), keys.call_records(P), keys.counters(P), keys.calls(P)]
        dumped = [run(command("DUMP", name, read=lambda reply: reply or b"")) for name in names]
        return b"".join(dumped)


@pytest.fixture
def desk(scene):
    def run(play, rules=None, key=b"k" * 32, links=None):
        async def all_of_it(stage):
            stage.rules = rules or CodeRules()
            if links:
                await stage.halt()
                stage.more = {"links": links}
                stage.start()
            await play(Codes(stage))

        scene(all_of_it, key=key)

    return run


def test_a_code_is_made_sent_used_once_and_scrubbed(desk, caplog):
    """RELIABILITY 4.1, I13: six digits, sealed, single use; no code in the log, nor in the outbox after the send."""
    caplog.set_level(logging.DEBUG)

    async def play(found):
        answer = await found.issue()
        assert (answer.outcome, answer.result) == ("sent", {"valid_for": 600_000})
        claimed = found.message()
        entry = claimed.entry
        code = entry.outbound.text[1:7]
        assert len(code) == 6 and code.isdigit() and entry.outbound.template.body[0].value == code
        assert entry.scrub and entry.policy == "fail" and entry.purpose == "reply" and entry.to == "573001112233"
        assert 0 < entry.expires_at - entry.created_at <= 600_000
        assert code.encode() not in found.everything()
        found.sent(claimed)
        assert code not in str(found.stage.store.run(outbox.read(claimed.id)))
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        answer = await found.check(wrong)
        assert (answer.outcome, answer.result) == ("wrong", {"left": 2})
        assert (await found.check(code)).outcome == "verified"
        assert (await found.check(code)).outcome == "expired"
        assert not any(code in record.getMessage() + str(record.__dict__) for record in caplog.records)
        counted = found.stage.store.run(counters.read(P))
        assert (counted["code.sent:identity"], counted["code.verified:identity"]) == (1, 1)

    desk(play)


def test_a_code_of_another_process_or_chat_is_a_wrong_one(desk):
    async def play(found):
        await found.issue()
        code = found.message().entry.outbound.text[1:7]
        other = [*BODY["bound"][:3], "p2", *BODY["bound"][4:]]
        assert (await found.check(code, bound=other)).outcome == "wrong"
        assert (await found.check(code)).outcome == "verified"

    desk(play)


def test_two_codes_are_not_alike(desk):
    async def play(found):
        made = set()
        for number in range(4):
            await found.issue(to=f"57300111223{number}", place=f"n{number}", length=10)
            claimed = found.message()
            made.add(claimed.entry.outbound.text[1:11])
            found.sent(claimed)
        assert len(made) == 4 and all(len(one) == 10 for one in made)

    desk(play)


def test_who_comes_back_within_the_minute_has_a_code_already(desk):
    async def play(found):
        await found.issue()
        again = await found.issue()
        assert again.outcome == "kept" and 590_000 < again.result["valid_for"] <= 600_000
        resent = await found.issue(again=True)
        assert resent.outcome == "soon" and 50_000 < resent.result["wait"] <= 60_000
        other = await found.issue(place="other")
        assert other.outcome == "soon", "another process to the same number has none yet, and waits"

    desk(play)


def test_caps_are_errors_and_are_counted(desk, caplog):
    async def play(found):
        await found.issue()
        capped = await found.issue(to="573001112299", place="b")
        assert (capped.outcome, capped.reason) == ("error", "capped")
        elsewhere = await found.issue(to="573990000000", place="c")
        assert elsewhere.outcome == "sent"
        assert found.stage.store.run(counters.read(P))["code.capped:identity"] == 1

    desk(play, rules=CodeRules(per_prefix=1))
    (line,) = [record for record in caplog.records if record.getMessage() == "code.capped"]
    assert line.reason == "prefix" and "57300" not in str(line.__dict__)


def test_after_wrong_ones_it_is_locked_whatever_is_asked_for(desk):
    async def play(found):
        await found.issue()
        words = [(await found.check(f"{number:06}")).outcome for number in range(3)]
        assert words == ["wrong", "wrong", "rejected"]
        found.stage.rules = CodeRules(cooldown=0)
        answer = await found.issue(again=True)
        assert (answer.outcome, answer.reason) == ("rejected", "locked")

    desk(play)


def test_the_clock_of_a_simulated_session_counts(desk):
    async def play(found):
        await found.issue()
        assert (await found.issue(again=True, skew=61_000)).outcome == "sent"
        assert (await found.check("000000", skew=61_000 + 600_000)).outcome == "expired"

    desk(play)


def test_without_a_secret_key_no_code_is_sent(desk, caplog):
    async def play(found):
        answer = await found.issue()
        assert (answer.outcome, answer.reason) == ("error", "no_key")
        assert (await found.check("123456")).reason == "no_key"

    desk(play, key=b"")
    assert any(record.getMessage() == "code.no_key" for record in caplog.records)


def test_the_limits_do_not_tell_whose_number_it_is(desk):
    async def play(found):
        await found.issue()
        names = found.stage.store.run(command("KEYS", "{a:acme}*", read=list))
        assert names and not any(b"3001112233" in name for name in names)
        day = [name for name in names if name.startswith(b"{a:acme}codes:")]
        assert len(day) == 2 and codes.DAY

    desk(play)


SEND = Action(name="send", method="POST", path=lambda values: "/sms", json=lambda values: dict(values), timeout=2000)
BY_SMS = {
    **ISSUE,
    "channel": "sms",
    "integration": "texter.send",
    "values": {"to": "573001112233", "code": MARK, "text": f"*{MARK}* is your code", "language": "en", "minutes": 10},
}


@pytest.fixture
def texter(scene):
    """The same with a service that sends text messages."""

    def run(play, missing=()):
        async def all_of_it(stage):
            base = stage.client.url.partition("/hooks")[0]
            texter = Integration(name="texter", base_url=base, actions={"send": SEND}, missing=missing)
            account = Account(name="acme", integrations={"texter": texter}, codes=CodeRules(cooldown=0))
            stage.project = lambda: Project(accounts={"acme": account}, allow_private_urls=True)
            await play(Codes(stage))

        scene(all_of_it)

    return run


async def by_sms(found, **more):
    return await found.next("code.issue", **{**BY_SMS, **more})


def test_a_text_message_carries_the_code_and_each_one_has_its_own_key(texter, caplog):
    caplog.set_level(logging.DEBUG)

    async def play(found):
        assert (await by_sms(found)).outcome == "sent"
        assert (await by_sms(found, again=True)).outcome == "sent"
        (first, one), (second, two) = found.stage.client.got
        assert first["idempotency-key"] != second["idempotency-key"], "a resend is no repetition"
        code = json.loads(two)["code"]
        assert json.loads(two)["text"] == f"*{code}* is your code" and json.loads(two)["minutes"] == 10
        assert (await found.check(code)).outcome == "verified"
        codes_sent = (json.loads(one)["code"], code)
        assert not any(one in str(record.__dict__) for record in caplog.records for one in codes_sent)

    texter(play)


@pytest.mark.parametrize(("how", "outcome", "reason"), [(500, "error", "status"), ("close", "sent", "")])
def test_what_the_service_may_have_sent_counts_as_sent(texter, how, outcome, reason):
    async def play(found):
        found.stage.client.plan = [how]
        answer = await by_sms(found)
        assert (answer.outcome, answer.reason) == (outcome, reason)

    texter(play)


def test_what_the_service_surely_did_not_take_is_made_and_sent_anew(texter):
    async def play(found):
        found.stage.client.plan = [503]
        answer = await by_sms(found)
        first, second = (json.loads(body)["code"] for _, body in found.stage.client.got)
        assert answer.outcome == "sent" and first != second
        assert (await found.check(second)).outcome == "verified"

    texter(play)


def test_a_service_that_is_off_is_an_error(texter):
    async def play(found):
        assert (await by_sms(found)).reason == "off"
        assert (await by_sms(found, integration="texter.call")).reason == "no_integration"

    texter(play, missing=("TOKEN",))


@pytest.mark.parametrize(("gateway", "shown"), [("simulator", True), ("cloud_api", False)])
def test_the_history_shows_a_code_to_a_simulated_phone_and_to_nobody_else(scene, gateway, shown):
    async def all_of_it(stage):
        channel = Channel(account="acme", name="main", gateway=gateway)
        account = Account(name="acme", channels={"main": channel})
        stage.project = lambda: Project(accounts={"acme": account}, allow_private_urls=True)
        found = Codes(stage)
        await found.issue()
        code = found.message().entry.outbound.text[1:7]
        kept = stage.store.run(history.latest(P, "c1"))
        assert [code.encode() in one.body for one in kept] == ([True] if shown else [])

    scene(all_of_it)


def test_a_link_in_place_of_a_code(desk):
    links = Links(public="https://bot.test", key=b"k")

    async def play(found):
        answer = await found.issue(link="cl_3_open")
        assert answer.outcome == "sent"
        (link,) = re.findall(r"https://bot.test/confirm/([^ *]+)", found.message().entry.outbound.text)
        assert links.call_of(link, time.time() + 590, CONFIRM) == "cl_3_open"
        assert links.call_of(link, time.time() + 610, CONFIRM) == ""

    desk(play, links=links)


def test_without_an_address_of_our_own_no_link_goes_out(desk):
    async def play(found):
        answer = await found.issue(link="cl_3_open")
        assert (answer.outcome, answer.reason) == ("error", "no_key")

    desk(play)


def test_another_number_whose_owner_wants_nothing_gets_no_code(desk):
    async def play(found):
        run, store = found.stage.store.run, found.stage.store
        other = identity.resolve(store, "acme", Identity(number="573009998877"))
        assert (await found.issue(other=True, to="573009998877")).outcome == "sent"
        run(command("SADD", keys.opted_out(ids.partition_of(other, store.partitions), other), "all", read=int))
        answer = await found.issue(other=True, to="573009998877", again=True)
        assert (answer.outcome, answer.reason) == ("error", "opted_out")
        assert (await found.issue(other=True, to="573001110000")).outcome == "sent"  # nobody we know

    desk(play)
