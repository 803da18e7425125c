"""Texts that stand in place in a flow, and the keys that translators know them by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...engine.flow import Flow
from ...model.problem import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    text: str
    path: Path  # of the text in the flow's file
    keys: tuple[str, ...]  # its own; of a default that several steps share, one for each of them


def placed(flow: Flow) -> tuple[Placed, ...]:
    """All of them, in the order of the file."""
    found: dict[Path, tuple[str, list[str]]] = {}
    words = flow.content.written(flow.languages[0])
    for key, path in flow.places.items():
        entry = words.get(key)
        text = entry.get("text") if isinstance(entry, dict) else entry
        for at in _texts(flow.meaning["data"], path):
            if at[1] == text and at[1] != key and (at[0] not in found or path == at[0]):
                found.setdefault(at[0], (at[1], []))[1].append(key)
                break
    return tuple(Placed(text=text, path=path, keys=tuple(keys)) for path, (text, keys) in found.items())


def _texts(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The text at a path, or those of the list there."""
    for part in path:
        data = data[part]
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        yield from (((*path, number), item) for number, item in enumerate(data) if isinstance(item, str))
