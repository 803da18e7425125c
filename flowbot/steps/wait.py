"""Put the flow aside until later: for a while, until a moment, until the office opens, or until something happens.

Meanwhile other flows may run, and the words of `anytime` and `listen` are heard. When its time comes and another flow
is open, it waits for that one's end. A moment already past goes on at once. Write one of:

    wait: {for: 2d}
    wait: {until: inputs.visit_on, minus: 2d, at: "10:00"}     # or plus; `at` by the contact's clock
    wait: {hours: office}
    wait: {event: paid, timeout: 1d}                           # what came with the event stands under the step's id

```yaml
flow: example
languages: [en]
steps:
  hello: {say: We will remind you.}
  later: {wait: {for: 20h}, listen: {now: reminder}}
  reminder: {say: Your visit is soon., succeed: {}}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..model.event import Event, EventReceived
from ..model.problem import Path
from .base import Expression, Keys, Outcome, Tools, Visit
from .fields import Table
from .target import Route, Target

KINDS = {  # what is waited for -> what may stand beside it
    "for": (),
    "until": ("plus", "minus", "at"),
    "hours": (),
    "event": ("timeout",),
}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One of `span`, `until`, `office`, `event`; with `event`, `span` is the longest it waits (0: without end)."""

    span: int = 0  # ms
    until: Expression | None = None
    shift: int = 0  # ms after that moment
    at: tuple[int, int] | None = None  # hour and minute of that day
    office: bool = False
    event: str = ""
    listen: Mapping[str, Target] = field(default_factory=dict)

    word: ClassVar[str] = "wait"
    role: ClassVar[str] = "wait"
    good: ClassVar[str] = "done"
    bad: ClassVar[tuple[str, ...]] = ("timeout",)
    shares: ClassVar[tuple[str, ...]] = ()

    class Schema(Keys):
        wait = Table(required=True)
        listen = Table()

    @classmethod
    def build(cls, data: Mapping[str, Any], tools: Tools, path: Path) -> Wait:
        rule, here = data["wait"], (*path, "wait")
        listen = {word: tools.target(item, (*path, "listen", word)) for word, item in data.get("listen", {}).items()}
        kinds = [kind for kind in KINDS if kind in rule]
        if len(kinds) != 1:
            hint = "for example: {for: 2d}, {until: inputs.visit_on, minus: 2d} or {event: paid, timeout: 1d}"
            tools.problem(here, "F203", "`wait` takes one of for, until, hours and event", hint=hint)
            return cls(span=1, listen=listen)
        kind = kinds[0]
        rule = tools.row(rule, here, (), (kind, *KINDS[kind]))
        for name in ("plus", "minus"):
            if "plus" in rule and "minus" in rule:
                tools.problem((*here, name), "F205", "a moment is moved by plus or by minus, not by both")
        spans = {
            name: tools.duration(rule[name], (*here, name))
            for name in ("for", "plus", "minus", "timeout")
            if name in rule
        }
        if kind == "hours":
            tools.one_of(str(rule["hours"]), ("office",), (*here, "hours"), "hours")
        return cls(
            span=spans.get("for", spans.get("timeout", 0)),
            until=tools.expression(rule["until"], (*here, "until")) if kind == "until" else None,
            shift=spans.get("plus", 0) - spans.get("minus", 0),
            at=_clock(rule["at"], tools, (*here, "at")) if "at" in rule else None,
            office=kind == "hours",
            event=_name(rule["event"], tools, (*here, "event")) if kind == "event" else "",
            listen=listen,
        )

    @property
    def finds(self) -> tuple[str, ...]:
        """What stands under the step's id: anything that comes with an event."""
        return ("*",) if self.event else ()

    @property
    def late(self) -> str:
        """The outcome when the time is over."""
        return "timeout" if self.event else "done"

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("done", "timeout") if self.event and self.span else ("done",)

    @property
    def routes(self) -> Mapping[str, tuple[Route, ...]]:
        return {f"listen:{word}": (Route(target=target),) for word, target in self.listen.items()}

    def enter(self, visit: Visit) -> Outcome:
        return visit.park(self)

    def resume(self, visit: Visit, event: Event) -> Outcome:
        if isinstance(event, EventReceived):
            visit.found(event.data)
            return "done"
        return self.late


def _clock(text: Any, tools: Tools, path: Path) -> tuple[int, int] | None:
    found = _CLOCK.match(text) if isinstance(text, str) else None
    if found is None:
        tools.problem(path, "F203", f"{text!r} is no time of day", hint='write it in quotes, like "10:00"')
        return None
    return int(found[1]), int(found[2])


def _name(name: Any, tools: Tools, path: Path) -> str:
    if not isinstance(name, str) or not _NAME.match(name):
        tools.problem(path, "F211", f"{name!r} is no name for an event", hint="small letters, digits, _ . and -")
    return str(name)
