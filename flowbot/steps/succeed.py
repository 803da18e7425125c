"""End the process well, with a result for the client.

```yaml
flow: example
languages: [en]
inputs: {city: {default: Lima}}
steps:
  closing: {say: All done., succeed: {city: "{{ inputs.city }}"}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Anything
from .target import Route, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(Passing):
    target: Target

    word: ClassVar[str] = "succeed"
    role: ClassVar[str] = "end"
    good: ClassVar[str] = "succeeded"

    class Schema(Keys):
        succeed = Anything(required=True, allow_none=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Succeed:
        return cls(target=tools.target({"succeed": data["succeed"]}, path))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("succeeded",)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {"succeeded": (Route(target=self.target),)}

    def enter(self, visit: Visit) -> Outcome:
        return "succeeded"
