"""Where every value stands in a YAML text, from its first character to its last: for changing a file in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ..model.problem import Path

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """From `start` up to `end`, both counted in characters of the text."""

    start: int
    end: int
    flow: bool = False  # a mapping or list in brackets
    block: bool = False  # a mapping or list by indentation, or a text after | or >


@dataclass(slots=True)
class _Open:
    path: Path
    start: int
    end: int
    flow: bool
    listed: bool
    count: int = 0
    key: str | None = None


def places_in(text: str) -> Mapping[Path, Place]:
    """Every value's place; `text` is sound YAML as `read_yaml` takes it.

    >>> text = "chat:\\n  - bot: hello   # polite\\n  - bot: [a, b]\\n"
    >>> {path: text[one.start : one.end] for path, one in places_in(text).items() if path[-1:] == ("bot",)}
    {('chat', 0, 'bot'): 'hello', ('chat', 1, 'bot'): '[a, b]'}
    """
    found: dict[Path, Place] = {}
    levels: list[_Open] = []
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            listed = isinstance(event, yaml.SequenceStartEvent)
            levels.append(_Open(_path(levels), start, start, bool(event.flow_style), listed))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            level = levels.pop()
            last = end if level.flow else level.end
            found[level.path] = Place(level.start, last, level.flow, not level.flow)
            _grow(levels, last)
        elif isinstance(event, yaml.ScalarEvent):
            if levels and not levels[-1].listed and levels[-1].key is None:
                levels[-1].key = event.value
                levels[-1].end = end
                continue
            last = start + len(text[start:end].rstrip())
            found[_path(levels)] = Place(start, last, False, event.style in ("|", ">"))
            _grow(levels, last)
    return found


def _path(levels: list[_Open]) -> Path:
    if not levels:
        return ()
    level = levels[-1]
    return (*level.path, level.count if level.listed else str(level.key))


def _grow(levels: list[_Open], end: int) -> None:
    """A value of the innermost level ends here."""
    if levels:
        levels[-1].end = max(levels[-1].end, end)
        levels[-1].count += 1
        levels[-1].key = None
