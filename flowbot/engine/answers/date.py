"""`expect: date`: a day, kept as `2026-11-21`. `with: {min: today, max: "2026-12-31", formats: [DD/MM/YYYY]}`

How days may be written is told in `spoken/day.py`; with `formats`, only in one of these (`spoken/written.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from ...model.inbound import Inbound
from ..compare import moment
from .asked import Answer, Asked, Bound, Refused, listed, said, texts
from .spoken.day import RELATIVE, parse
from .spoken.written import in_form, shown, wrong_form


def _a_day(value: Any) -> str:
    good = (isinstance(value, str) and value in RELATIVE) or moment(value) is not None
    return "" if good else f"should be a day such as 2026-12-31, today or tomorrow, not {value!r}"


def _forms(value: Any) -> str:
    """
    >>> _forms(["DD/MM/YYYY", "MM/YYYY"])
    "should hold forms such as DD/MM/YYYY: 'MM/YYYY' has no day"
    """
    if wrong := texts(value):
        return wrong
    mistakes = [f"{form!r} {wrong}" for form in value if (wrong := wrong_form(form))]
    return f"should hold forms such as DD/MM/YYYY: {mistakes[0]}" if mistakes else ""


BOUNDS: Mapping[str, Bound] = {"min": _a_day, "max": _a_day, "formats": _forms}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    least, most = _bound("min", asked), _bound("max", asked)
    past = most is not None and asked.today is not None and most <= asked.today
    forms = listed(asked.bounds.get("formats"))
    day = _in_forms(said(inbound), forms, asked, past) if forms else parse(said(inbound), asked, past=past)
    if day is None:
        return (
            Refused(code="date.format", params={"example": shown(forms[0], asked)}) if forms else Refused(code="date")
        )
    if least is not None and day < least:
        return Refused(code="date.early", params={"min": least.isoformat()})
    if most is not None and day > most:
        return Refused(code="date.late", params={"max": most.isoformat()})
    return Answer(value=day.isoformat())


def _in_forms(text: str, forms: tuple[str, ...], asked: Asked, past: bool) -> date | None:
    return next((day for form in forms if (day := in_form(text, form, asked, past=past))), None)


def _bound(name: str, asked: Asked) -> date | None:
    value = asked.bounds.get(name)
    if isinstance(value, str) and value in RELATIVE and asked.today:
        return asked.today + timedelta(days=RELATIVE[value])
    found = moment(value)
    return date(found.year, found.month, found.day) if found else None
