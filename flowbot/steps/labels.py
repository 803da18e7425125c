"""Put labels on the contact, or take them off.

```yaml
flow: example
languages: [en]
steps:
  mark: {labels: {add: [asked, "city_{{ contact.country }}"], remove: new}}
  closing: {say: "Your labels: {{ contact.labels | join }}.", succeed: {}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Value, Visit
from .fields import Table

WORDS = ("add", "remove")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is put on a contact and what is taken off; both give a name, or a list of names."""

    add: Value | None = None
    remove: Value | None = None

    def apply(self, visit: Visit, kind: str) -> None:
        """`kind`: labels or groups."""
        visit.mark(kind, add=names(self.add, visit), remove=names(self.remove, visit))


NOTHING = Marks()


def names(value: Value | None, visit: Visit) -> tuple[str, ...]:
    """The names a value comes to; what is empty is left out."""
    found = value(visit.scope) if value is not None else None
    items = found if isinstance(found, (list, tuple)) else [found]
    return tuple(str(item).strip() for item in items if item is not None and str(item).strip())


def marks(data: Any, tools: Tools, path: Path) -> Marks:
    """`{add: …, remove: …}`, each a name or a list of names."""
    if not isinstance(data, Mapping) or not data:
        hint = "for example: {add: asked, remove: new}"
        tools.problem(path, "F203", f"{path[-1]!r} should say what to add and what to remove", hint=hint)
        return Marks()
    row = tools.row(data, path, (), WORDS)
    for word, item in row.items():
        items = item if isinstance(item, list) else [item]
        if not items or not all(isinstance(one, (str, int)) and not isinstance(one, bool) for one in items):
            tools.problem((*path, word), "F203", f"{word!r} should be a name or a list of names")
            return Marks()
    values = {word: tools.value(item, (*path, word)) for word, item in row.items()}
    return Marks(add=values.get("add"), remove=values.get("remove"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels(Passing):
    marks: Marks

    word: ClassVar[str] = "labels"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        labels = Table(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Labels:
        return cls(marks=marks(data["labels"], tools, (*path, "labels")))

    def enter(self, visit: Visit) -> Outcome:
        self.marks.apply(visit, "labels")
        return "done"
