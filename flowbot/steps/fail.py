"""End the process badly, with a reason for the client.

```yaml
flow: example
languages: [en]
steps:
  sorry: {say: We cannot go on., fail: not_covered}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Visit
from .fields import Text
from .target import Route, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Passing):
    target: Target

    word: ClassVar[str] = "fail"
    role: ClassVar[str] = "end"
    good: ClassVar[str] = "failed"

    class Schema(Keys):
        fail = Text(required=True)

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Fail:
        return cls(target=tools.target({"fail": data["fail"]}, path))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("failed",)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {"failed": (Route(target=self.target),)}

    def enter(self, visit: Visit) -> Outcome:
        return "failed"
