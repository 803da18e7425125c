"""What of a flow its transcripts reach: its steps, and what its author wrote about where they lead.

An outcome that nobody wrote, such as a question's own expiry, is alike everywhere and does not count. What is written
once for many steps (`defaults: {retry: {then: …}}`) counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.flow import Flow, Step
from ..engine.graph.labels import label, possible
from ..model.duration import format_duration
from ..model.problem import Path, Source
from ..steps.target import Route
from .watch import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A step, or one of its outcomes."""

    step: str  # "" for a word understood at every step, or what is written once for many
    outcome: str = ""  # "" for the step itself
    line: int = 0
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One flow's goals, in the order of the file."""

    flow: str
    file: str
    goals: tuple[Goal, ...]

    @property
    def reached(self) -> int:
        return sum(goal.reached for goal in self.goals)

    @property
    def missed(self) -> tuple[Goal, ...]:
        """Steps and outcomes never reached; of a step never reached, the step alone."""
        unseen = {goal.step for goal in self.goals if not goal.outcome and not goal.reached}
        return tuple(goal for goal in self.goals if not goal.reached and (not goal.outcome or goal.step not in unseen))


def coverage(flow: Flow, source: Source, trail: Trail) -> Coverage:
    """Hold what a trail has of a flow against all that the flow has."""
    goals = [goal for step in flow.steps.values() for goal in _step(flow, step, source, trail)]
    goals += _shared(flow, source, trail)
    goals += _anytime(flow, source, trail)
    goals.sort(key=lambda goal: goal.line)
    return Coverage(flow=flow.id, file=source.file, goals=tuple(goals))


def percent(found: Iterable[Coverage]) -> float:
    """
    >>> percent([])
    100.0
    """
    found = list(found)
    every = sum(len(one.goals) for one in found)
    return 100 * sum(one.reached for one in found) / every if every else 100.0


def as_data(found: Iterable[Coverage]) -> dict[str, Any]:
    """What `--json` shows."""
    found = list(found)
    flows = [
        {
            "flow": one.flow,
            "file": one.file,
            "reached": one.reached,
            "of": len(one.goals),
            "missed": [{"step": goal.step, "outcome": goal.outcome, "line": goal.line} for goal in one.missed],
        }
        for one in found
    ]
    return {"percent": round(percent(found), 1), "flows": flows}


def _step(flow: Flow, step: Step, source: Source, trail: Trail) -> Iterator[Goal]:
    home: Path = ("steps", step.id)
    yield Goal(step=step.id, line=source.at(home)[0], reached=(flow.id, step.id) in trail.steps)
    for trigger, number, place in _written(step, source):
        if place[:2] == home:
            taken = (flow.id, step.id, trigger, number) in trail.ways
            yield Goal(step=step.id, outcome=_named(step, trigger, number), line=source.at(place)[0], reached=taken)
    for kind, word, place in _asides(step):
        heard = (flow.id, step.id, kind, word) in trail.words
        shown = format_duration(step.timeouts[int(word)].after) if kind == "timeout" else word
        yield Goal(step=step.id, outcome=f"{kind} {shown}", line=source.at(place)[0], reached=heard)


def _shared(flow: Flow, source: Source, trail: Trail) -> Iterator[Goal]:
    """What is written once, outside the steps: reached when any step takes it."""
    found: dict[Path, bool] = {}
    for step in flow.steps.values():
        for trigger, number, place in _written(step, source):
            if place[:1] == ("defaults",):
                found[place] = found.get(place, False) or (flow.id, step.id, trigger, number) in trail.ways
    for place, reached in found.items():
        yield Goal(step="", outcome=".".join(map(str, place)), line=source.at(place)[0], reached=reached)


def _anytime(flow: Flow, source: Source, trail: Trail) -> Iterator[Goal]:
    led = {(id, trigger) for id, _, trigger, _ in trail.ways}
    for word, one in flow.anytime.items():
        heard = (flow.id, one.trigger) in led if one.trigger else (flow.id, "anytime", word) in trail.words
        yield Goal(step="", outcome=f"anytime {word}", line=source.at(("anytime", word))[0], reached=heard)


def _written(step: Step, source: Source) -> Iterator[tuple[str, int, Path]]:
    """The ways that its author wrote or that happen by themselves, with their places.

    A step that is left in one way only has none: it was left when it was reached.
    """
    ways = [(trigger, number, way) for trigger, found in step.routes.items() for number, way in enumerate(found)]
    if len(ways) == 1 and (step.main is None or step.main.role != "wait"):
        return
    for trigger, number, way in ways:
        place = _place(step, trigger, way, source)
        if place is not None:
            yield trigger, number, place


def _asides(step: Step) -> Iterator[tuple[str, str, Path]]:
    """What is said beside the open question, which stays open."""
    home: Path = ("steps", step.id)
    for number, timeout in enumerate(step.timeouts):
        if timeout.say and not timeout.trigger:
            yield "timeout", str(number), (*home, "timeout", number)
    for word in getattr(step.main, "commands", ()):
        if f"command:{word}" not in step.routes:
            yield "command", word, (*home, "commands", word)


def _place(step: Step, trigger: str, route: Route, source: Source) -> Path | None:
    """Where a way is written; None for one that nobody wrote or that cannot happen."""
    if not possible(step, trigger, route) or route.fallback:
        return None
    home: Path = ("steps", step.id)
    place = route.target.path
    if trigger == "skipped":
        return (*home, "when")
    if place[:1] == ("defaults",) or (len(step.routes[trigger]) > 1 and place):
        return place
    found = _own(home, trigger, source)
    if found is None and step.main is not None and trigger in step.main.bad and not place:
        return None
    return found or place or home


def _own(home: Path, trigger: str, source: Source) -> Path | None:
    """The line that names the outcome itself."""
    for key in ("next", "choices", "split"):
        if (*home, key, trigger) in source.keys:
            return (*home, key, trigger)
    choices = source.data["steps"][home[-1]].get("choices")
    for number, one in enumerate(choices if isinstance(choices, list) else ()):
        if trigger in (one, one.get("id") if isinstance(one, Mapping) else None):
            return (*home, "choices", number)
    return None


def _named(step: Step, trigger: str, number: int) -> str:
    """The outcome as its author knows it: `timeout 1h`, or with the condition of its way."""
    kind, _, rest = trigger.partition(":")
    if kind == "timeout":
        return f"timeout {label(step, trigger, number)}"
    if kind == "validate":
        return label(step, trigger, number)
    word = f"{kind} {rest}".rstrip()
    ways = step.routes[trigger]
    if len(ways) == 1:
        return word
    condition = str(getattr(ways[number].when, "source", "")).strip()
    return f"{word}: {condition or 'else'}"
