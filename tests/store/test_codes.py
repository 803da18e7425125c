"""One-time codes in the store, on a single node and on a cluster, with the clock in our hands."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from flowbot.model import codec
from flowbot.model.code import seal
from flowbot.model.event import from_bytes
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.project import CodeRules
from flowbot.model.queued_call import QueuedCall
from flowbot.store import calls, codes, counters, keys, outbox
from flowbot.store.call import command

T = 1_763_730_000_000
P = 3
MINUTE = 60_000
RULES = CodeRules(per_prefix=5, per_day=6)
KEY = b"k" * 32


class Limits:
    def __init__(self, store):
        self.store = store
        self.now = T
        self.calls = 0

    def ask(self, number="a", prefix="573001", account="acme", rules=RULES, call=None):
        self.calls += 1
        name = call or f"cl_3_{self.calls}"
        found = self.store.run(codes.reserve(account, name, number, prefix, rules, now=self.now))
        return (found.word, found.wait) if found.wait else found.word


@pytest.fixture
def limits(any_store):
    return Limits(any_store)


def test_a_minute_lies_between_two_and_three_fit_into_ten(limits):
    assert limits.ask() == "ok"
    limits.now += MINUTE - 1
    assert limits.ask() == ("soon", 1)
    assert limits.ask("b") == "ok", "another number has its own"
    limits.now += 1
    assert limits.ask() == "ok"
    limits.now += MINUTE
    assert limits.ask() == "ok"
    limits.now += MINUTE
    assert limits.ask() == ("number", 7 * MINUTE)
    limits.now += 7 * MINUTE
    assert limits.ask() == "ok"
    assert limits.ask() == ("soon", MINUTE)


def test_the_same_call_again_has_its_place_already(limits):
    assert [limits.ask(call="cl_3_x") for _ in range(3)] == ["ok", "ok", "ok"]
    for _ in range(2):
        limits.now += MINUTE
        assert limits.ask() == "ok", "the repetitions took no place"


def test_a_day_has_its_most_for_a_block_of_numbers_and_for_the_account(limits):
    tomorrow = codes.DAY - T % codes.DAY
    assert [limits.ask(f"n{n}") for n in range(5)] == ["ok"] * 5
    assert limits.ask("n9") == ("prefix", tomorrow)
    assert limits.ask("n9", prefix="573002") == "ok"
    assert limits.ask("n10", prefix="573003") == ("day", tomorrow)
    assert limits.ask("n10", account="other") == "ok", "accounts know nothing of one another"
    limits.now += tomorrow
    assert limits.ask("n9") == "ok"


def test_an_address_that_lies_in_no_block_counts_for_the_account_alone(limits):
    rules = replace(RULES, per_prefix=1)
    assert [limits.ask(f"m{n}", prefix="", rules=rules) for n in range(6)] == ["ok"] * 6
    assert limits.ask("m9", prefix="", rules=rules)[0] == "day"


def test_limits_are_forgotten_in_time(limits):
    limits.ask()
    day = T // codes.DAY
    names = {keys.codes_to("acme", "a"): 10 * MINUTE, keys.codes_of("acme", day): codes.DAY}
    names[keys.codes_of("acme", day, "573001")] = codes.DAY
    for name, most in names.items():
        assert 0 < limits.store.run(command("PTTL", name, read=int)) <= most + 60 * MINUTE


class Desk:
    """Codes of one contact; each issue and each check is a call of its own."""

    def __init__(self, store):
        self.store = store
        self.now = T
        self.calls = 0

    def call(self, kind="code.check"):
        self.calls += 1
        where = {"account": "acme", "channel": "main", "contact_id": "c1", "step": "code", "visit": 4}
        found = QueuedCall(id=f"cl_{P}_{self.calls}", kind=kind, at=self.now, until=self.now + MINUTE, **where)
        self.store.run(command("HSET", keys.call_records(P), found.id, codec.encode(found), read=int))
        self.store.run(command("ZADD", keys.calls(P), self.now, found.id, read=int))
        return found

    def issue(self, code="123456", *, held=False, call=None, attempts=3):
        call = call or self.call("code.issue")
        entry = OutboxEntry(
            id=f"ms_{P}_{call.id[5:]}",
            account="acme",
            channel="main",
            contact_id="c1",
            to="573001112233",
            outbound=Outbound(text=f"{code} is your code"),
            policy="fail",
            scrub=True,
        )
        return self.store.run(
            codes.issue(
                call,
                "n",
                seal(KEY, code, "c1", "p1"),
                valid_for=10 * MINUTE,
                attempts=attempts,
                flow="identity",
                message=None if held else entry,
                now=self.now,
            )
        )

    def checking(self, code, *, bound=("c1", "p1"), attempts=3):
        sealed = seal(KEY, code, *bound)
        return codes.check(self.call(), "n", sealed, attempts=attempts, flow="identity", now=self.now)

    def check(self, code, **more):
        return self.store.run(self.checking(code, **more))

    def answers(self):
        found = self.store.run(command("XRANGE", keys.inbox(P, "acme"), "-", "+", read=list))
        return [from_bytes(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"]) for _, fields in found]

    def left(self):
        """What is kept of the code."""
        return self.store.run(command("HGETALL", keys.code(P, "c1", "n"), read=list))


@pytest.fixture
def desk(any_store):
    return Desk(any_store)


def test_a_code_is_sealed_and_sent_in_one_and_used_once(desk):
    assert desk.issue() == "sent"
    (claimed,) = desk.store.run(outbox.claim(P, "r", "acme/main", tokens=9)).claimed
    assert claimed.entry.outbound.text == "123456 is your code" and claimed.entry.scrub
    assert b"123456" not in b"".join(desk.left()), "only the seal is kept"
    assert desk.check("123456") == "verified"
    assert desk.left() == []
    assert desk.check("123456") == "expired", "it was used up"
    assert [(one.kind, one.outcome, one.visit) for one in desk.answers()] == [
        ("code.issue", "sent", 4),
        ("code.check", "verified", 4),
        ("code.check", "expired", 4),
    ]
    assert desk.store.run(command("ZCARD", keys.calls(P), read=int)) == 0
    assert desk.store.run(counters.read(P)) == {
        "code.sent:identity": 1,
        "code.verified:identity": 1,
        "code.expired:identity": 1,
    }


def test_wrong_ones_cost_tries_and_then_it_is_locked_even_for_the_right_one(desk):
    desk.issue()
    assert [desk.check(code) for code in ("000000", "111111", "222222", "123456")] == [
        *("wrong", "wrong", "locked", "locked")
    ]
    assert [one.result.get("left") for one in desk.answers()[1:]] == [2, 1, 0, 0]
    assert [one.outcome for one in desk.answers()[3:]] == ["rejected", "rejected"]
    assert desk.issue("654321") == "locked", "another code would give new tries"
    desk.now += 10 * MINUTE
    assert desk.issue("654321") == "sent" and desk.check("654321") == "verified"


def test_a_new_code_takes_the_place_of_the_old_and_its_wrong_tries_count_on(desk):
    desk.issue("111111")
    assert desk.check("999999") == "wrong"
    assert desk.issue("222222") == "sent"
    assert desk.check("111111") == "wrong", "only the new one counts"
    assert desk.check("222222") == "verified"


def test_it_is_bound_to_the_chat_and_the_process_that_asked(desk):
    desk.issue()
    assert desk.check("123456", bound=("c1", "p2")) == "wrong"
    assert desk.check("123456", bound=("c2", "p1")) == "wrong"
    assert desk.check("123456") == "verified"


def test_it_ends(desk):
    desk.issue()
    call = desk.call()
    assert desk.store.run(codes.valid_until(call, "n")) == T + 10 * MINUTE
    assert 0 < desk.store.run(command("PTTL", keys.code(P, "c1", "n"), read=int)) <= 10 * MINUTE
    desk.now += 10 * MINUTE
    assert desk.check("123456") == "expired"
    assert desk.store.run(codes.valid_until(call, "other")) == 0


def test_what_somebody_else_sends_is_held_and_a_repetition_is_told(desk):
    call = desk.call("code.issue")
    assert desk.issue(held=True, call=call) == "held"
    assert desk.answers() == [] and desk.issue("654321", held=True, call=call) == "again"
    assert desk.check("123456") == "verified", "the one that was sent still counts"


def test_a_call_that_nobody_waits_for_changes_nothing(desk):
    desk.issue()
    issue, check = desk.call("code.issue"), desk.call()
    for call in (issue, check):
        desk.store.run(calls.drop(P, call.id))
    assert desk.issue("654321", call=issue) == "gone"
    sealed = seal(KEY, "000000", "c1", "p1")
    assert desk.store.run(codes.check(check, "n", sealed, attempts=3, flow="identity", now=T)) == "gone"
    assert desk.check("123456") == "verified" and len(desk.answers()) == 2


def test_of_fifty_checks_at_once_exactly_one_verifies(desk, in_loop):
    desk.issue(attempts=10)
    wanted = [desk.checking("123456", attempts=10) for _ in range(50)]

    async def race(store):
        return await asyncio.gather(*(store.run(call) for call in wanted))

    words = in_loop(race)
    assert sorted(words) == ["expired"] * 49 + ["verified"]
    assert [one.outcome for one in desk.answers()].count("verified") == 1


def test_fifty_guesses_at_once_have_no_more_tries_than_one_after_another(desk, in_loop):
    desk.issue(attempts=5)
    guesses = [desk.checking(f"{number:06}", attempts=5) for number in range(50)]

    async def race(store):
        return await asyncio.gather(*(store.run(call) for call in guesses))

    assert sorted(in_loop(race)) == ["locked"] * 46 + ["wrong"] * 4
    assert desk.check("123456") == "locked"
