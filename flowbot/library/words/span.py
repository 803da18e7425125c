"""Where each key and value of a YAML file begins and ends, so that one can be changed and the rest stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ...model.problem import Path

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Any: each of their events has marks, whatever its stubs say
_SCALAR: Any = yaml.ScalarEvent
_MAP: Any = yaml.MappingStartEvent
_STARTS: Any = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS: Any = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A value in the text, from `start` up to `end`; `style` is "map", "list", or a scalar's "", ', ", | or >."""

    start: int
    end: int
    style: str
    braces: bool = False  # a mapping or list in { } or [ ]
    within: bool = False  # it stands in { } or [ ]
    column: int = 0  # of the value; for a block mapping, of its keys
    key: int = -1  # where its key begins; -1 for an item of a list and the root


def spans(text: str) -> Mapping[Path, Span]:
    """Every value by its path; the file has to be sound (no duplicate keys, no anchors).

    >>> spans("a: {b: 'x'}  # why\\n")[("a", "b")]
    Span(start=7, end=10, style="'", braces=False, within=True, column=7, key=4)
    """
    found: dict[Path, Span] = {}
    open_: list[_Open] = []
    for event in _events(text):
        if isinstance(event, _SCALAR):
            if open_ and open_[-1].wants_key():
                open_[-1].name, open_[-1].key = event.value, event.start_mark.index
                continue
            found[_path(open_)] = _span(event, event.style or "", open_)
            _passed(open_, event.end_mark.index)
        elif isinstance(event, _STARTS):
            style = "map" if isinstance(event, _MAP) else "list"
            path = _path(open_)
            open_.append(_Open(path=path, span=_span(event, style, open_), end=event.end_mark.index))
        elif isinstance(event, _ENDS):
            last = open_.pop()
            end = event.end_mark.index if last.span.braces else last.end
            found[last.path] = _ended(last.span, end)
            _passed(open_, end)
    return found


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_Loader)


@dataclass(slots=True, kw_only=True)
class _Open:
    path: Path
    span: Span
    end: int  # of what stood in it so far
    name: str | None = None
    key: int = -1
    count: int = 0

    def wants_key(self) -> bool:
        return self.span.style == "map" and self.name is None


def _path(open_: list[_Open]) -> Path:
    if not open_:
        return ()
    last = open_[-1]
    return (*last.path, last.name if last.span.style == "map" and last.name is not None else last.count)


def _span(event: Any, style: str, open_: list[_Open]) -> Span:
    last = open_[-1] if open_ else None
    return Span(
        start=event.start_mark.index,
        end=event.end_mark.index,
        style=style,
        braces=bool(getattr(event, "flow_style", False)),
        within=last is not None and (last.span.braces or last.span.within),
        column=event.start_mark.column,
        key=last.key if last is not None and last.span.style == "map" else -1,
    )


def _passed(open_: list[_Open], end: int) -> None:
    if open_:
        open_[-1].end = end
        open_[-1].count += 1
        open_[-1].name = None


def _ended(span: Span, end: int) -> Span:
    return Span(
        start=span.start,
        end=end,
        style=span.style,
        braces=span.braces,
        within=span.within,
        column=span.column,
        key=span.key,
    )
