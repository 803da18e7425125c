"""Hours of the week: several spans a day, which may wrap midnight and then belong to the day they start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

Span = tuple[int, int]  # minutes from the midnight that the day begins with; the end may lie in the next day

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
_DAY = timedelta(days=1)


class Holidays(Protocol):
    """Dates with their names, as a dict is."""

    def get(self, day: date, /) -> str | None: ...


def minutes(text: str) -> int:
    """
    >>> minutes("08:30"), minutes("24:00")
    (510, 1440)
    """
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def span(start: str, end: str) -> Span:
    """From one time of day to another; an end that is not after its start lies in the next day.

    >>> span("08:00", "19:00"), span("13:00", "00:00"), span("22:00", "06:00")
    ((480, 1140), (780, 1440), (1320, 1800))
    """
    first, last = minutes(start), minutes(end)
    return first, last if last > first else last + MIDNIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a send may go out; or, when `quiet`, when it may not."""

    spans: Mapping[int, tuple[Span, ...]]  # weekday, Monday is 0; a day that is missing has none
    zone: tzinfo = UTC
    holidays: Holidays = field(default_factory=dict[date, str])
    quiet: bool = False

    def open(self, shown: datetime) -> bool:
        """Whether it is open when the clock there shows this.

        >>> late = Hours(spans={4: (span("22:00", "02:00"),)})
        >>> [late.open(datetime(2026, 11, 20, 23)), late.open(datetime(2026, 11, 21, 1))]
        [True, True]
        """
        day = shown.date()
        seconds = shown.hour * 3600 + shown.minute * 60 + shown.second
        inside = any(start * 60 <= seconds < end * 60 for start, end in self.of(day)) or any(
            start * 60 <= seconds + 86_400 < end * 60 for start, end in self.of(day - _DAY)
        )
        return inside != self.quiet

    def of(self, day: date) -> tuple[Span, ...]:
        """The spans that begin that day."""
        found = self.spans.get(day.weekday(), ())
        return found if not found or self.holidays.get(day) is None else ()

    def edges(self, day: date) -> Iterator[datetime]:
        """Where the day's spans begin and end, by the clock there."""
        midnight = datetime.combine(day, time())
        for start, end in self.of(day):
            yield midnight + timedelta(minutes=start)
            yield midnight + timedelta(minutes=end)

    def __str__(self) -> str:
        """
        >>> str(Hours(spans={0: ((480, 720), (780, 1080)), 1: ((480, 720), (780, 1080)), 5: ((540, 780),)}))
        'mon-tue 08:00-12:00, 13:00-18:00; sat 09:00-13:00'
        >>> str(Hours(spans={day: EVERY_DAY for day in range(7)}, quiet=True))
        'all but 08:00-19:00'
        """
        parts = []
        for first, last, spans in _runs(self.spans):
            days = DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
            times = ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)
            parts.append(times if (first, last) == (0, 6) else f"{days} {times}")
        return ("all but " if self.quiet else "") + ("; ".join(parts) or "never")


EVERY_DAY: tuple[Span, ...] = (span("08:00", "19:00"),)  # when nobody says


def _runs(spans: Mapping[int, tuple[Span, ...]]) -> list[tuple[int, int, tuple[Span, ...]]]:
    """Days in a row that have the same spans."""
    runs: list[tuple[int, int, tuple[Span, ...]]] = []
    for day in range(7):
        here = spans.get(day, ())
        if not here:
            continue
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == here:
            runs[-1] = (runs[-1][0], day, here)
        else:
            runs.append((day, day, here))
    return runs


def _clock(minute: int) -> str:
    return f"{minute % MIDNIGHT // 60:02}:{minute % 60:02}"
