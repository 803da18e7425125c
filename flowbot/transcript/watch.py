"""Where transcripts go in a flow: the machines themselves tell it.

The flows watched are copies, so that no other user of the library pays for it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..engine.compiler import from_bundle
from ..engine.flow import Flow
from ..library.library import Library
from ..model.effect import RecordTrace


@dataclass(slots=True)
class Trail:
    """What was reached so far."""

    steps: set[tuple[str, str]] = field(default_factory=set)  # flow, step
    ways: set[tuple[str, str, str, int]] = field(default_factory=set)  # flow, step, trigger, which of its ways
    words: set[tuple[str, ...]] = field(default_factory=set)  # said beside the flow: anytime, command, timeout
    firsts: dict[str, str] = field(default_factory=dict)  # each flow's first step

    def follow(self, traces: Iterable[RecordTrace]) -> None:
        """Read what the engine recorded of one conversation.

        What is said beside a flow counts for every flow of the conversation that has such a step or word.
        """
        flows: set[str] = set()
        for one in traces:
            entered = str(one.facts["flow"]) if one.what == "started" else one.detail if one.what == "entered" else ""
            if entered in self.firsts:
                flows.add(entered)
                self.steps.add((entered, self.firsts[entered]))
            if one.what == "anytime":
                self.words |= {(flow, "anytime", one.detail) for flow in flows}
            elif one.what in ("command", "timeout"):
                self.words |= {(flow, one.step, one.what, one.detail) for flow in flows}


def watched(library: Library) -> tuple[Library, Trail]:
    """The same library with flows that write into the trail."""
    trail = Trail(firsts={id: flow.first for id, flow in library.flows.items()})
    twin = copy.copy(library)
    twin.flows = {id: _copy(flow, trail) for id, flow in library.flows.items()}
    return twin, trail


def _copy(flow: Flow, trail: Trail) -> Flow:
    twin = from_bundle(flow.bundle())
    twin.machine.after_state_change = [_note(twin, trail)]
    return twin


def _note(flow: Flow, trail: Trail) -> Callable[[Any], None]:
    def note(moved: Any) -> None:
        way, trigger = moved.transition, moved.event.name
        trail.steps.add((flow.id, way.source))
        if way.dest in flow.steps:
            trail.steps.add((flow.id, way.dest))
        ways = flow.machine.events[trigger].transitions[way.source]
        number = next(number for number, one in enumerate(ways) if one is way)
        trail.ways.add((flow.id, way.source, trigger, number))

    return note
