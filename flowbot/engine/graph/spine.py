"""A flow as a spine: its steps from the top down in the order of the file, and where each of their outcomes leads.

The picture is data first; svg, mermaid, dot and text write it down, and each shows every way once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...model.duration import format_duration
from ...steps.ask import Ask
from ...steps.target import Target
from ..flow import Flow, Step
from .labels import is_quiet, join, label, possible

DECLINED = "declined_to_continue"  # the reason of who answers a re-engagement with no
TONES = {"succeed": "good", "fail": "bad", "expire": "late", "jump": "jump", "back": "back"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step."""

    id: str
    kind: str  # the verb that waits, branches or ends; of a step that only acts, the first
    tone: str  # good, bad, jump for an end; act, wait, route else
    title: str = ""
    note: str = ""
    condition: str = ""  # its `when`
    detail: str = ""  # what it expects


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where some of a step's outcomes lead, all to the same place."""

    source: int  # row; -1 for what is understood at every step
    shape: str  # below, ahead, back, again (the same step), end
    name: str  # the step it leads to, or the reason, or the other flow
    tone: str  # step, or good, bad, late, jump, back
    outcomes: tuple[str, ...]
    label: str = ""
    target: int = -1  # row; -1 when it ends there
    quiet: bool = False  # only by silence or wrong answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    id: str
    title: str
    starts: tuple[str, ...]  # how it begins, as a person would say it
    rows: tuple[Row, ...]
    ways: tuple[Way, ...]  # by row, in the order in which they were written
    anytime: tuple[Way, ...]

    def by_row(self) -> list[list[Way]]:
        """The ways that leave each row."""
        found: list[list[Way]] = [[] for _ in self.rows]
        for way in self.ways:
            found[way.source].append(way)
        return found


def spine_of(flow: Flow) -> Spine:
    """The picture of a compiled flow, as data."""
    index = {id: number for number, id in enumerate(flow.steps)}
    rows = tuple(_row(step) for step in flow.steps.values())
    ways = [way for step in flow.steps.values() for way in _ways(step, index, rows)]
    return Spine(
        id=flow.id,
        title=flow.title,
        starts=tuple(_starts(flow)),
        rows=rows,
        ways=tuple(ways),
        anytime=tuple(_anytime(flow, index, rows)),
    )


def _row(step: Step) -> Row:
    verb = step.main or (step.acts[0] if step.acts else None)
    kind = verb.word if verb else ""
    role = verb.role if verb else "act"
    expected = str(getattr(verb, "expect", "text"))
    return Row(
        id=step.id,
        kind=kind,
        tone=TONES.get(kind, "good") if role == "end" else role,
        title=step.title,
        note=" ".join(step.note.split()),
        condition=str(getattr(step.when, "source", "")),
        detail="" if expected == "text" else expected,
    )


def _ways(step: Step, index: Mapping[str, int], rows: tuple[Row, ...]) -> list[Way]:
    """The step's ways, the one downwards first, those of silence last; outcomes that lead to the same place are one."""
    found: dict[str, list[tuple[str, str]]] = {}
    targets: dict[str, Target] = {}
    for trigger, ways in step.routes.items():
        for number, route in enumerate(ways):
            if not possible(step, trigger, route):
                continue
            targets[route.target.state] = route.target
            outcome = trigger if len(ways) == 1 else f"{trigger}[{number}]"
            found.setdefault(route.target.state, []).append((outcome, label(step, trigger, number)))
    here = index[step.id]
    made = []
    for state, pairs in found.items():
        pairs.sort(key=lambda pair: is_quiet(pair[0]))
        outcomes = tuple(outcome for outcome, _ in pairs)
        made.append(
            _way(
                here,
                targets[state],
                index,
                rows,
                outcomes=outcomes,
                label=join(step, [said for _, said in pairs]),
                quiet=all(is_quiet(outcome) for outcome in outcomes),
            )
        )
    return sorted(made, key=lambda way: (way.quiet, way.shape != "below"))


def _way(
    source: int,
    target: Target,
    index: Mapping[str, int],
    rows: tuple[Row, ...],
    *,
    outcomes: tuple[str, ...],
    label: str,
    quiet: bool = False,
) -> Way:
    row = index.get(target.name, -1) if target.kind == "step" else -1
    tone = TONES.get(target.kind, "step")
    shape = "end"
    if row >= 0:
        ends = rows[row].tone in TONES.values()
        tone = rows[row].tone if ends else "step"
        shape = "below" if source >= 0 and row == source + 1 else "end" if ends or source < 0 else _turn(source, row)
    name = target.name or {"succeed": "succeeded", "back": "back"}.get(target.kind, target.kind)
    return Way(
        source=source,
        shape=shape,
        name=name,
        tone=tone,
        outcomes=outcomes,
        label=label,
        target=row,
        quiet=quiet,
    )


def _turn(source: int, target: int) -> str:
    return "again" if source == target else "ahead" if target > source else "back"


def _anytime(flow: Flow, index: Mapping[str, int], rows: tuple[Row, ...]) -> Iterator[Way]:
    for word, one in flow.anytime.items():
        if not one.trigger:
            yield replace(_aside(word, f"says {one.say}", word), quiet=False)
            continue
        target = _target(flow, one.trigger)
        if target is not None:
            yield _way(-1, target, index, rows, outcomes=(word,), label=word)
    yield from _again(flow, index, rows)
    if any(_expires(step) for step in flow.steps.values()):
        silence = f"{format_duration(flow.settings.expires_after)} of silence{' after that' * bool(flow.reengage)}"
        yield Way(source=-1, shape="end", name="expired", tone="late", outcomes=("timeout",), label=silence, quiet=True)


def _again(flow: Flow, index: Mapping[str, int], rows: tuple[Row, ...]) -> Iterator[Way]:
    """What is said to a question that meets silence, and where its answers lead."""
    for one in flow.reengage:
        silence = f"{format_duration(one.after)} of silence"
        yield _aside("reengage", f"says {one.say}", silence)
        for word, answer in one.choices.items():
            target = _target(flow, answer.trigger) if answer.trigger else None
            if target is not None:
                yield _way(-1, target, index, rows, outcomes=(word,), label=f"{silence}, {word}")
            elif answer.again:
                yield _aside(word, f"again after {format_duration(answer.again)}", f"{silence}, {word}")
    if flow.reengage:
        yield Way(source=-1, shape="end", name=DECLINED, tone="bad", outcomes=("no",), label="then no", quiet=True)


def _aside(outcome: str, name: str, label: str) -> Way:
    return Way(source=-1, shape="end", name=name, tone="back", outcomes=(outcome,), label=label, quiet=True)


def _expires(step: Step) -> bool:
    """Whether silence at the step ends the flow by the flow's own expiry."""
    ways = step.routes.get("timeout", ())
    return isinstance(step.main, Ask) and any(not possible(step, "timeout", route) for route in ways)


def _target(flow: Flow, trigger: str) -> Target | None:
    return flow.ways.get(trigger)


def _starts(flow: Flow) -> Iterator[str]:
    start = flow.start
    yield from (f"“{text}”" for text in start.messages)
    if start.keywords:
        yield ", ".join(start.keywords)
    yield from (f"/{pattern}/" for pattern in start.patterns)
    yield from (name for word, name in _OTHERS.items() if getattr(start, word))
    if start.invitation:
        yield f"template {start.invitation.template}"
    if start.api:
        yield "API"


_OTHERS = {
    "referral": "an advertisement",
    "new_contact": "the first message ever",
    "out_of_hours": "any message out of office hours",
    "default": "any other message",
}
