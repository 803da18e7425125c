"""A conversation with the real engine, a virtual clock and no store: for `flowbot test`, `flowbot chat` and our tests.

chat = Chat(library, "demo", "web", now=moment("2026-11-20 18:40 America/Bogota"))
chat.user("I want to verify my identity")
chat.user({"tap": "accept"})
chat.wait(parse_duration("2h"))
[message.outbound.text for message in chat.messages]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .engine import attempts
from .engine.rules import Rule
from .engine.turn import Book, advance
from .errors import InvalidRequest
from .gateways import GATEWAYS
from .gateways.fit import fit, too_long
from .model import codec, ids
from .model import event as events
from .model.attempt import Attempt
from .model.contact import Contact, Identity
from .model.effect import (
    CancelCall,
    CancelTimer,
    CountStep,
    EmitHook,
    RecordConsent,
    RecordTrace,
    RequestCall,
    SaveProcess,
    SendElsewhere,
    SendMessage,
    SetTimer,
    TellElsewhere,
)
from .model.event import CallAnswered, ConversationRequested, Event, EventReceived, MessageReceived, TimerFired
from .model.hook import Hook
from .model.outbound import Outbound
from .model.planning import RuleMet, RulesChanged
from .model.quick import replace
from .model.session import Process, Session
from .transcript.hearing import heard, operated
from .transcript.recurring import Recurring
from .transcript.world import World

NUMBER = "15550100001"  # of a contact that nobody gave one
_MOST_TIMERS = 1000  # that one wait may fire: a flow that sets timers without end is an error, not a hang


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the bot, as the provider would get it."""

    outbound: Outbound
    at: int  # ms UTC
    turn: int
    purpose: str = "reply"
    to: str = ""  # digits, when it went to another number


@dataclass(slots=True)
class Chat:
    """One contact on one channel; everything that happens is kept."""

    book: Book
    account: str
    channel: str
    now: int  # ms UTC: the virtual clock
    root: Path = field(default_factory=Path)  # where the files lie that the contact sends
    number: str = NUMBER
    name: str = ""
    messages: list[Said] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    traces: list[RecordTrace] = field(default_factory=list)
    consents: list[RecordConsent] = field(default_factory=list)
    processes: dict[str, dict[str, Any]] = field(default_factory=dict)
    timers: dict[tuple[str, int], int] = field(default_factory=dict)  # (name, visit) -> due
    tried: dict[str, dict[str, int]] = field(default_factory=dict)  # what is counted -> its starts and when they were
    calls: dict[str, RequestCall] = field(default_factory=dict)  # to the outside world, not yet answered
    world: World = field(default_factory=World)
    told: list[RuleMet] = field(default_factory=list)  # what rules mean for others
    others: dict[str, Chat] = field(default_factory=dict)  # whom rules write to: number -> what is so with them
    recurring: Recurring = field(init=False)
    elsewhere: list[str] = field(default_factory=list)  # what reached the contact outside of this chat
    turns: int = 0
    heard: int = 0
    _session: bytes = b""
    _contact: bytes = b""

    def __post_init__(self) -> None:
        id = "c" + ids.digest(self.account, self.number)
        account = self.book.account(self.account)
        self.recurring = Recurring.of(account, self.book.rules(self.account), self.now)
        contact = Contact(
            id=id,
            account=self.account,
            number=self.number,
            reply_to=self.number,
            name=self.name,
            country=account.default_country,
            created_at=self.now,
        )
        self._contact = codec.encode(contact)
        self._session = codec.encode(Session(account=self.account, channel=self.channel, contact_id=id))

    # -- what is

    @property
    def session(self) -> Session:
        return codec.decode(Session, self._session)

    @property
    def contact(self) -> Contact:
        return codec.decode(Contact, self._contact)

    @property
    def process(self) -> Process | None:
        """The open process."""
        return self.session.process

    @property
    def standing(self) -> Process | None:
        """The process of `last`, open or parked; None when it has ended."""
        session = self.session
        found = (session.process, *session.parked) if session.process else session.parked
        return next((one for one in found if one.id == self.last.get("process_id")), None)

    @property
    def last(self) -> dict[str, Any]:
        """The newest process as the client sees it; {} before there is one."""
        return next(reversed(self.processes.values()), {})

    @property
    def next_timer(self) -> int | None:
        """When the next timer is due, of those whom rules have brought in too; None when nothing waits."""
        waits = [*self.timers.values(), *(one.next_timer for one in self.others.values())]
        regular = self.recurring.due(self._concerns)
        return min((at for at in (*waits, regular and regular[0]) if at is not None), default=None)

    def introduce(self, **facts: Any) -> None:
        """Give the contact a name, language, time zone, labels, groups or fields before the chat begins."""
        known = {name: facts.pop(name) for name in ("name", "language", "timezone", "country") if name in facts}
        labels, groups = (tuple(facts.pop(name, ())) for name in ("labels", "groups"))
        contact = self.contact
        self.name = str(known.get("name", self.name))
        marks: dict[str, Any] = {"labels": (*contact.labels, *labels), "groups": (*contact.groups, *groups)}
        changed = replace(contact, **known, **marks, fields={**contact.fields, **facts})
        self._contact = codec.encode(changed)
        if facts and any(rule.date is not None for rule in self.book.rules(self.account)):
            self.apply(RulesChanged(nonce=f"rules-{self.turns}"))  # a day of the contact's own may be among them

    # -- what happens

    def user(self, spec: Any) -> list[Said]:
        """The contact writes, taps or sends a file; returns what the bot says to it."""
        self.heard += 1
        sender = Identity(number=self.number, name=self.name)
        offered = [said.outbound for said in reversed(self.messages) if not said.to]
        id = f"in-{self.heard}"
        inbound = heard(spec, id=id, sender=sender, at=self.now, offered=offered, root=self.root)
        return self.apply(MessageReceived(inbound=inbound))

    def start(
        self,
        flow: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        language: str = "",
        invite: Mapping[str, Any] | None = None,
    ) -> list[Said]:
        """A client starts the flow, as POST /v1/conversations does; `invite` is `{template, with, language, step}`."""
        asked = dict(invite or {})
        template = {"name": asked.get("template"), "params": dict(asked.get("with") or {})} if asked else {}
        if asked.get("language"):
            template["language"] = asked["language"]
        given = dict(inputs or {})
        process = ids.make("pr", 0, self.account, self.number, self.turns)
        account_id = str(given.get("account_id") or "")
        return self.apply(
            ConversationRequested(
                process_id=process,
                flow=flow,
                inputs=given,
                account_id=account_id,
                language=language,
                step=str(asked.get("step") or ""),
                template=template,
            )
        )

    def operator(self, spec: Any) -> list[Said]:
        """An operator writes, presses a button or closes, while the bot is quiet."""
        return self.apply(operated(spec, f"op-{self.turns}"))

    def happen(
        self, name: str, data: Mapping[str, Any] | None = None, *, entity: str = "", actor: str = ""
    ) -> list[Said]:
        """Something in the client's world that a flow may wait for, or that rules go by; `actor` is a number."""
        who = Identity(number=actor.removeprefix("+")) if actor else None
        told = EventReceived(nonce=f"ev-{self.turns}", name=name, data=data or {}, entity=entity, actor=who)
        rules = tuple(rule.name for rule in self.book.rules(self.account))
        return [*self.apply(replace(told, rules=rules, authorized=True)), *self.wait_until(self.now)]  # some go at once

    def answer(
        self, call: str, outcome: str, result: Mapping[str, Any] | None = None, *, reason: str = ""
    ) -> list[Said]:
        """What the outside world says to one of `calls`."""
        asked = self.calls.pop(call)
        return self.apply(
            CallAnswered(
                call=call, kind=asked.kind, visit=asked.visit, outcome=outcome, result=result or {}, reason=reason
            )
        )

    def wait(self, ms: int) -> list[Said]:
        """Let time pass; timers fire when they are due."""
        return self.wait_until(self.now + ms)

    def wait_until(self, at: int) -> list[Said]:
        if at < self.now:
            raise InvalidRequest("the clock only goes forward")
        found: list[Said] = []
        for _ in range(_MOST_TIMERS):
            due = self.next_timer
            if due is None or due > at:
                self.now = at
                self.recurring.skip(at)
                return found
            found += self._fire(due)
        raise InvalidRequest(f"more than {_MOST_TIMERS} timers fired in one wait")

    def apply(self, event: Event) -> list[Said]:
        """One turn, with every record read back from its bytes as a worker would."""
        event = events.from_bytes(events.to_bytes(event))
        before, contact = self.session, self.contact
        turn = attempts.told(
            lambda known: advance(before, contact, event, self.book, self.now, attempts=known), self._place
        )
        if turn.session.version != before.version + 1:
            raise AssertionError("a turn raises the session's version by one")
        self.turns += 1
        self._session, self._contact = codec.encode(turn.session), codec.encode(turn.contact)
        start = len(self.messages)
        for effect in turn.effects:
            self._do(effect)
        self._look_outside()
        return self.messages[start:]

    def _look_outside(self) -> None:
        """Calls that have their answer at once get it."""
        rules = self.book.account(self.account).codes
        for id, call in list(self.calls.items()):
            found = self.world.answer(call, rules, self.now) if id in self.calls else None
            if found is None:
                continue
            if found.message is not None:
                self.messages.append(Said(outbound=found.message, at=self.now, turn=self.turns))
            if found.elsewhere:
                self.elsewhere.append(found.elsewhere)
            self.answer(id, found.outcome, found.result, reason=found.reason)

    def _place(self, attempt: Attempt) -> bool:
        """Whether there is an attempt left, as the store would count it."""
        taken = self.tried.setdefault(attempt.counted, {})
        if attempt.name not in taken and attempts.has_place(attempt, taken.values()):
            taken[attempt.name] = attempt.at
        return attempt.name in taken

    def _fire(self, due: int) -> list[Said]:
        self.now = max(self.now, due)
        own = min((key for key, at in self.timers.items() if at == due), default=None)
        if own is not None:
            del self.timers[own]
            return self.apply(TimerFired(name=own[0], visit=own[1], due=due))
        start = len(self.messages)
        other = next((one for one in self.others.values() if one.next_timer == due), None)
        if other is not None:
            self._overhear(other, lambda: other._fire(due))
            return self.messages[start:]
        regular = self.recurring.due(self._concerns)
        assert regular is not None
        met = self.recurring.take(regular[1])
        to = self.recurring.number(self.recurring.rules[met.rule], self.now)
        self._pass_on(replace(met, to=Identity(number=to)) if to else met)
        return self.messages[start:]

    def _concerns(self, rule: Rule) -> bool:
        """Whether a rule of the clock goes to a group that the contact is in, or to somebody."""
        return rule.to.group in self.contact.groups if rule.to.group else rule.to.number is not None

    def _pass_on(self, met: RuleMet) -> None:
        """Into the queue of whom it is for; of a group the contact is the only one here."""
        met = replace(met, forward=False, nonce=f"{met.nonce}/{self.turns}")
        number = met.to.number if met.to else ""
        if met.to and number != self.number:
            if number:
                if number not in self.others:
                    other = Chat(self.book, self.account, self.channel, now=self.now, number=number)
                    other.recurring = Recurring(self.book.account(self.account))
                    self.others[number] = other
                self._overhear(self.others[number], lambda: self.others[number].apply(met))
        elif met.to or not met.group or met.group in self.contact.groups:
            self.apply(replace(met, group=""))

    def _overhear(self, other: Chat, happens: Callable[[], object]) -> None:
        other.now = max(other.now, self.now)
        start = len(other.messages)
        happens()
        self.messages += [replace(one, to=one.to or other.number) for one in other.messages[start:]]

    def _do(self, effect: Any) -> None:
        match effect:
            case SendMessage():
                channel = self.book.account(self.account).channels.get(self.channel)
                limits = GATEWAYS[channel.gateway if channel else "simulator"].LIMITS
                fitted = fit(effect.outbound, limits)
                if too_long(fitted):
                    self.traces.append(RecordTrace(step="", what="too_long", detail=effect.outbound.key))
                for outbound in fitted:
                    said = Said(outbound=outbound, at=self.now, turn=self.turns, purpose=effect.purpose)
                    self.messages.append(said)
            case SendElsewhere():
                to, sent = effect.to.number, effect.outbound
                self.messages.append(Said(outbound=sent, at=self.now, turn=self.turns, purpose="business", to=to))
            case TellElsewhere():
                self.told.append(effect.what)
                self._pass_on(effect.what)
            case SetTimer():
                self.timers[effect.name, effect.visit] = effect.at
            case CancelTimer():
                self.timers.pop((effect.name, effect.visit), None)
            case EmitHook():
                self._emit(effect)
            case SaveProcess():
                self.processes.pop(effect.process_id, None)
                self.processes[effect.process_id] = codec.to_plain(effect.data)
            case RecordTrace():
                self.traces.append(effect)
            case CountStep():
                pass
            case RecordConsent():
                self.consents.append(effect)
            case RequestCall():
                self.calls[effect.id] = effect
            case CancelCall():
                self.calls.pop(effect.id, None)
            case _:
                raise AssertionError(f"an effect that nobody carries out: {effect!r}")

    def _emit(self, effect: EmitHook) -> None:
        contact = self.contact
        contact = replace(contact, sequence=contact.sequence + 1)
        self._contact = codec.encode(contact)
        name = ids.make("ev", 0, contact.id, contact.sequence)
        data = {**codec.to_plain(effect.data), "sequence": contact.sequence}
        self.hooks.append(
            Hook(id=name, type=effect.type, account=self.account, contact_id=contact.id, at=self.now, data=data)
        )


def moment(text: str, zone: str = "UTC") -> int:
    """A time as tests write it: date, time of day and, when it is not `zone`, a time zone; ms UTC.

    >>> moment("2026-11-20 18:40 America/Bogota"), moment("2026-11-20")
    (1795218000000, 1795132800000)
    """
    parts = str(text).split()
    try:
        if len(parts) > 1 and parts[-1][0].isalpha():
            zone = parts.pop()
        found = datetime.fromisoformat(" ".join(parts))
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, OSError, LookupError):
        raise InvalidRequest(f"not a time: {text!r}; write it like 2026-11-20 18:40 America/Bogota") from None
    return int(found.astimezone(UTC).timestamp() * 1000)
