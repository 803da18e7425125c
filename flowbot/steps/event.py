"""Tell the client's endpoints: a hook of the type `custom.<name>`.

Beside a verb that has a `with` of its own, the values stand inside: `event: {name: lead_scored, with: {…}}`.

```yaml
flow: example
languages: [en]
steps:
  tell: {say: "Thank you.", event: lead_scored, with: {score: 7}}
  closing: {event: {name: asked, with: {city: Lima}}, succeed: {}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.problem import Path
from .base import Keys, Outcome, Passing, Tools, Value, Visit
from .fields import Anything

OWN = ("ask", "template", "verify", "call", "run", "jump")  # verbs beside which `with` is theirs
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Passing):
    name: str
    values: Value

    word: ClassVar[str] = "event"
    role: ClassVar[str] = "act"

    class Schema(Keys):
        event = Anything(required=True)
        with_ = Anything(data_key="with")

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Event:
        event, here = data["event"], (*path, "event")
        values, at = (None, path) if any(verb in data for verb in OWN) else (data.get("with"), (*path, "with"))
        if isinstance(event, Mapping):
            row = tools.row(event, here, ("name",), ("name", "with"))
            values, at = row.get("with", values), (*here, "with")
            event, here = row.get("name", "event"), (*here, "name")
        if not isinstance(event, str) or not _NAME.match(event):
            hint = "small letters, digits, _ . and -; the hook's type is custom.<name>"
            tools.problem(here, "F211", f"{event!r} is no name for an event", hint=hint)
        if values is not None and not isinstance(values, Mapping):
            tools.problem(at, "F203", "`with` should be names with values")
            values = None
        return cls(name=str(event), values=tools.value(dict(values or {}), at))

    def enter(self, visit: Visit) -> Outcome:
        visit.emit(self.name, self.values(visit.scope) or {})
        return "done"
