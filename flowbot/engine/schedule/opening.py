"""The first moment, from one on, at which all of some hours are open; and the last one before another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from .hours import Hours
from .zone import MINUTE, changes, instants, wall

DAY = 86_400_000
_YEAR = 370  # days: what does not open within a year never does
_WEEK = 7


def is_open(at: int, hours: Sequence[Hours]) -> bool:
    return all(one.open(wall(at, one.zone)) for one in hours)


def opening(at: int, hours: Sequence[Hours]) -> int | None:
    """The first moment from `at` on when all are open; None when there is none within a year.

    >>> from .hours import EVERY_DAY
    >>> daily = Hours(spans={day: EVERY_DAY for day in range(7)})
    >>> opening(9 * 3_600_000, [daily]) == 9 * 3_600_000, opening(19 * 3_600_000, [daily]) == DAY + 8 * 3_600_000
    (True, True)
    """
    if is_open(at, hours):
        return at
    start, days = 0, 1
    while start < _YEAR:
        # Zones lie up to a day apart: look a little farther, but take only what is surely the first.
        sure = at + (start + days) * DAY
        for edge in sorted({edge for edge in _edges(at, start - 2, start + days + 3, hours) if at < edge <= sure}):
            if is_open(edge, hours):
                return edge
        start, days = start + days, _WEEK
    return None


def last_open(start: int, end: int, hours: Sequence[Hours]) -> int | None:
    """The last whole minute before `end` (ms UTC) when all are open, not before `start`; None when there is none.

    >>> from .hours import EVERY_DAY
    >>> daily = Hours(spans={day: EVERY_DAY for day in range(7)})
    >>> last_open(0, 22 * 3_600_000, [daily]) // MINUTE == 18 * 60 + 59
    True
    """
    days = (end - start) // DAY + 1
    ends = {end, *_edges(start, -2, days + 3, hours)}
    for edge in sorted((edge for edge in ends if start < edge <= end), reverse=True):
        minute = (edge - 1) // MINUTE * MINUTE
        if minute >= start and is_open(minute, hours):
            return minute
    return start if is_open(start, hours) and start < end else None


def _edges(at: int, first: int, last: int, hours: Sequence[Hours]) -> Iterator[int]:
    """All moments, some days around `at`, when one of the hours may open or close."""
    for one in hours:
        today = wall(at, one.zone).date()
        for number in range(first, last):
            for shown in one.edges(today + timedelta(days=number)):
                yield from instants(shown, one.zone)
            yield from changes(one.zone, at + number * DAY, at + (number + 1) * DAY)
