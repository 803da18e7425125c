"""Speak another language with the contact, from the next text on, and remember it.

```yaml
flow: example
languages: [en, es]
steps:
  switch: {language: es}
  closing: {say: "{{ contact.language }}", succeed: {}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Value, Visit
from .fields import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(Passing):
    value: Value

    word: ClassVar[str] = "language"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        language = Text(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Language:
        here = (*path, "language")
        if "{{" not in data["language"]:
            tools.speaks(data["language"], here)
        return cls(value=tools.value(data["language"], here))

    def enter(self, visit: Visit) -> Outcome:
        visit.speak(str(self.value(visit.scope) or ""))
        return "done"
