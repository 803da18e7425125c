"""`every`: what comes again and again, as authors and clients write it.

{hourly: 6} · {daily: true} · {weekdays: true} · {weekly: [mon, thu]} · {monthly: 1} or [1, 15] · {once: 2026-12-01},
each with `at: "09:00"` and, when it is not the account's, a `timezone`. The words hourly, daily and weekdays may stand
alone, and `once` may hold its time: {once: "2026-12-01 10:00"}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError

from ..engine.rules.every import Every
from ..engine.schedule.hours import DAYS
from .fields import Door, Duration, Listing, Plain, Text, Timezone

WORDS = ("hourly", "daily", "weekdays")  # that need nothing more said
KINDS = ("hourly", "daily", "weekdays", "weekly", "monthly", "once")
MORNING = (9, 0)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z", re.ASCII)


class Clock(Text):
    def read(self, text: str) -> str:
        if not _CLOCK.match(text):
            raise ValidationError(f"'{text}' is no time of day\nwrite it in quotes, like \"10:00\"")
        return text


class EveryDoor(Door):
    hourly = Plain(object)
    daily = Plain(object)
    weekdays = Plain(object)
    weekly = Listing(Text(one_of=DAYS))
    monthly = Plain(object)
    once = Text()
    date = Text()  # of rules alone: a contact's own day
    plus = Duration()
    minus = Duration()
    at = Clock()
    timezone = Timezone()


def clock(text: str) -> tuple[int, int]:
    """
    >>> clock("09:30")
    (9, 30)
    """
    hour, minute = text.split(":")
    return int(hour), int(minute)


def in_full(data: Any) -> Any:
    """
    >>> in_full("daily"), in_full({"weekly": ["mon"]})
    ({'daily': True}, {'weekly': ['mon']})
    """
    return {data: True} if isinstance(data, str) and data in WORDS else data


def every_of(found: Mapping[str, Any]) -> Every:
    """Of what `EveryDoor` has read, with one of KINDS in it; ValidationError, with a hint in its second line.

    >>> every_of({"weekly": ("mon", "thu"), "at": "10:00"}).weekdays
    (0, 3)
    """
    kind = next(kind for kind in KINDS if kind in found)
    value = found[kind]
    at = clock(found["at"]) if "at" in found else (0, 0) if kind == "hourly" else MORNING
    if kind == "weekly":
        return Every(at=at, weekdays=tuple(DAYS.index(day) for day in value))
    if kind == "once":
        return _once(value, at, "at" in found)
    if kind == "monthly":
        return Every(at=at, days=_days(value))
    if kind == "hourly":
        return Every(at=at, hours=_hours(value))
    if value is not True:
        raise ValidationError(f'`{kind}` takes true\n{{{kind}: true, at: "09:00"}}')
    return Every(at=at, weekdays=tuple(range(5)) if kind == "weekdays" else ())


def _once(value: str, at: tuple[int, int], timed: bool) -> Every:
    """
    >>> _once("2026-12-01 10:30", MORNING, False).at
    (10, 30)
    """
    day, time = (*re.split("[ T]", value.strip(), maxsplit=1), "")[:2]
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise ValidationError(f"'{value}' is no date\nwrite it like 2026-12-01, or \"2026-12-01 10:00\"") from None
    if not time:
        return Every(at=at, on=on)
    if timed:
        raise ValidationError("`once` has its time already\nremove `at`, or the time behind the date")
    return Every(at=clock(Clock().read(time)), on=on)


def _days(value: Any) -> tuple[int, ...]:
    days = value if isinstance(value, list) else [value]
    if not days or not all(isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= 31 for day in days):
        raise ValidationError("days of a month are numbers from 1 to 31\nmonthly: 1, or [1, 15]")
    return tuple(days)


def _hours(value: Any) -> int:
    hours = 1 if value is True else value
    if not isinstance(hours, int) or not 1 <= hours <= 23:
        raise ValidationError("`hourly` takes true, or hours from 1 to 23\nhourly: 6")
    return hours
