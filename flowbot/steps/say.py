"""Send a content entry, or several.

```yaml
flow: example
languages: [en]
steps:
  greeting:
    say: Welcome!
  closing:
    say: [Thank you., See you soon.]
    succeed: {}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Passing):
    keys: tuple[str, ...]

    word: ClassVar[str] = "say"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        say = Texts(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Say:
        texts = data["say"]
        # The step's id names its question, where there is one.
        own = "ask" in data
        keys = [
            tools.entry(text, (*path, "say"), part=f"say_{number}" if own or number > 1 else "")
            for number, text in enumerate(texts, 1)
        ]
        return cls(keys=tuple(keys))

    def enter(self, visit: Visit) -> Outcome:
        for key in self.keys:
            visit.say(key)
        return "done"
