"""The scheduler once more, slow and obvious: look at the wall clock every minute, and see whether it is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = 60_000
DAY = timedelta(days=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# weekday -> ("08:00", "19:00") pairs, as people write them
Week = Mapping[str, Sequence[tuple[str, str]]]


def shown(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC).astimezone(ZoneInfo(zone))


def is_open(at: int, zone: str, week: Week, closed: frozenset[date] = frozenset()) -> bool:
    """A span whose end is not after its start runs on into the next day, and belongs to the day it starts."""
    here = shown(at, zone)
    clock, today = f"{here.hour:02}:{here.minute:02}", here.date()
    yesterday = today - DAY
    for start, end in week.get(DAYS[today.weekday()], ()) if today not in closed else ():
        if start < end and start <= clock < end:
            return True
        if start >= end and clock >= start:
            return True
    for start, end in week.get(DAYS[yesterday.weekday()], ()) if yesterday not in closed else ():
        if start >= end and clock < end:
            return True
    return False


def opening(at: int, until: int, zone: str, week: Week, closed: frozenset[date] = frozenset()) -> int | None:
    """The first moment when it is open: `at` itself, or one of the whole minutes after it."""
    if is_open(at, zone, week, closed):
        return at
    minute = at - at % MINUTE + MINUTE
    while minute <= until:
        if is_open(minute, zone, week, closed):
            return minute
        minute += MINUTE
    return None
