"""transitions as it is used here: one shared machine, a cursor without a model, callables only."""

from __future__ import annotations

import pytest

from flowbot.engine.machine import LIFE, Cursor, build, go
from flowbot.steps.target import Route, Target


class Judge:
    def __init__(self, holds: bool) -> None:
        self.holds = holds
        self.noted: list[str] = []

    def when(self, condition: object) -> bool:
        return self.holds

    def fell_back(self, trigger: str) -> None:
        self.noted.append(trigger)


A, B, END = Target(kind="step", name="a"), Target(kind="step", name="b"), Target(kind="fail", name="x")
ROUTES = {
    "a": {"state": (Route(target=B, when=lambda scope: True), Route(target=END, fallback=True))},
    "b": {"done": (Route(target=END),)},
}


def test_ways_are_tried_in_order_and_the_fallback_is_noted() -> None:
    """R047, R048; and an outcome may be called `state`."""
    machine = build(ROUTES, "a", {})
    for holds, state, noted in ((True, "b", []), (False, "@fail x", ["state"])):
        judge = Judge(holds)
        cursor = Cursor("a", judge)
        assert go(machine, cursor, "state") and cursor.state == state and judge.noted == noted


def test_contacts_share_a_machine_and_leave_no_trace_in_it() -> None:
    machine = build(ROUTES, "a", {"anytime:exit": END})
    cursors = [Cursor("a", Judge(True)) for _ in range(50)]
    assert all(go(machine, cursor, "state") for cursor in cursors)
    assert all(go(machine, cursor, "anytime:exit") for cursor in cursors)
    assert machine.models == [] and {cursor.state for cursor in cursors} == {"@fail x"}


@pytest.mark.parametrize("trigger", ["nonsense", "done"])
def test_what_a_state_does_not_know_leaves_it_where_it_is(trigger: str) -> None:
    cursor = Cursor("a", Judge(True))
    assert not go(build(ROUTES, "a", {}), cursor, trigger) and cursor.state == "a"


@pytest.mark.parametrize("end", ["succeed", "fail", "expire", "cancel"])
def test_an_ended_process_stays_ended(end: str) -> None:
    cursor = Cursor("open")
    assert go(LIFE, cursor, end)
    ended = cursor.state
    assert not any(go(LIFE, cursor, other) for other in ("succeed", "fail", "expire", "cancel", "park", "start"))
    assert cursor.state == ended
