"""When what comes again comes next: hourly, daily, on weekdays, on days of the week or of the month, or once. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from ..schedule.zone import instant, instants, wall

LAST = 31  # a month that has no such day has it on its last one
_AHEAD = 400  # days looked at: a year, and what a leap day needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """One of `hours`, `weekdays` (0 is Monday), `days` of the month, or the date `on`; at a time of day there."""

    at: tuple[int, int] = (9, 0)  # hour and minute; of `hours`, only the minute counts
    hours: int = 0  # every so many hours, from midnight on
    weekdays: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    on: date | None = None

    def falls(self, day: date) -> bool:
        """Whether it comes on that day.

        >>> [Every(days=(31,)).falls(date(2026, 4, day)) for day in (29, 30)]
        [False, True]
        """
        if self.on is not None:
            return day == self.on
        if self.days:
            last = calendar.monthrange(day.year, day.month)[1]
            return day.day in self.days or (day.day == last and any(one > last for one in self.days))
        return not self.weekdays or day.weekday() in self.weekdays


def next_run(every: Every, after: int, zone: tzinfo) -> int | None:
    """The first time after that moment (ms UTC); None when there is none any more.

    A time of day that the clock there leaves out in spring comes at the first moment after the gap; one that it shows
    twice in autumn comes once, the first time. What comes every hour comes every hour.

    >>> from zoneinfo import ZoneInfo
    >>> madrid = ZoneInfo("Europe/Madrid")
    >>> noon = instant(datetime(2026, 1, 31, 12), madrid)
    >>> str(wall(next_run(Every(days=(31,), at=(10, 0)), noon, madrid), madrid))
    '2026-02-28 10:00:00'
    """
    today = wall(after, zone).date()
    first = today if every.on is None else max(today, every.on)
    for number in range(-1, _AHEAD):
        day = first + timedelta(days=number)
        later = [at for at in _times(every, day, zone) if at > after] if every.falls(day) else ()
        if later:
            return min(later)
        if every.on is not None and day >= every.on:
            return None
    return None


def _times(every: Every, day: date, zone: tzinfo) -> Iterator[int]:
    hour, minute = every.at
    if not every.hours:
        yield instant(datetime.combine(day, time(hour, minute)), zone)
        return
    for number in range(0, 24, every.hours):
        yield from instants(datetime.combine(day, time(number, minute)), zone)
