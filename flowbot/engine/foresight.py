"""What becomes of a flow's waits and timeouts, were each step reached at one moment: for `flowbot when`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import EngineError, ExpressionError
from ..model.contact import Contact
from ..model.duration import format_duration
from ..model.project import Account
from ..steps.ask import Ask
from ..steps.wait import Wait
from . import holding, scope, silence, waiting
from .ahead import Line, lines
from .flow import Flow, Step, Timeout
from .live import Live
from .schedule import Decision, Recipient, Send, decide, when
from .timezone import zone

NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """A wait that is over, or a silence that is noticed."""

    step: str
    kind: str  # wait, timeout
    what: str  # for 2d, until inputs.visit_on, after 10m
    decision: Decision | None  # None: its moment cannot be told, or only an event brings it
    said: tuple[tuple[Line, Decision | None], ...] = ()  # None: whatever another flow says
    expired: int = 0  # ms UTC; it never comes when the question has expired then

    @property
    def silent(self) -> bool:
        return not self.said


def foresee(
    flow: Flow, contact: Contact, account: Account, at: int, inputs: Mapping[str, Any] = NONE
) -> tuple[Foreseen, ...]:
    """Each step is reached at `at` (ms UTC), right after a message of the contact's, who then says nothing more."""
    return tuple(_Seeing(flow, contact, account, at, inputs).all())


class _Seeing:
    def __init__(self, flow: Flow, contact: Contact, account: Account, at: int, inputs: Mapping[str, Any]) -> None:
        self.flow, self.contact, self.account, self.at = flow, contact, account, at
        self.inputs = {**{name: one.default for name, one in flow.inputs.items()}, **inputs}
        self.zone = zone(flow.settings.timezone, contact.timezone, account.timezone)
        self.person = Recipient(zone=self.zone, last_inbound_at=at, opted_out=contact.opted_out, sent_at=contact.sought)

    def all(self) -> Iterator[Foreseen]:
        for step in self.flow.steps.values():
            if isinstance(step.main, Wait):
                yield self.wait(step, step.main)
            yield from self.timeouts(step)

    def timeouts(self, step: Step) -> Iterator[Foreseen]:
        """One that is held holds the question's expiry with it; one that is due at the same moment comes before it."""
        expiry = silence.foresee(self.flow, self.contact, self.account, self.at)[1]
        seen: dict[int, Foreseen] = {}
        for number, one in sorted(enumerate(step.timeouts), key=lambda row: row[1].after):
            due = self.at + one.after
            if isinstance(step.main, Ask) and due > expiry:
                what = f"after {format_duration(one.after)}"
                found = Foreseen(step=step.id, kind="timeout", what=what, decision=None, expired=expiry)
            else:
                found = self.timeout(step, one)
                held = found.decision.at if found.decision else due
                expiry = max(expiry, held + self.flow.settings.expires_after) if held > due else expiry
            seen[number] = found
        yield from (seen[number] for number in sorted(seen))

    def timeout(self, step: Step, one: Timeout) -> Foreseen:
        told = [Line("say", one.say)] if one.say else []
        told += [Line("template", one.letter.template)] if one.letter else []
        more = lines(self.flow, step.id, one.trigger) if one.trigger else ()
        return self.seen(step, "timeout", f"after {format_duration(one.after)}", self.at + one.after, told, more)

    def wait(self, step: Step, verb: Wait) -> Foreseen:
        what = _words(verb)
        try:
            due = waiting.due(verb, self.at, self.names(step), self.zone, self.account)
        except (EngineError, ExpressionError):
            due = 0
        more = lines(self.flow, step.id, verb.late)
        return self.seen(step, "wait", what, max(due, self.at) if due else 0, (), more)

    def seen(
        self, step: Step, kind: str, what: str, due: int, told: list[Line] | tuple[Line, ...], more: tuple[Line, ...]
    ) -> Foreseen:
        listed = tuple(dict.fromkeys((*told, *more)))
        if not due:
            return Foreseen(step=step.id, kind=kind, what=what, decision=None)
        send = Send(kind=kind, earliest=due, part=True)
        if not listed:
            return Foreseen(step=step.id, kind=kind, what=what, decision=when(send, self.person, now=self.at))
        hours = holding.hours(self.flow, self.contact, self.account)
        caps = holding.caps(self.flow, self.account)
        found = when(send, self.person, now=self.at, hours=hours, caps=caps)
        said = tuple((line, self.line(line, kind, found)) for line in listed)
        return Foreseen(step=step.id, kind=kind, what=what, decision=found, said=said)

    def line(self, line: Line, kind: str, found: Decision) -> Decision | None:
        """As what it goes, at that moment."""
        if line.kind == "flow" or found.skipped:
            return None
        entry = self.flow.content.lookup(line.name, self.flow.languages[0]) if line.kind == "say" else None
        instead = entry.outside.template if entry is not None and entry.outside is not None else ""
        name = line.name if line.kind == "template" else instead
        send = Send(kind=kind, earliest=found.at, text=line.kind == "say", template=name)
        return decide(send, self.person, now=found.at)

    def names(self, step: Step) -> dict[str, Any]:
        live = Live(
            flow_=self.flow,
            id="",
            flow=self.flow.id,
            flow_version=self.flow.version,
            step=step.id,
            inputs=self.inputs,
            started_at=self.at,
        )
        return scope.build(live, self.contact, self.account, "", self.at)


def _words(verb: Wait) -> str:
    """As the author wrote it, more or less."""
    if verb.event:
        return f"for the event {verb.event}" + (f", {format_duration(verb.span)} at most" if verb.span else "")
    if verb.office:
        return "until the office opens"
    if verb.until is None:
        return f"for {format_duration(verb.span)}"
    told = f"until {getattr(verb.until, 'source', '') or ', '.join(sorted(verb.until.names))}"
    told += f" {'plus' if verb.shift > 0 else 'minus'} {format_duration(abs(verb.shift))}" if verb.shift else ""
    return told + (f" at {verb.at[0]:02}:{verb.at[1]:02}" if verb.at else "")
