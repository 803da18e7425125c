"""When a wait is over."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from ..errors import EngineError
from ..model.duration import DAY
from ..model.project import Account
from ..steps.wait import Wait
from .compare import moment
from .schedule import office_hours, opening
from .schedule.zone import instant, wall
from .timezone import zone


def due(wait: Wait, now: int, names: dict[str, Any], where: tzinfo, account: Account) -> int:
    """The moment in ms UTC; 0 when nothing but an event ends it. EngineError when it cannot be told.

    `where`: the time zone that days and times of day are meant in; the office's own are the account's.
    """
    if wait.until is not None:
        return until(wait, wait.until(names), where)
    if wait.office:
        found = opening(now, [office_hours(account.office, zone(account.timezone))])
        if found is None:
            raise EngineError("the office never opens")
        return found
    return now + wait.span if wait.span else 0


def until(wait: Wait, value: Any, where: tzinfo) -> int:
    """Whole days are moved on the calendar, the rest on the clock; `at` is then that day's time.

    >>> from zoneinfo import ZoneInfo
    >>> madrid = ZoneInfo("Europe/Madrid")
    >>> visit = Wait(shift=-2 * DAY, at=(10, 0))
    >>> str(datetime.fromtimestamp(until(visit, "2026-03-30", madrid) / 1000, madrid))
    '2026-03-28 10:00:00+01:00'
    """
    found = moment(value)
    if found is None:
        raise EngineError("the date is not set" if value is None else f"this is no date: {str(value)[:50]!r}")
    try:
        if isinstance(found, datetime) and found.tzinfo is not None:
            shown = wall(int(found.timestamp() * 1000), where)
        else:
            shown = datetime(found.year, found.month, found.day)  # noqa: DTZ001  # what a wall shows has no zone
            if isinstance(found, datetime):
                shown = found
        days, rest = divmod(wait.shift, DAY) if wait.shift >= 0 else (-(-wait.shift // DAY), -(-wait.shift % DAY))
        at = instant(shown + timedelta(days=days), where) + rest
        if wait.at is not None:
            at = instant(datetime.combine(wall(at, where).date(), datetime.min.time().replace(*wait.at)), where)
    except (OverflowError, ValueError) as error:
        raise EngineError(f"`until` lies out of reach: {type(error).__name__}") from None
    return at
