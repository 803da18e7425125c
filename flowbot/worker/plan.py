"""From a turn to one commit: pure, so that a replay of the same event makes the same ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ..engine.draft import HIDDEN
from ..engine.life import contact_data
from ..engine.turn import Turn
from ..gateways import GATEWAYS
from ..gateways.fit import fit, too_long
from ..model import codec, ids
from ..model.contact import Contact
from ..model.effect import (
    CancelCall,
    CancelTimer,
    CountStep,
    EmitHook,
    MarkUnreachable,
    RecordConsent,
    RecordTrace,
    RequestCall,
    SaveProcess,
    SendElsewhere,
    SendMessage,
    SetTimer,
    TellElsewhere,
)
from ..model.event import Event, MessageReceived, SendRequested, is_for_another, to_bytes, to_plain
from ..model.hook import Hook
from ..model.inbound import Inbound
from ..model.outbound import Outbound, OutboxEntry
from ..model.plan import awaits
from ..model.planning import RuleMet
from ..model.project import RECEIVED, Channel
from ..model.queued_call import QueuedCall
from ..model.quick import builder, quick, replace
from ..model.session import Session
from ..store import funnels, history, timers
from ..store.turns import Commit
from .footing import moved
from .privacy import gives_away, is_private

_entry, _commit = builder(OutboxEntry), builder(Commit)
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,48}\Z")
DAY = 86_400_000  # ms
BUSINESS = ("api", "template", "rule")  # what started a conversation that the contact did not begin
WITHIN = ("jump", "run")  # a part of another
ENDS = ("process.started", "process.succeeded", "process.failed")
REPLIES = "r"  # the lane of all that a turn sends: a conversation stays in order; broadcasts have the other


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an event was taken, and when (ms UTC by the store's clock)."""

    partition: int
    owner: str
    epoch: int
    entry_id: str
    now: int
    body: bytes = b""  # the event as JSON, where that is how it came


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A contact's records as they are before an event."""

    session: Session
    contact: Contact
    known: bool = True  # the contact is in the store already


standing = builder(Standing)


def plan(
    place: Place, channel: Channel, before: Standing, event: Event, turn: Turn, tells: str = ""
) -> tuple[Commit, Standing]:
    """Everything that the turn asks for as one commit, and where the contact stands after it.

    `tells` says what clients hear of messages, see `Account.tells`.
    """
    draft = _Draft(place, channel, before, event, turn)
    draft.tell = tells.replace(RECEIVED, "")
    if RECEIVED in tells and isinstance(event, MessageReceived):
        draft.tell_received(event.inbound)
    for effect in turn.effects:
        _ADD[type(effect)](draft, effect)
    draft.record_event()
    return draft.finish()


class _Draft:
    """A commit in the making."""

    def __init__(self, place: Place, channel: Channel, before: Standing, event: Event, turn: Turn) -> None:
        self.place, self.channel, self.before, self.event, self.turn = place, channel, before, event, turn
        self.contact, self.channel_key = turn.contact, channel.key
        self.clock = place.now + turn.session.skew  # what the session takes for now
        self.hidden = turn.hidden  # a code, or an answer that is sensitive
        self.base = ""  # of the ids made in this turn
        self.made = 0
        self.timers_set: dict[str, int] = {}
        self.timers_cancel: dict[str, None] = {}
        self.messages: list[OutboxEntry] = []
        self.hooks: list[tuple[str, str, bytes]] = []
        self.processes: dict[str, bytes] = {}
        self.begun: dict[str, None] = {}
        self.history: list[tuple[str, Mapping[str, Any]]] = []
        self.consent: list[tuple[str, str, bytes]] = []
        self.unreachable: bool | None = None
        self.counters: dict[str, int] = {}
        self.calls: dict[str, bytes] = {}
        self.calls_cancel: dict[str, None] = {}
        self.errands: list[bytes] = []
        self.funnel: list[tuple[str, str]] = []
        self.tell = ""  # of each message, what clients are told
        self.whose = funnels.whose(channel.account, simulated=channel.simulated)

    def id(self, kind: str) -> str:
        """The next id: the same again when the same event is applied to the same session."""
        self.made += 1
        return f"{kind}_{self.place.partition}_{self._base()}{self.made}"

    def _base(self) -> str:
        if not self.base:
            session = self.before.session
            where = (session.account, session.channel, session.contact_id, session.version)
            self.base = ids.short(*where, self.event.id)
        return self.base

    def set_timer(self, effect: SetTimer) -> None:
        member = self.member(effect.name, effect.visit)
        self.timers_cancel.pop(member, None)
        self.timers_set[member] = effect.at - self.turn.session.skew

    def cancel_timer(self, effect: CancelTimer) -> None:
        member = self.member(effect.name, effect.visit)
        self.timers_set.pop(member, None)
        self.timers_cancel[member] = None

    def save(self, effect: SaveProcess) -> None:
        self.processes[effect.process_id] = _json(effect.data)
        if effect.process_id not in self.open_before() and "overridden" not in effect.data:
            self.begun[effect.process_id] = None

    def open_before(self) -> set[str]:
        session = self.before.session
        return {one.id for one in (session.process, *session.parked) if one is not None}

    def counted(self, what: str) -> None:
        counts = self.contact.counts
        self.contact = replace(self.contact, counts={**counts, what: counts.get(what, 0) + 1})

    def trace(self, effect: RecordTrace) -> None:
        if effect.what == "started" and effect.detail not in WITHIN:
            self.counted("business" if effect.detail in BUSINESS else "user")
        record: dict[str, Any] = {"at": self.clock, "step": effect.step, "what": effect.what}
        if effect.detail:
            record["detail"] = effect.detail
        if effect.facts:
            record["facts"] = effect.facts
            self.hidden = self.hidden or "hidden" in effect.facts
        self.history.append(("trace", record))

    def count_step(self, effect: CountStep) -> None:
        self.funnel.append((effect.version, funnels.step(self.whose, effect.step, effect.what, effect.ms)))

    def count_end(self, kind: str, data: Mapping[str, Any]) -> None:
        """How many began, and how those that ended did, and where."""
        version = str(data.get("flow_version") or "")
        if kind == "process.started":
            self.funnel.append((version, funnels.started(self.whose)))
        elif kind in ("process.succeeded", "process.failed"):
            reason = "succeeded" if kind == "process.succeeded" else _word(data.get("reason"))
            began = data.get("started_at")
            took = self.clock - round(datetime.fromisoformat(began).timestamp() * 1000) if began else 0
            ends = funnels.ended(self.whose, reason, str(data.get("failed_step") or ""), took)
            self.funnel += [(version, one) for one in ends]

    def count(self, name: str) -> None:
        self.counters[name] = self.counters.get(name, 0) + 1

    def send(self, effect: SendMessage) -> None:
        fitted = fit(effect.outbound, GATEWAYS[self.channel.gateway].LIMITS)
        if too_long(fitted):
            self.note("trace", {"step": "", "what": "too_long", "detail": effect.outbound.key})
        if effect.outbound.kind == "template" and effect.purpose == "business" and not effect.process_id:
            self.counted("notification")
        for outbound in fitted:
            entry = self.entry(outbound, effect)
            self.messages.append(entry)
            self.note("out", {"id": entry.id, "outbound": outbound, "purpose": entry.purpose})

    def send_elsewhere(self, effect: SendElsewhere) -> None:
        """It lies in this contact's inbox first: one script cannot see the other's keys."""
        asked = SendRequested(
            nonce=self.id("sr"), outbound=effect.outbound, topic=effect.topic, to=effect.to, flow=True, forward=True
        )
        self.errands.append(to_bytes(asked))

    def tell_elsewhere(self, effect: TellElsewhere) -> None:
        self.errands.append(to_bytes(effect.what))

    def entry(self, outbound: Outbound, effect: SendMessage) -> OutboxEntry:
        session = self.turn.session
        process = session.process or self.before.session.process
        return _entry(
            id=effect.id or self.id("ms"),
            account=session.account,
            channel=session.channel,
            contact_id=session.contact_id,
            to=session.reply_to or _elsewhere(self.contact),
            outbound=outbound,
            lane=REPLIES,
            purpose=effect.purpose,
            policy="resend",
            topic=effect.topic,
            unasked=effect.unasked,
            created_at=self.place.now,
            expires_at=self.expiry(outbound),
            process_id=effect.process_id or (process.id if process else ""),
            wakes=effect.wakes,
            waits=effect.waits,
            tell=self.tell,
        )

    def expiry(self, outbound: Outbound) -> int:
        """Free text can be delivered while the 24-hour window is open, and not after."""
        session = self.turn.session
        if (
            outbound.kind == "template"
            or not session.last_inbound_at
            or not GATEWAYS[self.channel.gateway].LIMITS.window
        ):
            return 0
        return session.last_inbound_at + DAY - session.skew

    def _hook(self, name: str, kind: str, data: Mapping[str, Any]) -> None:
        self.contact = replace(self.contact, sequence=self.contact.sequence + 1)
        hook = Hook(
            id=name,
            type=kind,
            account=self.contact.account,
            contact_id=self.contact.id,
            at=self.clock,
            data={**data, "sequence": self.contact.sequence},
        )
        self.hooks.append((name, kind, codec.encode(hook)))
        process = str(data.get("process_id", "")) if kind.startswith("process.") else ""
        if process in self.processes and kind != "process.expired":  # what GET shows equals what the hook says
            self.processes[process] = _json(hook.data)
        self.note("trace", {"step": "", "what": "hook", "detail": kind, "facts": {"id": name}})

    def tell_received(self, inbound: Inbound) -> None:
        """Before all that it led to; a message of a group is nobody's."""
        if inbound.group:
            return
        process = self.before.session.process
        data = {
            "account": self.channel.account,
            "channel": self.channel.name,
            "contact": contact_data(self.contact),
            "process_id": process.id if process else None,
            "flow": process.flow if process else None,
            "message": _received(inbound, hidden=self.turn.hidden),
        }
        self._hook(f"mi_{self.place.partition}_{self._base()}", "message.received", data)

    def emit(self, effect: EmitHook) -> None:
        self._hook(self.id("ev"), effect.type, effect.data)
        flow = effect.data.get("flow")
        self.count(f"{effect.type}:{flow}" if flow else effect.type)
        if effect.type == "process.failed" and effect.data.get("outcome") == "canceled":
            self.counted("canceled")
        if effect.type in ENDS:
            self.count_end(effect.type, effect.data)
        if effect.type == "process.failed" and flow:
            self.count(f"process.failed_reason:{flow}:{_word(effect.data.get('reason'))}")
        if effect.type == "session.handed_off":
            self.hand_over()

    def hand_over(self) -> None:
        """Where the provider has bots and people of its own, it is told to take over."""
        move = getattr(GATEWAYS[self.channel.gateway], "hand_over", None)
        for outbound in move(self.channel, self.contact) if move else ():
            self.messages.append(self.entry(outbound, SendMessage(outbound=outbound, purpose="exempt")))

    def record_event(self) -> None:
        """The event as history shows it, with the version that it led to; as it lay in the inbox, if it did."""
        shown: Any = orjson.Fragment(self.place.body) if self.place.body else to_plain(self.event)
        if self.turn.hidden:
            shown = to_plain(_without_text(self.event))
        if isinstance(self.event, RuleMet):  # it holds what somebody else said, who may want to be forgotten
            shown = to_plain(replace(self.event, event={}, subject={}))
        if is_for_another(self.event):
            # what another contact gets is no part of this one's history
            shown = {"k": to_plain(self.event)["k"], "forward": True}
        told = {"at": self.clock, "version": self.turn.session.version, "event": shown}
        if self.hidden:
            told["hidden"] = True
        self.history.insert(0, ("in", told))

    def record_consent(self, effect: RecordConsent) -> None:
        body = {"at": self.clock, "method": effect.method, "proof": effect.proof, "event": self.event.id}
        if effect.given_at:
            body["given_at"] = effect.given_at
        self.consent.append((effect.topic, effect.change, orjson.dumps(body)))

    def mark(self, effect: MarkUnreachable) -> None:
        self.unreachable = effect.on

    def request(self, effect: RequestCall) -> None:
        session, now = self.turn.session, self.place.now
        call = QueuedCall(
            id=effect.id,
            kind=effect.kind,
            account=session.account,
            channel=session.channel,
            contact_id=session.contact_id,
            step=effect.step,
            visit=effect.visit,
            at=now,
            until=now + effect.limit,
            body=effect.body,
            process_id=effect.process_id,
            seen=session.last_inbound_id if session.process is not None and session.process.replying else "",
        )
        self.calls[effect.id] = codec.encode(call)

    def cancel_call(self, effect: CancelCall) -> None:
        if self.calls.pop(effect.id, None) is None:
            self.calls_cancel[effect.id] = None

    def note(self, kind: str, body: Mapping[str, Any]) -> None:
        self.history.append((kind, {"at": self.clock, **body}))

    def private(self, told: bytes) -> bool:
        """Whether what this turn writes is for the client's eyes only."""
        if self.turn.private or is_private(self.turn.session) or is_private(self.before.session):
            return True
        if not self.contact.sensitive:
            return False
        records = (*(hook[1:] for hook in self.hooks), *self.processes.items(), *self.calls.items())
        return gives_away(self.contact, [told, *(body for _, body in records)])

    def member(self, name: str, visit: int) -> str:
        return timers.member(self.before.session.contact_id, self.channel_key, name, visit)

    def other_plans(self) -> tuple[tuple[tuple[str, str, int], ...], tuple[tuple[str, str], ...]]:
        """What groups are to be sent from now on, and are no longer."""
        where, known, contact = self.place.partition, self.before.contact, self.contact
        before, later = awaits(where, contact.id, known.plans), awaits(where, contact.id, contact.plans)
        awaited = tuple((*name, at) for name, at in later.items() if before.get(name) != at)
        return awaited, tuple(name for name in before if name not in later)

    def finish(self) -> tuple[Commit, Standing]:
        session = self.turn.session
        known, contact = self.before.contact, self.contact
        changed = (contact is not known and contact != known) or not self.before.known
        footing = moved(self.before.session, session)
        told = history.written(self.history)
        awaited, past = ((), ()) if known.plans is contact.plans else self.other_plans()
        commit = _commit(
            partition=self.place.partition,
            owner=self.place.owner,
            epoch=self.place.epoch,
            entry_id=self.place.entry_id,
            contact_id=session.contact_id,
            channel_key=self.channel_key,
            old_version=self.before.session.version,
            session_version=session.version,
            session=codec.encode(session),
            contact=codec.encode(contact) if changed else None,
            new=not self.before.known,
            begun=tuple(self.begun),
            timers_set=tuple(self.timers_set.items()),
            timers_cancel=tuple(self.timers_cancel),
            messages=tuple(self.messages),
            hooks=tuple(self.hooks),
            processes=tuple(self.processes.items()),
            calls=tuple(self.calls.items()),
            calls_cancel=tuple(self.calls_cancel),
            history=(told,),
            consent=tuple(self.consent),
            unreachable=self.unreachable,
            versions=footing.counts,
            onto=footing.onto,
            off=footing.off,
            counters=self.counters,
            funnel=tuple(self.funnel),
            joined=_more(contact.groups, known.groups),
            left=_more(known.groups, contact.groups),
            awaited=awaited,
            past=past,
            errands=tuple(self.errands),
            sealed=self.private(told[1]),
            sealed_contact=bool(contact.sensitive),
            now=self.place.now,
        )
        return commit, standing(session=session, contact=contact)


def _received(inbound: Inbound, *, hidden: bool) -> dict[str, Any]:
    """What came, as clients are told: a file by what it is, never by where it lies.

    >>> from flowbot.model.contact import Identity
    >>> _received(Inbound(id="w", sender=Identity(number="1"), kind="text", text="Hi"), hidden=False)
    {'kind': 'text', 'text': 'Hi'}
    """
    told: dict[str, Any] = {"kind": inbound.kind}
    if hidden:
        return told
    if inbound.text:
        told["text"] = inbound.text
    if inbound.tap is not None:
        told["choice"] = {"id": inbound.tap.choice, "title": inbound.tap.title}
    if inbound.media is not None:
        told["media"] = {"kind": inbound.media.kind, "mime": inbound.media.mime}
    if inbound.place is not None:
        told["location"] = codec.to_plain(inbound.place)
    return told


def _more(these: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return () if these is others else tuple(one for one in these if one not in others)


def _word(reason: Any) -> str:
    """What may be counted by: a word, not a text.

    >>> _word("expired"), _word("too old: 71"), _word(None)
    ('expired', 'other', 'other')
    """
    return reason if isinstance(reason, str) and _WORD.match(reason) else "other"


def _elsewhere(contact: Contact) -> str:
    """Where to write to a contact that this channel has not heard of: a user id of another one means little here.

    >>> _elsewhere(Contact(id="c", account="a", number="5531988887777", reply_to="553188887777"))
    '553188887777'
    >>> _elsewhere(Contact(id="c", account="a", number="15550100001", reply_to="US.Ana", bsuid="US.Ana"))
    '15550100001'
    """
    heard = contact.reply_to
    return heard if heard.isdigit() else contact.number or heard or contact.bsuid


def _without_text(event: Event) -> Event:
    """A message of which history keeps that it came, and not what it said."""
    if not isinstance(event, MessageReceived):
        return event
    inbound = event.inbound
    bare = Inbound(id=inbound.id, sender=inbound.sender, kind=inbound.kind, at=inbound.at, text=HIDDEN)
    return MessageReceived(inbound=bare)


def _json(record: Any) -> bytes:
    """Plain data and records alike; what is at its default stays in."""
    return orjson.dumps(record, default=dict)


_ADD: dict[type[Any], Callable[[_Draft, Any], None]] = {
    SendMessage: _Draft.send,
    SendElsewhere: _Draft.send_elsewhere,
    TellElsewhere: _Draft.tell_elsewhere,
    SetTimer: _Draft.set_timer,
    CancelTimer: _Draft.cancel_timer,
    EmitHook: _Draft.emit,
    SaveProcess: _Draft.save,
    RecordTrace: _Draft.trace,
    CountStep: _Draft.count_step,
    RecordConsent: _Draft.record_consent,
    MarkUnreachable: _Draft.mark,
    RequestCall: _Draft.request,
    CancelCall: _Draft.cancel_call,
}
