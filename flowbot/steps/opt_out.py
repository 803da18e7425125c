"""Write down that the contact no longer wants to be written to: about one topic, or about anything.

Answers to the contact's own messages still go out; what the business starts by itself does not. When a word of
`anytime` leads to this step, it is also where the shipped words for opting out lead.

```yaml
flow: example
languages: [en]
anytime: {leave: {then: opted_out}}
steps:
  hello: {ask: "Shall we write to you?", choices: {gladly: closing, never: opted_out}}
  closing: {succeed: {}}
  opted_out: {opt_out: all, say: "We won't write any more.", fail: opted_out}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Text
from .opt_in import topic_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut(Passing):
    topic: str

    word: ClassVar[str] = "opt_out"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        opt_out = Text(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> OptOut:
        return cls(topic=topic_of(data["opt_out"], tools, (*path, "opt_out")))

    def enter(self, visit: Visit) -> Outcome:
        visit.consent(self.topic, "out")
        return "done"
