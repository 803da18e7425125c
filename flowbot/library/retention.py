"""`retention` of an account in flowbot.yaml: how long what people said is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from ..model.duration import DAY, format_duration
from ..model.problem import Path, Problem, Source
from ..model.project import Retention
from .fields import Door, Duration, load

NEVER = "forever"


class Kept(Duration):
    """A duration within bounds; `forever` is 0, where that is allowed."""

    def __init__(self, least: int, most: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> int:
        if value == NEVER and not self.most:
            return 0
        found = super()._deserialize(value, attr, data, **more)
        if found < self.least or (self.most and found > self.most):
            ends = f"at least {_written(self.least)}"
            ends += f" and at most {_written(self.most)}" if self.most else f", or {NEVER}"
            raise ValidationError(f"'{value}' is not within bounds\nwrite {ends}")
        return found


def _written(ms: int) -> str:
    """
    >>> _written(30 * DAY), _written(60_000)
    ('30d', '1m')
    """
    return f"{ms // DAY}d" if ms % DAY == 0 else format_duration(ms)


class RetentionDoor(Door):
    processes = Kept(DAY)
    history = Kept(DAY)
    contacts = Kept(30 * DAY)
    files = Kept(DAY, 3650 * DAY)
    deliveries = Kept(2 * DAY, 30 * DAY)
    quarantine = Kept(60_000, 7 * DAY)


def read_retention(source: Source, path: Path, data: Any) -> tuple[Retention, list[Problem]]:
    """How long, and every mistake in it; what is not said is as it is by default."""
    found, problems = load(RetentionDoor, source, path, data)
    return Retention(**found), problems
