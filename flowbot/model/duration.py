"""Durations as authors write them: 30s, 10m, 20h, 3d, 2w, and several in a row: 1h30m."""

from __future__ import annotations

import re

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_UNITS = {"w": WEEK, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND}
_PART = re.compile(r"([0-9]{1,9})([wdhms])", re.ASCII)
_WHOLE = re.compile(r"([0-9]{1,9}w)?([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?\Z", re.ASCII)


def parse_duration(text: str) -> int:
    """Milliseconds; ValueError when it is not a duration.

    >>> parse_duration("30s"), parse_duration("1h30m"), parse_duration("2w")
    (30000, 5400000, 1209600000)
    """
    word = text.strip().replace(" ", "") if isinstance(text, str) else ""
    if not word or not _WHOLE.match(word):
        raise ValueError(f"not a duration: {text!r}; write a number and s, m, h, d or w, e.g. 30s, 10m, 20h, 3d, 2w")
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(word))


def format_duration(ms: int) -> str:
    """The shortest way to write it, whole seconds.

    >>> format_duration(5_400_000), format_duration(1_209_600_000), format_duration(0)
    ('1h30m', '2w', '0s')
    """
    parts, rest = [], ms
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
