"""Divide contacts at random, by weights; who comes by again goes the same way, for as long as the process lasts.

```yaml
flow: example
languages: [en]
steps:
  trial:
    split: {short: 50, long: 50}
    next: {short: brief, long: full}
  brief: {say: "Hi!", succeed: {greeting: "{{ trial.outcome }}"}}
  full: {say: "Good day, and welcome.", succeed: {greeting: "{{ trial.outcome }}"}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Table

_WAY = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_TAKEN = ("done", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Passing):
    weights: Mapping[str, float]

    word: ClassVar[str] = "split"
    role: ClassVar[str] = "route"
    finds: ClassVar[tuple[str, ...]] = ("outcome",)

    class Schema(Keys):
        split = Table(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Split:
        weights: dict[str, float] = {}
        for way, weight in data["split"].items():
            here = (*path, "split", way)
            if not _WAY.match(way) or way in _TAKEN:
                hint = "small letters, digits and _; its step is named in `next`"
                tools.problem(here, "F211", f"{way!r} is no name for a way", hint=hint)
            elif isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 1_000_000:
                tools.problem(here, "F203", f"the weight of {way!r} should be a number from 0 up")
            else:
                weights[way] = weight
        if not sum(weights.values()) and len(weights) == len(data["split"]):
            hint = "for example: {short: 50, long: 50}"
            tools.problem((*path, "split"), "F203", "`split` should be ways with their weights", hint=hint)
        return cls(weights=weights)

    @property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(self.weights)

    def enter(self, visit: Visit) -> Outcome:
        way = visit.draw(self.weights)
        visit.found({"outcome": way})
        return way
