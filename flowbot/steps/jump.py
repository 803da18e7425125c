"""End this process and start another flow.

```yaml
flow: example
languages: [en]
steps:
  onwards:
    say: Let's go on.
    jump: example
    with: {round: 2}
    as: {fail: moved}                # how this process ends; well, unless given
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Anything, Table, Text
from .target import Route, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump(Passing):
    target: Target

    word: ClassVar[str] = "jump"
    role: ClassVar[str] = "end"
    good: ClassVar[str] = "jumped"

    class Schema(Keys):
        jump = Text(required=True)
        with_ = Table(data_key="with")
        as_ = Anything(data_key="as")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Jump:
        return cls(target=tools.target({key: data[key] for key in ("jump", "with", "as") if key in data}, path))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("jumped",)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {"jumped": (Route(target=self.target),)}

    def enter(self, visit: Visit) -> Outcome:
        return "jumped"
