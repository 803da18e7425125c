"""Hours as a flow writes them: `{from: "08:00", to: "19:00", days: [mon-fri, sat], timezone: …}`, a list of these, or
`office`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import marshmallow as ma

from ..model.problem import Path, suggest
from ..steps.fields import Text, Texts
from .reengage import Window
from .schedule import Span, span
from .schedule.hours import DAYS
from .workbench import Workbench

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]Z?\Z|24:00Z?\Z", re.ASCII)


class HourKeys(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    from_ = Text(data_key="from", required=True)
    to = Text(required=True)
    days = Texts()
    timezone = Text()


def check_zone(name: str, path: Path, bench: Workbench) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        hint = suggest(name, available_timezones()) or "write it like America/Bogota"
        bench.problem(path, "F203", f"there is no time zone {name!r}", hint=hint)


def window_of(data: Any, path: Path, bench: Workbench) -> Window:
    if data == "office":
        return Window(office=True)
    rows = data if isinstance(data, list) else [data]
    spans: dict[int, tuple[Span, ...]] = {}
    zones: dict[str, Path] = {}
    for number, row in enumerate(rows):
        here = (*path, number) if isinstance(data, list) else path
        if not isinstance(row, Mapping):
            hint = 'write {from: "08:00", to: "19:00"}, or office'
            bench.problem(here, "F203", "should be hours", hint=hint)
            continue
        days, found, timezone = _span(row, here, bench)
        zones.setdefault(timezone, here)
        for day in days if found else ():
            spans[day] = (*spans.get(day, ()), *([found] if found else []))
    if len(zones) > 1:
        bench.problem(list(zones.values())[1], "F203", "all hours of one key keep to one time zone")
    return Window(spans=tuple(sorted(spans.items())), timezone=next(iter(zones), ""))


def _span(row: Mapping[str, Any], path: Path, bench: Workbench) -> tuple[tuple[int, ...], Span | None, str]:
    """The days, from when to when, and the time zone: the one named, or UTC when the times end in Z."""
    keys = bench.table(row, path, HourKeys)
    timezone = keys.get("timezone", "")
    if timezone:
        check_zone(timezone, (*path, "timezone"), bench)
    days = _days(keys["days"], (*path, "days"), bench) if "days" in keys else tuple(range(7))
    times = [keys.get("from", ""), keys.get("to", "")]
    for name, time in zip(("from", "to"), times, strict=True):
        if time and not _TIME.match(time):
            bench.problem((*path, name), "F203", f"{time!r} is no time of day", hint='write it like "08:00", in quotes')
            return days, None, timezone
    if not all(times):
        return days, None, timezone
    universal = {time.endswith("Z") for time in times}
    if len(universal) > 1 or (True in universal and timezone):
        bench.problem(path, "F203", "both times end in Z, or none", hint="Z stands for UTC, without a timezone")
    start, end = (time.removesuffix("Z") for time in times)
    if start == end or start == "24:00":
        bench.problem((*path, "to"), "F203", "the hours are empty", hint='all day is from "00:00" to "24:00"')
        return days, None, timezone
    return days, span(start, end), "UTC" if True in universal else timezone


def _days(names: tuple[str, ...], path: Path, bench: Workbench) -> tuple[int, ...]:
    """mon, and mon-fri."""
    found: list[int] = []
    for name in names:
        first, _, last = name.partition("-")
        start = DAYS.index(bench.one_of(first, DAYS, path, "day"))
        end = DAYS.index(bench.one_of(last or first, DAYS, path, "day"))
        found += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return tuple(dict.fromkeys(found))
