"""The key `reengage` of a flow, as written and as it runs.

```yaml
reengage:
  - after: 2h                     # 30m to 23h of silence; 2h when it does not say
    say: still_there              # yes and no are added
    hours: {from: "08:00", to: "19:00", days: [mon-fri, sat]}      # or a list of these, or `office`
    choices: {later: {again: 20h}, agent: {then: to_agent}}
    template: come_back           # goes instead when the 24-hour window has closed; `with` fills it
    early: true                   # rather before its time than after the 24-hour window has closed
  - {after: 6h, say: last_call}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from ..model.duration import HOUR, MINUTE
from ..model.problem import Path
from ..steps.fields import Anything, Flag, Table, Text, Texts
from ..steps.target import Target
from .outline import check_zone
from .reengage import YES_NO, Answer, Reengage, Window
from .schedule import Span, span
from .schedule.hours import DAYS
from .workbench import Workbench

SHORTEST, LONGEST, USUAL = 30 * MINUTE, 23 * HOUR, 2 * HOUR
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]Z?\Z|24:00Z?\Z", re.ASCII)
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class _Keys(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE


class ReengageKeys(_Keys):
    after = Text()
    say = Text(required=True)
    hours = Anything()
    choices = Table()
    template = Text()
    with_ = Table(data_key="with")
    early = Flag()


class HourKeys(_Keys):
    from_ = Text(data_key="from", required=True)
    to = Text(required=True)
    days = Texts()
    timezone = Text()


def reengage_of(data: Any, bench: Workbench) -> tuple[tuple[Reengage, ...], Mapping[str, Target]]:
    """All of them in order, and where their answers lead, by trigger."""
    if data is None:
        return (), {}
    rows = data if isinstance(data, list) else [data]
    found: list[Reengage] = []
    targets: dict[str, Target] = {}
    for number, row in enumerate(rows):
        path: Path = ("reengage", number) if isinstance(data, list) else ("reengage",)
        one = _Reading(bench, path, number, targets).read(row)
        if one is not None and found and one.after <= found[-1].after:
            bench.problem((*path, "after"), "F232", "each should come later than the one before it")
        elif one is not None:
            found.append(one)
    return tuple(found), targets


class _Reading:
    """One of them on the bench."""

    def __init__(self, bench: Workbench, path: Path, number: int, targets: dict[str, Target]) -> None:
        self.bench = bench
        self.path = path
        self.number = number
        self.targets = targets

    def read(self, row: Any) -> Reengage | None:
        bench, path = self.bench, self.path
        keys = bench.table(row, path, ReengageKeys)
        after = self.pause(keys["after"], (*path, "after")) if "after" in keys else USUAL
        window = self.window(keys.get("hours"), (*path, "hours")) if "hours" in keys else Window()
        choices = {str(word): self.answer(str(word), item) for word, item in keys.get("choices", {}).items()}
        if "say" not in keys:
            return None
        bench.step = "reengage"
        say = bench.entry(keys["say"], (*path, "say"), part=str(self.number + 1))
        for word in ("no", *(word for word, answer in choices.items() if answer.again)):
            if any(f"reengage.{word}" in entries for entries in bench.content.values()):
                bench.entries.setdefault(f"reengage.{word}", path)
        return Reengage(
            after=after,
            say=say,
            window=window,
            choices=choices,
            letter=bench.letter(keys, path),
            early=keys.get("early", False),
        )

    def pause(self, text: Any, path: Path) -> int:
        before = len(self.bench.problems)
        found = self.bench.duration(text, path)
        if len(self.bench.problems) > before or SHORTEST <= found <= LONGEST:
            return found
        message = f"{text} is too {'short' if found < SHORTEST else 'long'} a silence for a re-engagement"
        self.bench.problem(path, "F232", message, hint="from 30m to 23h")
        return USUAL

    # -- answers

    def answer(self, word: str, item: Any) -> Answer:
        bench, path = self.bench, (*self.path, "choices", word)
        if word in YES_NO:
            bench.problem(path, "F211", f"every re-engagement has the answer {word!r}: take another id")
        elif not _ID.match(word):
            bench.problem(path, "F211", f"{word!r} is no id for a choice", hint="small letters, digits and _")
        if isinstance(item, Mapping) and set(item) & {"again", "then"}:
            row = bench.row(item, path, (), ("again", "then"))
            if len(row) > 1:
                bench.problem(path, "F205", "`again` and `then` do not go together")
            if "again" in row:
                return Answer(again=self.pause(row["again"], (*path, "again")))
            item, path = row["then"], (*path, "then")
        elif not isinstance(item, (str, Mapping)):
            hint = "write {again: 20h}, or the step it leads to"
            bench.problem(path, "F203", f"the answer {word!r} does nothing", hint=hint)
            return Answer()
        trigger = f"reengage:{self.number}:{word}"
        self.targets[trigger] = bench.target(item, path)
        return Answer(trigger=trigger)

    # -- hours

    def window(self, data: Any, path: Path) -> Window:
        if data == "office":
            return Window(office=True)
        rows = data if isinstance(data, list) else [data]
        spans: dict[int, tuple[Span, ...]] = {}
        zones: dict[str, Path] = {}
        for number, row in enumerate(rows):
            here = (*path, number) if isinstance(data, list) else path
            if not isinstance(row, Mapping):
                hint = 'write {from: "08:00", to: "19:00"}, or office'
                self.bench.problem(here, "F203", "should be hours", hint=hint)
                continue
            days, found, timezone = self.span(row, here)
            zones.setdefault(timezone, here)
            for day in days if found else ():
                spans[day] = (*spans.get(day, ()), *([found] if found else []))
        if len(zones) > 1:
            self.bench.problem(list(zones.values())[1], "F203", "one re-engagement keeps to one time zone")
        return Window(spans=tuple(sorted(spans.items())), timezone=next(iter(zones), ""))

    def span(self, row: Mapping[str, Any], path: Path) -> tuple[tuple[int, ...], Span | None, str]:
        """The days, from when to when, and the time zone: the one named, or UTC when the times end in Z."""
        bench = self.bench
        keys = bench.table(row, path, HourKeys)
        timezone = keys.get("timezone", "")
        if timezone:
            check_zone(timezone, (*path, "timezone"), bench)
        days = self.days(keys["days"], (*path, "days")) if "days" in keys else tuple(range(7))
        times = [keys.get("from", ""), keys.get("to", "")]
        for name, time in zip(("from", "to"), times, strict=True):
            if time and not _TIME.match(time):
                bench.problem(
                    (*path, name), "F203", f"{time!r} is no time of day", hint='write it like "08:00", in quotes'
                )
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

    def days(self, names: tuple[str, ...], path: Path) -> tuple[int, ...]:
        """mon, and mon-fri."""
        found: list[int] = []
        for name in names:
            first, _, last = name.partition("-")
            start = DAYS.index(self.bench.one_of(first, DAYS, path, "day"))
            end = DAYS.index(self.bench.one_of(last or first, DAYS, path, "day"))
            found += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
        return tuple(dict.fromkeys(found))
