"""One-time codes in the store, on a single node and on a cluster, with the clock in our hands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowbot.model.project import CodeRules
from flowbot.store import codes, keys
from flowbot.store.call import command

T = 1_763_730_000_000
MINUTE = 60_000
RULES = CodeRules(per_prefix=5, per_day=6)


class Limits:
    def __init__(self, store):
        self.store = store
        self.now = T
        self.calls = 0

    def ask(self, number="a", prefix="573001", account="acme", rules=RULES, call=None):
        self.calls += 1
        name = call or f"ca_3_{self.calls}"
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
    assert [limits.ask(call="ca_3_x") for _ in range(3)] == ["ok", "ok", "ok"]
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
