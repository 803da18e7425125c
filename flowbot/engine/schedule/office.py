"""An account's office hours, and its country's holidays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from functools import lru_cache
from typing import Any

from .hours import DAYS, EVERY_DAY, Holidays, Hours, span

NONE: Holidays = dict[date, str]()


def office_hours(office: Mapping[str, Any], zone: tzinfo) -> Hours:
    """`{mon: (("08:00", "12:00"), …), …, holidays: CO}` as hours; every day from 8 to 19 when it names no day.

    >>> from datetime import UTC
    >>> str(office_hours({"mon": (("08:00", "12:00"), ("13:00", "18:00")), "holidays": ["2026-12-25"]}, UTC))
    'mon 08:00-12:00, 13:00-18:00'
    """
    spans = {
        day: tuple(span(start, end) for start, end in office[name]) for day, name in enumerate(DAYS) if office.get(name)
    }
    if not any(name in office for name in DAYS):
        spans = {day: EVERY_DAY for day in range(7)}
    return Hours(spans=spans, zone=zone, holidays=_holidays(office.get("holidays")))


def _holidays(given: Any) -> Holidays:
    """Of a country (CO), a part of one (BR-SP), or a list of dates; what cannot be read is no holiday."""
    if isinstance(given, str):
        return country_holidays(given)
    return dict(_dates(given or ()))


def has_holidays(code: str) -> bool:
    """Whether the country, and the part of it, are known.

    >>> has_holidays("CO"), has_holidays("BR-SP"), has_holidays("ZZ"), has_holidays("CO-ZZ")
    (True, True, False, False)
    """
    return country_holidays(code) is not NONE


@lru_cache(maxsize=64)
def country_holidays(code: str) -> Holidays:
    """The public holidays of a country or of a part of it; none when it is not known."""
    import holidays  # takes longer to load than a conversation takes

    country, _, part = code.partition("-")
    try:
        found: Holidays = holidays.country_holidays(country, subdiv=part or None, language="en_US")
    except NotImplementedError:
        return NONE
    return found


def _dates(given: Iterable[Any]) -> Iterable[tuple[date, str]]:
    for text in given:
        try:
            yield date.fromisoformat(str(text)), "a holiday"
        except ValueError:
            continue
