"""Run another flow as a part of this one, and go on when it has ended.

It has no hooks of its own; this flow's `anytime` is understood too, after the other's own. What it asked stands at
`<step>.answers`, what it gave at `<step>.result`, and why it failed at `<step>.reason`.

```yaml
flow: example
languages: [en]
inputs: {round: {default: 1}}
steps:
  first: {branch: [{when: inputs.round == 2, then: inner}, {else: again}]}
  again:
    run: example
    with: {round: 2}
    next: {failed: closing}
  closing: {say: "It said {{ again.result.word }}.", succeed: {}}
  inner: {succeed: {word: "yes"}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.event import Event
from ..model.problem import Path
from .base import WAIT, Keys, Outcome, Tools, Value, Visit
from .fields import Table, Text
from .target import Route

_FLOW = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    flow: str
    inputs: Value

    word: ClassVar[str] = "run"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "succeeded"
    bad: ClassVar[tuple[str, ...]] = ("failed", "expired")
    shares: ClassVar[tuple[str, ...]] = ()
    finds: ClassVar[tuple[str, ...]] = ("outcome", "reason", "answers", "result")

    class Schema(Keys):
        run = Text(required=True)
        with_ = Table(data_key="with")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Run:
        flow = data["run"]
        if not _FLOW.match(flow):
            hint = "small letters, digits and _"
            tools.problem((*path, "run"), "F203", f"{flow!r} is no name for a flow", hint=hint)
        tools.flow_named(flow, (*path, "run"))
        return cls(flow=flow, inputs=tools.value(data.get("with", {}), (*path, "with")))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("succeeded", "failed", "expired")

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {}

    def enter(self, visit: Visit) -> Outcome:
        visit.run(self.flow, self.inputs(visit.scope) or {})
        return WAIT

    def resume(self, visit: Visit, event: Event) -> Outcome:
        return WAIT
