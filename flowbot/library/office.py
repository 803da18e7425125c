"""Office hours: `{mon-fri: ["08:00-12:00", "13:00-18:00"], sat: ["09:00-13:00"], holidays: CO}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ..engine.schedule.office import has_holidays
from ..model.problem import Path, Problem, Source, suggest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-4]):([0-5][0-9])\Z", re.ASCII)


def read_office(source: Source, path: Path, data: Any) -> tuple[Mapping[str, Any], list[Problem]]:
    """Each day's spans as ("08:00", "12:00") pairs, and `holidays` as it stands.

    A span may wrap midnight and then belongs to the day it starts.
    """
    problems: list[Problem] = []
    office: dict[str, Any] = {}
    for key, value in data.items():
        here = (*path, key)
        if key == "holidays":
            if not _holidays(value):
                message = "holidays wants a country like CO, a part of one like BR-SP, or a list of dates"
                problems.append(source.problem(here, "P103", message))
            office[key] = value
            continue
        days = _days(key)
        if not days:
            hint = suggest(key, (*DAYS, "holidays")) or "write mon, or mon-fri, or mon,wed"
            problems.append(source.problem(here, "P103", f"'{key}' is not a day of the week", hint=hint))
        spans = []
        items = value if isinstance(value, list) else [value]
        for index, item in enumerate(items):
            span = span_of(str(item))
            if span is None:
                at = (*here, index) if isinstance(value, list) else here
                hint = 'write it like "08:00-12:00", in quotes'
                problems.append(source.problem(at, "P103", f"'{item}' is not a span of time", hint=hint))
                continue
            spans.append(span)
        for day in days:
            office[day] = (*office.get(day, ()), *spans)
    return office, problems


def span_of(text: str) -> tuple[str, str] | None:
    """
    >>> span_of("08:00-12:00"), span_of("8-12")
    (('08:00', '12:00'), None)
    """
    span = _SPAN.match(text)
    if not span or f"{span[3]}:{span[4]}" > "24:00":
        return None
    return f"{span[1]}:{span[2]}", f"{span[3]}:{span[4]}"


def _holidays(value: Any) -> bool:
    """Whether there are such holidays: of a country or a part of it that is known, or dates like 2026-12-25."""
    if isinstance(value, list):
        try:
            return all(date.fromisoformat(str(day)) for day in value)
        except ValueError:
            return False
    return isinstance(value, str) and bool(re.fullmatch("[A-Z]{2}(-[A-Z0-9]{1,3})?", value)) and has_holidays(value)


def _days(text: str) -> tuple[str, ...]:
    """mon-fri, fri-mon, mon,wed or one day; () when it is none."""
    found: list[str] = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            return ()
        start, end = DAYS.index(first), DAYS.index(last or first)
        found += [DAYS[day % 7] for day in range(start, end + 1 if end >= start else end + 8)]
    return tuple(found)
