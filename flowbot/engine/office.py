"""What texts and conditions read of an account's office: `office.open`, `office.next_open`; reckoned when read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from .schedule import Hours, office_hours, opening
from .schedule.opening import is_open

FACTS = ("open", "next_open")


class Office(Mapping[str, Any]):
    """`open`: whether it is; `next_open`: when it opens next, now while it is open, null when it never does.

    >>> nine = 1_795_424_400_000  # Monday, 2026-11-23, at nine
    >>> office = Office({"mon": (("08:00", "12:00"),)}, nine, UTC, UTC)
    >>> office["open"], str(office["next_open"])
    (True, '2026-11-23 09:00:00+00:00')
    """

    __slots__ = ("_now", "_shown", "_where", "_written")

    def __init__(self, written: Mapping[str, Any], now: int, where: tzinfo, shown: tzinfo) -> None:
        self._written = written
        self._now = now
        self._where = where  # the office's own clock
        self._shown = shown  # the clock by which `next_open` is told

    def __getitem__(self, name: str) -> Any:
        if name == "open":
            return is_open(self._now, [self._hours])
        if name == "next_open":
            found = opening(self._now, [self._hours])
            return None if found is None else datetime.fromtimestamp(found / 1000, UTC).astimezone(self._shown)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)

    @property
    def _hours(self) -> Hours:
        return office_hours(self._written, self._where)
