"""Put the contact into groups, or take it out of them.

```yaml
flow: example
languages: [en]
steps:
  join: {groups: {add: mothers, remove: [waiting]}}
  closing: {say: "You are in {{ contact.groups | length }} group.", succeed: {}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Table
from .labels import Marks, marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Passing):
    marks: Marks

    word: ClassVar[str] = "groups"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        groups = Table(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Groups:
        return cls(marks=marks(data["groups"], tools, (*path, "groups")))

    def enter(self, visit: Visit) -> Outcome:
        self.marks.apply(visit, "groups")
        return "done"
