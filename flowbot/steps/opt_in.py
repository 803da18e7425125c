"""Write down that the contact agrees to be written to: about one topic, or about everything.

```yaml
flow: example
languages: [en]
steps:
  agreed: {opt_in: offers, say: "We will write when there is something new.", succeed: {}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Text

_TOPIC = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")


def topic_of(topic: str, tools: Tools, path: Path) -> str:
    """`all` or a topic, after a look at it."""
    if not _TOPIC.match(topic):
        tools.problem(path, "F211", f"{topic!r} is no topic", hint="all, or a name of small letters, digits, _ and -")
    return topic


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn(Passing):
    topic: str

    word: ClassVar[str] = "opt_in"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        opt_in = Text(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> OptIn:
        return cls(topic=topic_of(data["opt_in"], tools, (*path, "opt_in")))

    def enter(self, visit: Visit) -> Outcome:
        visit.consent(self.topic, "in")
        return "done"
