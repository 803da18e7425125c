"""Between an instant (ms UTC) and what a clock on a wall shows.

zoneinfo takes 02:30 in a gap without a word and gives back a time that no clock showed, the two 01:30 of an autumn
night compare equal, and aware + 24 h is 23 h in spring. So instants are added up in UTC, and walls are only read.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

MINUTE = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall(at: int, zone: tzinfo) -> datetime:
    """What the clock there shows.

    >>> from zoneinfo import ZoneInfo
    >>> wall(1_795_218_000_000, ZoneInfo("America/Bogota")).isoformat()
    '2026-11-20T18:40:00'
    """
    return _aware(at, zone).replace(tzinfo=None, fold=0)


def instant(shown: datetime, zone: tzinfo) -> int:
    """When the clock there shows it: the first time of two; in a gap, the first moment after it.

    >>> from zoneinfo import ZoneInfo
    >>> madrid = ZoneInfo("Europe/Madrid")
    >>> [wall(instant(datetime(2026, 3, 29, 2, 30), madrid), madrid).hour, instant(datetime(1970, 1, 1, 1), madrid)]
    [3, 0]
    """
    first = _utc(shown.replace(tzinfo=zone, fold=0))
    if wall(first, zone) == shown:
        return first
    before = _utc(shown.replace(tzinfo=zone, fold=1))
    return next(iter(changes(zone, before, first)), first)


def instants(shown: datetime, zone: tzinfo) -> tuple[int, ...]:
    """Every time the clock there shows it: once, twice in autumn, never in a gap."""
    both = {_utc(shown.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}
    return tuple(sorted(at for at in both if wall(at, zone) == shown))


def changes(zone: tzinfo, start: int, end: int) -> tuple[int, ...]:
    """When the clock there is put forward or back, after `start` and up to `end`, which lie a day or two apart."""
    old = _offset(start, zone)
    if _offset(end, zone) == old:
        return ()
    low, high = start // 1000, -(-end // 1000)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle * 1000, zone) == old:
            low = middle
        else:
            high = middle
    return (high * 1000,)


def told(at: int, zone: tzinfo) -> str:
    """A moment as people read it.

    >>> told(1_795_218_000_000, UTC)
    'Fri 2026-11-20 23:40'
    """
    shown = wall(at, zone)
    return f"{_DAYS[shown.weekday()]} {shown:%Y-%m-%d %H:%M}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _aware(at: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)


def _offset(at: int, zone: tzinfo) -> timedelta:
    return _aware(at, zone).utcoffset() or timedelta()


def _utc(shown: datetime) -> int:
    return (shown.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
