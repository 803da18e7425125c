"""Let a person take over: the bot is quiet, and what the contact writes goes to an operator of the team.

It ends when the operator closes the conversation, or presses one of the buttons in `choices`. Who it was stands at
`<step>.operator`, what was pressed at `<step>.outcome`.

```yaml
flow: example
languages: [en]
steps:
  review:
    say: A person will look at it.
    handoff: review
    choices: {approve: done, reject: {fail: rejected}}
    timeout: {after: 2d, then: gave_up}
    next: {canceled: gave_up}
  done: {say: All is fine., succeed: {}}
  gave_up: {say: "Nobody had time, we are sorry.", fail: no_operator}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..model.event import Event, OperatorActed
from ..model.problem import Path
from .base import WAIT, Keys, Outcome, Tools, Visit
from .choices import Deed, choices_of
from .fields import Anything, Text
from .target import Route, Target

RESERVED = ("closed", "timeout", "canceled")
_TEAM = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    team: str
    choices: tuple[str, ...] = ()  # the operator's buttons
    ways: Mapping[str, Target] = field(default_factory=dict)
    deeds: Mapping[str, Deed] = field(default_factory=dict)

    word: ClassVar[str] = "handoff"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "closed"
    bad: ClassVar[tuple[str, ...]] = ("timeout", "canceled")
    shares: ClassVar[tuple[str, ...]] = ("timeout",)
    finds: ClassVar[tuple[str, ...]] = ("outcome", "operator")

    class Schema(Keys):
        handoff = Text(required=True)
        choices = Anything()

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Handoff:
        team = data["handoff"]
        if not _TEAM.match(team):
            hint = "small letters, digits, _ and -"
            tools.problem((*path, "handoff"), "F203", f"{team!r} is no name for a team", hint=hint)
        ways, deeds = choices_of(data.get("choices"), tools, (*path, "choices"), reserved=RESERVED)
        return cls(
            team=team,
            choices=tuple(ways),
            ways={choice: target for choice, target in ways.items() if target is not None},
            deeds=deeds,
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return (*self.choices, *RESERVED)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {choice: (Route(target=target),) for choice, target in self.ways.items()}

    def enter(self, visit: Visit) -> Outcome:
        visit.hand_off(self.team)
        return WAIT

    def resume(self, visit: Visit, event: Event) -> Outcome:
        if not isinstance(event, OperatorActed):
            return WAIT
        if event.action == "say":
            visit.relay(event.text)
            return WAIT
        outcome = {"close": "closed", "cancel": "canceled"}.get(event.action, event.choice)
        if outcome not in self.outcomes:
            return WAIT
        visit.found({"outcome": outcome, "operator": event.operator})
        if outcome in self.deeds:
            self.deeds[outcome].perform(visit)
        return outcome
