"""One text on its way to a translator and back, whatever the file's format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .record import Marks
from .status import Translation
from .units import origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    context: str  # flow:key.field
    source: str
    translation: str = ""
    stale: bool = False
    at: int = 0  # the line of the file that it came from


def lines(found: Iterable[Translation], marks: Marks) -> Iterator[Line]:
    """Everything that can be translated, with what is there already."""
    for one in found:
        stale = set(one.stale(marks))
        for name in one.names():
            yield Line(
                context=f"{one.stem}:{name}",
                source=origin(name, one.source),
                translation=one.target[name][1] if name in one.target else "",
                stale=name in stale,
            )
