"""A publication's plan as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from ..engine.diff import Change
from ..publishing.plan import FlowPlan, Plan
from ..publishing.standing import Here
from ..steps import VERBS

SHOWN = 60  # characters of a value
_MARKS = {"added": "+", "removed": "-"}


def lines(plan: Plan) -> Iterator[str]:
    """What it would change, flow by flow, and who stands where."""
    moved = [one for one in plan.flows if one.changed]
    same = [one.flow for one in plan.flows if not one.changed]
    for one in moved:
        yield from _flow(one)
    for one in plan.flows:
        if not one.changed and one.standing:
            yield f"{one.flow} ({one.after}) is as it was"
            yield from _standing(one)
    if same:
        yield f"as published: {', '.join(same)}"
    for obstacle in plan.obstacles:
        yield f"! {obstacle}"


def _flow(one: FlowPlan) -> Iterator[str]:
    if not one.before:
        yield f"{one.flow}: {one.after}, not published before"
    elif not one.after:
        yield f"{one.flow}: {one.before} is taken out"
    else:
        yield f"{one.flow}: {one.before} -> {one.after}"
    shown = ""
    for change in one.changes:
        if change.where == "flow" and not change.name:
            continue
        group = f"{change.where} {change.lang or change.name if change.where in ('step', 'words') else ''}".strip()
        if change.part and change.where == "step" and group != shown:
            yield f"  ~ {group}"
            shown = group
        yield _line(change)
    yield from _standing(one)


def _line(change: Change) -> str:
    if change.where == "step":
        return _step(change)
    name = ".".join(part for part in (change.name, change.part) if part)
    where = {"flow": "", "words": f"words {change.lang} "}.get(change.where, f"{change.where}.")
    return f"  {_MARKS.get(change.kind, '~')} {where}{name}: {_values(change)}"


def _step(change: Change) -> str:
    name = change.name
    if change.kind == "renamed":
        return f"  ~ step {name} -> {change.after} (renamed)"
    if change.kind == "moved":
        return f"  ~ step {name} (moved)"
    if not change.part:
        step = change.after if change.kind == "added" else change.before
        return f"  {_MARKS[change.kind]} step {name}: {_does(step)}"
    return f"      {_MARKS.get(change.kind, '~')} {change.part}: {_values(change)}"


def _values(change: Change) -> str:
    if change.before is None or change.after is None:
        return _short(change.after if change.before is None else change.before)
    return f"{_short(change.before)} -> {_short(change.after)}"


def _does(step: Any) -> str:
    """The step's verbs, the first with what it is about."""
    found = [word for word in VERBS if isinstance(step, dict) and word in step]
    return ", ".join(f"{word} {_short(step[word])}" for word in found) or "nothing"


def _short(value: Any) -> str:
    """
    >>> _short("two\\nlines"), _short({"min": 3}), len(_short("x" * 99))
    ('two lines', '{"min":3}', 60)
    """
    text = " ".join(value.split()) if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _standing(one: FlowPlan) -> Iterator[str]:
    """What would become of them is said for who wishes it: without --carry they all stay where they are."""
    rows = one.standing
    if not rows:
        return
    width = max(len(str(here.count)) for here in rows)
    yield f"  on the way{', with --carry' if one.after else ''}:"
    for here in rows:
        state = "" if here.state == "open" else f" ({here.state})"
        yield f"    {here.count:>{width}} at {here.step}{state} of {here.version}: {here.becomes}"


def plain(plan: Plan) -> dict[str, Any]:
    """The same as data."""
    return {
        "account": plan.account,
        "seen": plan.seen,
        "undoes": plan.undoes or None,
        "flows": [
            {
                "flow": one.flow,
                "before": one.before or None,
                "after": one.after or None,
                "changes": [_fields(change) for change in one.changes],
                "standing": [_fields(here) for here in one.standing],
            }
            for one in plan.flows
        ],
        "obstacles": list(plan.obstacles),
    }


def _fields(record: Change | Here) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
