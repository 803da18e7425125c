"""What is different between two versions of a flow, as its author would say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from .flow import Flow

TABLES = ("start", "inputs", "settings", "defaults", "anytime", "reengage")  # parts of a flow beside its steps
_TOLD = ("flow", "steps", *TABLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    `kind`: added, removed, renamed (`after` is the new id), moved, changed. `where`: flow (a key beside its parts),
    step, one of TABLES, or words.
    """

    kind: str
    where: str
    name: str = ""  # the step's id, the content's key, or the key below `where`
    part: str = ""  # what of it, dotted: with.min
    lang: str = ""  # of words
    before: Any = None
    after: Any = None


def compare(old: Flow | None, new: Flow | None) -> tuple[Change, ...]:
    """All differences, in the order of the flow; of a flow that came or went, that alone."""
    if old is None or new is None:
        kind = "added" if old is None else "removed"
        return (Change(kind=kind, where="flow"),) if old is not new else ()
    before, after = old.meaning["data"], new.meaning["data"]
    renamed = _renamed(_steps(before), _steps(after))
    return (
        *_parts("flow", _rest(before), _rest(after), renamed),
        *(change for table in TABLES for change in _parts(table, before.get(table), after.get(table), renamed)),
        *_step_changes(_steps(before), _steps(after), renamed),
        *_words(old.meaning["content"], new.meaning["content"]),
    )


def _step_changes(before: Mapping[str, Any], after: Mapping[str, Any], renamed: Mapping[str, str]) -> Iterator[Change]:
    arrived = set(renamed.values())
    for id, step in before.items():
        if id in renamed:
            yield Change(kind="renamed", where="step", name=id, after=renamed[id])
        elif id not in after:
            yield Change(kind="removed", where="step", name=id, before=step)
    moved = _moved([id for id in before if id in after], [id for id in after if id in before])
    for id, step in after.items():
        if id in arrived:
            continue
        if id not in before:
            yield Change(kind="added", where="step", name=id, after=step)
            continue
        if id in moved:
            yield Change(kind="moved", where="step", name=id)
        for part, one, other in _leaves(before[id], step, renamed):
            yield Change(kind=_kind(one, other), where="step", name=id, part=part, before=one, after=other)


def _renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Steps that are the same under another id, when there can be no doubt which."""
    gone = [id for id in before if id not in after]
    came = [id for id in after if id not in before]
    pairs = {id: [other for other in came if after[other] == before[id]] for id in gone}
    found = {id: same[0] for id, same in pairs.items() if len(same) == 1}
    return {id: other for id, other in found.items() if list(found.values()).count(other) == 1}


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Of the same steps in two orders the fewest that may be said to have moved."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {id for block in blocks for id in after[block.b : block.b + block.size]}
    return {id for id in after if id not in stayed}


def _parts(where: str, before: Any, after: Any, renamed: Mapping[str, str]) -> Iterator[Change]:
    for path, one, other in _leaves(before, after, renamed):
        name, _, part = path.partition(".")
        yield Change(kind=_kind(one, other), where=where, name=name, part=part, before=one, after=other)


def _leaves(before: Any, after: Any, renamed: Mapping[str, str], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two pieces of YAML differ: the path, what was there and what is; a way to a renamed step is the same."""
    if before == after or (isinstance(before, str) and renamed.get(before, before) == after):
        return
    one, other = _keyed(before), _keyed(after)
    if one is None or other is None or (path and not (one and other)):
        yield path, before, after
        return
    for key in dict.fromkeys((*one, *other)):
        yield from _leaves(one.get(key), other.get(key), renamed, f"{path}.{key}".lstrip("."))


def _keyed(data: Any) -> Mapping[Any, Any] | None:
    """A mapping, or a list of mappings by its numbers; None for what is looked at as a whole."""
    if data is None:
        return {}
    if isinstance(data, list) and data and all(isinstance(item, Mapping) for item in data):
        return dict(enumerate(data, 1))
    return data if isinstance(data, Mapping) else None


def _words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for lang in sorted({*before, *after}):
        was, now = before.get(lang, {}), after.get(lang, {})
        for key in sorted({*was, *now}):
            for part, one, other in _leaves(was.get(key), now.get(key), {}):
                kind = _kind(one, other)
                yield Change(kind=kind, where="words", lang=lang, name=key, part=part, before=one, after=other)


def _kind(before: Any, after: Any) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _steps(data: Mapping[str, Any]) -> Mapping[str, Any]:
    steps: Mapping[str, Any] = data["steps"]
    return steps


def _rest(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in _TOLD}
