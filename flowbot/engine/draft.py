"""What a turn has made so far: the changed session and contact, and the effects in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..model.contact import Contact
from ..model.duration import DAY
from ..model.effect import CancelCall, CancelTimer, Effect, RecordTrace, SendMessage, SetTimer
from ..model.event import Event
from ..model.outbound import Outbound
from ..model.project import Account
from ..model.quick import builder, maker, replace
from ..model.session import Process, Session
from .flow import Flow
from .live import Live
from .schedule import Tier
from .templates import Templates

HIDDEN = "•••"
_message, _record = builder(SendMessage), builder(RecordTrace)
_set, _cancel = builder(SetTimer), builder(CancelTimer)
_CHANGED = ("version", "visits", "process", "parked")
_after = maker(Session, [one.name for one in fields(Session) if one.name not in _CHANGED])


@dataclass(slots=True, kw_only=True)
class Draft:
    session: Session
    contact: Contact
    account: Account
    event: Event
    now: int  # ms UTC by the session's clock
    partition: int
    templates: Templates
    purpose: str = "reply"  # of what is sent in this turn
    live: Live | None = None
    parked: tuple[Process, ...] = ()  # the newest last
    owed: str = ""  # the outcome of a part that has ended, which the process above it has not seen yet
    visits: int = 0
    moves: int = 0  # steps taken in this turn
    started: int = 0  # processes begun in this turn
    effects: list[Effect] = field(default_factory=list)
    said: int = 0
    hidden: bool = False  # history shows that a message came, not what it said
    attempts: Mapping[str, bool] = field(default_factory=dict)  # starts that have a place, and that have none
    woken: Flow | None = None  # of a process that went on by itself in this turn
    tier: Tier | None = None  # what the provider still allows in conversations that we open; None: it does not say
    armed: bool = False  # the expiry was set in this turn
    private: bool = False  # what came in may be a sensitive answer, right or wrong

    @property
    def opened_at(self) -> int:
        """When the 24-hour window opened last, ms UTC; 0: never."""
        return max(self.session.last_inbound_at, self.session.opened_at)

    @property
    def inside(self) -> bool:
        """Whether free text may go: the window is open, as it is in every turn that answers the contact."""
        return self.purpose == "reply" or self.now < self.opened_at + DAY

    def send(
        self,
        outbound: Outbound,
        purpose: str = "",
        *,
        topic: str = "",
        id: str = "",
        wakes: str = "",
        unasked: bool = False,
    ) -> None:
        """Free text outside the window is not sent, and recorded. `unasked`: of a template that is of no process."""
        if outbound.kind != "template" and not self.inside:
            self.trace("not_sent", "window_closed", key=outbound.key)
            return
        purpose, process = purpose or self.purpose, self.live.id if self.live else ""
        if process and purpose == "business" and "all" in self.contact.opted_out:
            self.trace("not_sent", "opted_out", key=outbound.key)
            return
        step = self.live.flow_.steps.get(self.live.step) if self.live else None
        self.effects.append(
            _message(
                outbound=outbound,
                purpose=purpose,
                process_id=process,
                topic=topic,
                id=id,
                wakes=wakes,
                unasked=outbound.kind == "template" and self.needs_opt_in(purpose, unasked),
                waits=step.next_after if step is not None else -1,
            )
        )
        self.said += 1

    def needs_opt_in(self, purpose: str, unasked: bool = False) -> bool:
        """Whether a template goes only to who has opted in: not to who is in the conversation, or is said to agree."""
        if purpose != "business" or self.account.consent != "strict":
            return False
        return self.live.unasked if self.live else unasked

    def trace(self, what: str, detail: str = "", **facts: Any) -> None:
        step = self.live.step if self.live else ""
        self.effects.append(_record(step=step, what=what, detail=detail, facts=facts))

    def arm(self, name: str, at: int) -> None:
        """Set a timer of the present visit."""
        live = self._live()
        live.timers = {**live.timers, f"{name}:{live.visit}": at}
        self.effects.append(_set(name=name, visit=live.visit, at=at))

    def cancel(self, which: Callable[[str], bool]) -> None:
        """Cancel the timers of the present visit whose names are meant."""
        live = self._live()
        for key in live.timers:
            name, _, visit = key.rpartition(":")
            if int(visit) == live.visit and which(name):
                self.effects.append(_cancel(name=name, visit=live.visit))
                live.timers = without(live.timers, key)

    def disarm(self) -> None:
        """Cancel every timer of the process, and every call that it waits for."""
        live = self._live()
        if live.timers:
            for key in live.timers:
                name, _, visit = key.rpartition(":")
                self.effects.append(_cancel(name=name, visit=int(visit)))
            live.timers = {}
        if live.calls:
            self.effects += [CancelCall(id=id) for id in live.calls]
            live.calls = {}

    def finish(self) -> Session:
        """The session as it is after the turn, its version one higher."""
        process = self.live.frozen() if self.live else None
        before = self.session
        return _after(before, version=before.version + 1, visits=self.visits, process=process, parked=self.parked)

    def change_contact(self, **changes: Any) -> None:
        self.contact = replace(self.contact, **changes)

    def _live(self) -> Live:
        if self.live is None:
            raise LookupError("no process is open")
        return self.live


def without(table: Mapping[str, int], key: str) -> dict[str, int]:
    """
    >>> without({"a": 1, "b": 2}, "a")
    {'b': 2}
    """
    return {name: value for name, value in table.items() if name != key}
