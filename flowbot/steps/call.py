"""Call a client's service, as `integrations` in flowbot.yaml describe it, and go on with what it answered.

The fields of the answer stand under the step's id, and its HTTP status at `<step>.status`. `error` is what comes of a
service that is not there, takes too long, answers with another status than 2xx, or with anything but a JSON object;
`<step>.error` names which. Give it a way in `next`: then the flow goes on, else it ends there.

A contact who waits sees the typing sign after a moment. At most 16 calls to one integration are under way at a time;
the others wait for one of them to end, as long as their time allows, and keep nobody else waiting.

```yaml
flow: example
languages: [en]
steps:
  city: {ask: Where do you live?}
  weather:
    call: weather.today
    with: {city: "{{ answers.city }}"}
    next: {ok: told, error: unknown}
  told: {say: "It is {{ weather.degrees }} degrees.", succeed: {}}
  unknown: {say: "I cannot see that far.", succeed: {}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.event import CallAnswered, Event
from ..model.problem import Path
from .base import WAIT, Keys, Outcome, Tools, Value, Visit
from .fields import Table, Text
from .target import Route

ACTION = re.compile(r"([a-z][a-z0-9_-]{0,62})\.([a-z][a-z0-9_-]{0,62})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    integration: str
    action: str
    values: Value  # the contents of `with`, from a scope

    word: ClassVar[str] = "call"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "ok"
    bad: ClassVar[tuple[str, ...]] = ("error",)
    shares: ClassVar[tuple[str, ...]] = ()

    class Schema(Keys):
        call = Text(required=True)
        with_ = Table(data_key="with")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Call:
        name, given = data["call"], data.get("with", {})
        found = ACTION.match(name)
        if found is None:
            hint = "integration.action, as flowbot.yaml declares them: crm.save"
            tools.problem((*path, "call"), "F203", f"{name!r} is no action of an integration", hint=hint)
        else:
            tools.action_named(name, tuple(given), path)
        integration, action = found.groups() if found else ("", "")
        return cls(integration=integration, action=action, values=tools.value(given, (*path, "with")))

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("ok", "error")

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {}

    def enter(self, visit: Visit) -> Outcome:
        return visit.call(self.integration, self.action, self.values(visit.scope) or {})

    def resume(self, visit: Visit, event: Event) -> Outcome:
        if not isinstance(event, CallAnswered):
            return WAIT
        visit.found(event.result or {"status": 0, "error": event.reason})
        return "ok" if event.outcome == "ok" else "error"
