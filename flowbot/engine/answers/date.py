"""`expect: date`: a day, kept as `2026-11-21`. `with: {min: today, max: "2026-12-31"}`

How days may be written is told in `spoken/day.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from ...model.inbound import Inbound
from ..compare import moment
from .asked import Answer, Asked, Bound, Refused, said
from .spoken.day import RELATIVE, parse


def _a_day(value: Any) -> str:
    good = (isinstance(value, str) and value in RELATIVE) or moment(value) is not None
    return "" if good else f"should be a day such as 2026-12-31, today or tomorrow, not {value!r}"


BOUNDS: Mapping[str, Bound] = {"min": _a_day, "max": _a_day}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    least, most = _bound("min", asked), _bound("max", asked)
    day = parse(said(inbound), asked, past=most is not None and asked.today is not None and most <= asked.today)
    if day is None:
        return Refused(code="date")
    if least is not None and day < least:
        return Refused(code="date.early", params={"min": least.isoformat()})
    if most is not None and day > most:
        return Refused(code="date.late", params={"max": most.isoformat()})
    return Answer(value=day.isoformat())


def _bound(name: str, asked: Asked) -> date | None:
    value = asked.bounds.get(name)
    if isinstance(value, str) and value in RELATIVE and asked.today:
        return asked.today + timedelta(days=RELATIVE[value])
    found = moment(value)
    return date(found.year, found.month, found.day) if found else None
