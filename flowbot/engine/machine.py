"""The transitions machines: one per flow version, and a tiny one for a process's own life.

State = step or end, trigger = outcome. A machine has no model of its own: `go` drives it with a cursor, which costs
about ten microseconds and lets every contact share it. Conditions are callables, never strings: transitions would
import a string by its dotted path.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from transitions import Event, EventData, Machine, Transition

from ..steps.target import Route, Target

# It tells of every callback at INFO.
logging.getLogger("transitions").setLevel(logging.WARNING)

# An attribute that no outcome can be called: transitions refuses a trigger of the same name.
_ATTRIBUTE = "_state"


class Judge(Protocol):
    """Who decides whether a condition holds."""

    def when(self, condition: Callable[[Mapping[str, Any]], Any]) -> bool: ...
    def fell_back(self, trigger: str) -> None: ...


class Cursor:
    """Where a process stands while a turn moves it."""

    __slots__ = ("_state", "judge")

    def __init__(self, state: str, judge: Judge | None = None) -> None:
        self._state = state
        self.judge = judge

    @property
    def state(self) -> str:
        return self._state


def go(machine: Machine, cursor: Cursor, trigger: str) -> bool:
    """Move the cursor along; False when the state knows no such trigger, or none of its conditions holds."""
    event = machine.events.get(trigger)
    return event is not None and bool(event.trigger(cursor))


def build(routes: Mapping[str, Mapping[str, tuple[Route, ...]]], first: str, anytime: Mapping[str, Target]) -> Machine:
    """The machine of a flow: `routes` are each step's triggers with their ways, in order."""
    targets = [way.target for triggers in routes.values() for ways in triggers.values() for way in ways]
    machine = _machine([*routes, *ends([*targets, *anytime.values()])], first)
    for step, triggers in routes.items():
        for trigger, ways in triggers.items():
            for way in ways:
                machine.add_way(trigger, step, way)
    for trigger, target in anytime.items():
        machine.add_transition(trigger, list(routes), target.state)
    return machine


def ends(targets: Iterable[Target]) -> dict[str, Target]:
    """The states that are not steps."""
    return {target.state: target for target in targets if target.kind != "step"}


def _condition(when: Callable[[Mapping[str, Any]], Any]) -> Callable[[EventData], bool]:
    return lambda event: _judge(event).when(when)


def _note(trigger: str) -> Callable[[EventData], None]:
    return lambda event: _judge(event).fell_back(trigger)


def _judge(event: EventData) -> Judge:
    judge: Judge = event.model.judge  # type: ignore[attr-defined]
    return judge


class _Way(Transition):
    """A transition with what we use of it: conditions, what is called after it, and after any."""

    def execute(self, event_data: EventData) -> bool:
        if self.conditions and not self._eval_conditions(event_data):
            return False
        setattr(event_data.model, _ATTRIBUTE, self.dest)
        machine = event_data.machine
        if self.after:
            machine.callbacks(self.after, event_data)
        if machine.after_state_change:  # who watches for what transcripts reach
            event_data.transition = self
            machine.callbacks(machine.after_state_change, event_data)
        return True


class _Trigger(Event):
    """A trigger that tries its transitions in order, and nothing more: three quarters of the time went to hooks of the
    machine, of its states and its logger that nobody uses.
    """

    def trigger(self, model: object, *args: Any, **kwargs: Any) -> bool:
        ways = self.transitions.get(getattr(model, _ATTRIBUTE))
        if not ways:
            return False
        data = EventData(None, self, self.machine, model, args, kwargs)
        return ways[0].execute(data) or any(way.execute(data) for way in ways[1:])


class _Machine(Machine):
    transition_cls = _Way
    event_cls = _Trigger

    def add_way(self, trigger: str, step: str, way: Route) -> None:
        """`add_transition` of one that has its place and its states already, in a third of the time."""
        if trigger not in self.events:
            self.add_transition(trigger, [], None)  # none yet, but it says what cannot be a trigger
        conditions: Any = [_condition(way.when)] if way.when is not None else None
        after: Any = [_note(trigger)] if way.fallback else None
        self.events[trigger].add_transition(_Way(step, way.target.state, conditions=conditions, after=after))


def _machine(states: list[str], first: str) -> _Machine:
    return _Machine(
        model=None,
        states=states,
        initial=first,
        auto_transitions=False,
        send_event=True,
        model_attribute=_ATTRIBUTE,
    )


def _life() -> Machine:
    """invited, open, parked, handed_off; then succeeded, failed, expired or canceled."""
    machine = _machine(
        ["invited", "open", "parked", "handed_off", "succeeded", "failed", "expired", "canceled"], "open"
    )
    running: list[Any] = ["invited", "open", "parked", "handed_off"]
    machine.add_transition("start", "invited", "open")
    machine.add_transition("park", "open", "parked")
    machine.add_transition("resume", running[2:], "open")
    machine.add_transition("hand_off", "open", "handed_off")
    machine.add_transition("succeed", running[1:], "succeeded")
    machine.add_transition("fail", running, "failed")
    machine.add_transition("expire", running, "expired")
    machine.add_transition("cancel", running, "canceled")
    return machine


LIFE = _life()
