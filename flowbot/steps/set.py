"""Set fields of the contact, variables, or answers.

```yaml
flow: example
languages: [en]
steps:
  count:
    set: {vars.score: "{{ vars.score + 1 }}", contact.city: Bogotá}
  closing:
    say: "You have {{ vars.score }} point and live in {{ contact.city }}."
    succeed: {}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Value, Visit
from .fields import Table

HOMES = ("contact", "vars", "answers")


def settings(table: Mapping[str, Any], tools: Tools, path: Path) -> Mapping[str, Value]:
    """The values of a `set`, its names looked at."""
    found: dict[str, Value] = {}
    for key, item in table.items():
        name = str(key)
        home, _, rest = name.partition(".")
        if home not in HOMES or not rest.isidentifier():
            message = f"{name!r} cannot be set"
            tools.problem((*path, key), "F203", message, hint="write contact.<field> or vars.<name>")
        found[name] = tools.value(item, (*path, key))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Passing):
    values: Mapping[str, Value]

    word: ClassVar[str] = "set"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        set = Table(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Set:
        values = settings(data["set"], tools, (*path, "set"))
        own = f"answers.{tools.saves}"
        for name, value in values.items():
            if "ask" in data and own in getattr(value, "names", ()):
                message = f"{own} is not there yet: `set` acts before the question"
                tools.problem((*path, "set", name), "F212", message, hint="use `save`, or set it in the next step")
        return cls(values=values)

    def enter(self, visit: Visit) -> Outcome:
        for name, value in self.values.items():
            visit.assign(name, value(visit.scope))
        return "done"
