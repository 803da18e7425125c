"""R036: starts of a flow counted in the store, on one server and on a cluster; the same rule as the engine's own."""

from __future__ import annotations

import random

import pytest

from flowbot.engine.attempts import has_place
from flowbot.model.attempt import Attempt, Attempts
from flowbot.store import attempts, keys
from flowbot.store.call import command

T = 1_763_730_000_000
DAY = 86_400_000


def asked(name: str, at: int, limits: Attempts, counted: str = "x") -> Attempt:
    return Attempt(counted=counted, name=name, at=at, day=at - at % DAY, month=at - at % (30 * DAY), limits=limits)


@pytest.mark.parametrize(
    "limits", [Attempts(per_day=2), Attempts(per_month=4), Attempts(per_day=2, per_month=5), Attempts(ever=6)]
)
def test_it_decides_as_the_engine_does(any_store, limits):
    """A hundred starts at times drawn by lot, in order: each is allowed by both, or by none."""
    draw = random.Random(7)
    at, taken = T, []
    for number in range(100):
        at += draw.randrange(DAY // 2)
        one = asked(f"n{number}", at, limits)
        expected = has_place(one, taken)
        assert any_store.run(attempts.look(one)) == expected
        assert any_store.run(attempts.take(one)) == expected
        taken += [at] if expected else []


def test_who_asks_again_has_the_place_and_takes_no_second_one(any_store):
    limits = Attempts(ever=1)
    first = asked("a", T, limits)
    assert [any_store.run(attempts.take(first)) for _ in range(3)] == [True, True, True]
    assert not any_store.run(attempts.take(asked("b", T, limits)))
    assert any_store.run(command("ZCARD", keys.starts("x"), read=int)) == 1


def test_others_have_their_own(any_store):
    limits = Attempts(ever=1)
    assert any_store.run(attempts.take(asked("a", T, limits)))
    assert any_store.run(attempts.take(asked("a", T, limits, counted="y")))


def test_a_look_takes_nothing(any_store):
    one = asked("a", T, Attempts(ever=1))
    assert all(any_store.run(attempts.look(one)) for _ in range(3))
    assert not any_store.run(command("EXISTS", keys.starts("x"), read=int))


def test_what_no_limit_looks_at_any_more_is_forgotten(any_store):
    monthly = Attempts(per_day=5, per_month=9)
    for number in range(3):
        any_store.run(attempts.take(asked(f"n{number}", T + number * 31 * DAY, monthly)))
    assert any_store.run(command("ZCARD", keys.starts("x"), read=int)) == 1
    assert 0 < any_store.run(command("PTTL", keys.starts("x"), read=int)) <= 62 * DAY
    any_store.run(attempts.take(asked("e", T, Attempts(ever=3), counted="y")))
    assert any_store.run(command("PTTL", keys.starts("y"), read=int)) == -1
