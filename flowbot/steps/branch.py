"""Go the first way whose condition holds.

```yaml
flow: example
languages: [en]
inputs: {age: {type: integer}}
steps:
  by_age:
    branch:
      - {when: inputs.age >= 18, then: adult}
      - {else: child}
  adult: {say: Welcome., succeed: {}}
  child: {say: Please come with an adult., fail: too_young}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Rows
from .target import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Passing):
    ways: tuple[Route, ...]

    word: ClassVar[str] = "branch"
    role: ClassVar[str] = "route"
    good: ClassVar[str] = "chosen"

    class Schema(Keys):
        branch = Rows(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Branch:
        return cls(ways=tools.ways(data["branch"], (*path, "branch")))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("chosen",)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {"chosen": self.ways}

    def enter(self, visit: Visit) -> Outcome:
        return "chosen"
