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
from ..steps.fields import Anything, Flag, Table, Text
from ..steps.target import Target
from .hour_keys import window_of
from .reengage import YES_NO, Answer, Reengage, Window
from .workbench import Workbench

SHORTEST, LONGEST, USUAL = 30 * MINUTE, 23 * HOUR, 2 * HOUR
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
        window = window_of(keys.get("hours"), (*path, "hours"), bench) if "hours" in keys else Window()
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
