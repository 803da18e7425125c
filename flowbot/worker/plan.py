"""From a turn to one commit: pure, so that a replay of the same event makes the same ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ..engine.turn import Turn
from ..gateways import GATEWAYS
from ..gateways.fit import fit
from ..model import codec, ids
from ..model.contact import Contact
from ..model.effect import (
    CancelTimer,
    Effect,
    EmitHook,
    RecordConsent,
    RecordTrace,
    SaveProcess,
    SendMessage,
    SetTimer,
)
from ..model.event import Event, MessageReceived, to_plain
from ..model.hook import Hook
from ..model.outbound import Outbound, OutboxEntry
from ..model.project import Channel
from ..model.session import Process, Session
from ..store import timers
from ..store.turns import Commit

DAY = 86_400_000
REPLIES = "r"  # the lane of all that a turn sends: a conversation stays in order; broadcasts have the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an event was taken, and when (ms UTC by the store's clock)."""

    partition: int
    owner: str
    epoch: int
    entry_id: str
    now: int
    body: bytes = b""  # the event as JSON, where that is how it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A contact's records as they are before an event."""

    session: Session
    contact: Contact
    known: bool = True  # the contact is in the store already


def plan(place: Place, channel: Channel, before: Standing, event: Event, turn: Turn) -> tuple[Commit, Standing]:
    """Everything that the turn asks for as one commit, and where the contact stands after it."""
    draft = _Draft(place=place, channel=channel, before=before, event=event, turn=turn)
    draft.record_event()
    for effect in turn.effects:
        draft.add(effect)
    return draft.finish()


@dataclass(slots=True, kw_only=True)
class _Draft:
    place: Place
    channel: Channel
    before: Standing
    event: Event
    turn: Turn
    contact: Contact = field(init=False)
    made: int = 0  # ids made so far in this turn
    timers_set: dict[str, int] = field(default_factory=dict)
    timers_cancel: dict[str, None] = field(default_factory=dict)
    messages: list[OutboxEntry] = field(default_factory=list)
    hooks: list[tuple[str, str, bytes]] = field(default_factory=list)
    processes: dict[str, bytes] = field(default_factory=dict)
    history: list[tuple[str, bytes]] = field(default_factory=list)
    consent: list[tuple[str, str, bytes]] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.contact = self.turn.contact

    @property
    def clock(self) -> int:
        """What the session takes for now."""
        return self.place.now + self.turn.session.skew

    def id(self, kind: str) -> str:
        session = self.before.session
        self.made += 1
        return ids.make(
            kind,
            self.place.partition,
            session.account,
            session.channel,
            session.contact_id,
            session.version,
            self.event.id,
            self.made,
        )

    def add(self, effect: Effect) -> None:
        match effect:
            case SendMessage():
                self.send(effect)
            case SetTimer():
                member = self.member(effect.name, effect.visit)
                self.timers_cancel.pop(member, None)
                self.timers_set[member] = effect.at - self.turn.session.skew
            case CancelTimer():
                member = self.member(effect.name, effect.visit)
                self.timers_set.pop(member, None)
                self.timers_cancel[member] = None
            case EmitHook():
                self.emit(effect)
            case SaveProcess():
                self.processes[effect.process_id] = orjson.dumps(codec.to_plain(effect.data))
            case RecordTrace():
                self.note("trace", codec.to_plain(effect))
            case RecordConsent():
                self.record_consent(effect)

    def send(self, effect: SendMessage) -> None:
        for outbound in fit(effect.outbound, GATEWAYS[self.channel.gateway].LIMITS):
            entry = self.entry(outbound, effect.purpose)
            self.messages.append(entry)
            self.note("out", {"id": entry.id, "outbound": codec.to_plain(outbound), "purpose": entry.purpose})
        self.counters["out"] += 1

    def entry(self, outbound: Outbound, purpose: str) -> OutboxEntry:
        session = self.turn.session
        process = session.process or self.before.session.process
        return OutboxEntry(
            id=self.id("ms"),
            account=session.account,
            channel=session.channel,
            contact_id=session.contact_id,
            to=self.contact.reply_to or self.contact.number or self.contact.bsuid,
            outbound=outbound,
            lane=REPLIES,
            purpose=purpose,
            policy="resend",
            created_at=self.place.now,
            expires_at=self.expiry(outbound),
            process_id=process.id if process else "",
        )

    def expiry(self, outbound: Outbound) -> int:
        """Free text can be delivered while the 24-hour window is open, and not after."""
        session = self.turn.session
        if outbound.kind == "template" or not session.last_inbound_at:
            return 0
        return session.last_inbound_at + DAY - session.skew

    def emit(self, effect: EmitHook) -> None:
        self.contact = replace(self.contact, sequence=self.contact.sequence + 1)
        name = self.id("ev")
        hook = Hook(
            id=name,
            type=effect.type,
            account=self.contact.account,
            contact_id=self.contact.id,
            at=self.clock,
            data={**effect.data, "sequence": self.contact.sequence},
        )
        self.hooks.append((name, effect.type, codec.encode(hook)))
        self.note("trace", {"step": "", "what": "hook", "detail": effect.type, "facts": {"id": name}})
        flow = effect.data.get("flow")
        self.counters[f"{effect.type}:{flow}" if flow else effect.type] += 1

    def record_event(self) -> None:
        """The event as history shows it, with the version that it led to; as it lay in the inbox, if it did."""
        shown = orjson.Fragment(self.place.body) if self.place.body else to_plain(self.event)
        self.note("in", {"version": self.turn.session.version, "event": shown})
        if isinstance(self.event, MessageReceived):
            self.counters["in"] += 1

    def record_consent(self, effect: RecordConsent) -> None:
        body = {"at": self.clock, "method": effect.method, "proof": effect.proof, "event": self.event.id}
        self.consent.append((effect.topic, effect.change, orjson.dumps(body)))

    def note(self, kind: str, body: Mapping[str, Any]) -> None:
        self.history.append((kind, orjson.dumps({"at": self.clock, **body})))

    def member(self, name: str, visit: int) -> str:
        return timers.member(self.before.session.contact_id, self.channel.key, name, visit)

    def finish(self) -> tuple[Commit, Standing]:
        session = self.turn.session
        fresh = not self.before.known or self.contact != self.before.contact
        commit = Commit(
            partition=self.place.partition,
            owner=self.place.owner,
            epoch=self.place.epoch,
            entry_id=self.place.entry_id,
            contact_id=session.contact_id,
            channel_key=self.channel.key,
            old_version=self.before.session.version,
            session_version=session.version,
            session=codec.encode(session),
            contact=codec.encode(self.contact) if fresh else None,
            timers_set=tuple(self.timers_set.items()),
            timers_cancel=tuple(self.timers_cancel),
            messages=tuple(self.messages),
            hooks=tuple(self.hooks),
            processes=tuple(self.processes.items()),
            history=tuple(self.history),
            consent=tuple(self.consent),
            versions=_moved(self.before.session, session),
            counters=self.counters,
            now=self.place.now,
        )
        return commit, Standing(session=session, contact=self.contact)


def _moved(before: Session, after: Session) -> dict[str, int]:
    """How many sessions more or fewer stand on each flow version.

    >>> on = lambda version: Session(account="a", channel="m", contact_id="c",
    ...                              process=Process(id="p", flow="f", flow_version=version))
    >>> _moved(on("v1"), on("v2")), _moved(on("v1"), on("v1"))
    ({'v2': 1, 'v1': -1}, {})
    """
    change = Counter(process.flow_version for process in _processes(after))
    change.subtract(process.flow_version for process in _processes(before))
    return {version: count for version, count in change.items() if count}


def _processes(session: Session) -> tuple[Process, ...]:
    return (session.process, *session.parked) if session.process else session.parked
