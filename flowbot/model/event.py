"""What wakes a session: one queue into a contact, one writer of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..errors import NewerRelease, ParseError
from . import codec
from .contact import Identity
from .inbound import Inbound
from .order import ConsentGiven, ContactEdited, ContactForgotten, MoveOrdered, Order, ResultOverridden
from .outbound import Outbound
from .planning import PlanCanceled, Planning, PlanOrdered, RuleMet, RulesChanged
from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    inbound: Inbound

    @property
    def id(self) -> str:
        return "m:" + self.inbound.id


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A timer of this session came due; late ones name a visit that has passed."""

    name: str  # expire, timeout.0, reengage …
    visit: int
    due: int  # ms UTC, as it was set

    @property
    def id(self) -> str:
        return f"t:{self.name}:{self.visit}:{self.due}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRequested:
    """A client starts a flow for the contact (POST /v1/conversations)."""

    process_id: str
    flow: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    account_id: str = ""
    language: str = ""
    step: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    if_open: str = "refuse"  # refuse (checked at the door too), supersede, queue
    template: Mapping[str, Any] = field(default_factory=dict)  # name, language, params, message_id: goes out first
    window: int = 0  # ms after a message of the contact's in which the provider takes free text; 0: always
    unasked: bool = False  # nobody says that the contact agreed to be written to: an opt-in has to be on record
    to: Identity | None = None  # whom to write to: makes the contact when there is none yet

    @property
    def id(self) -> str:
        return "s:" + self.process_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAdvanced:
    """Simulated sessions only: their clock jumps forward."""

    nonce: str
    by: int  # ms

    @property
    def id(self) -> str:
        return "c:" + self.nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReceived:
    """Something happened in the client's world that a parked flow may wait for, or that a rule goes by."""

    nonce: str
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    entity: str = ""  # what it is about, e.g. a visit's id: rules plan once for each
    actor: Identity | None = None  # who entered it
    rules: tuple[str, ...] = ()  # those that heed it here: each on one of the contact's channels
    authorized: bool = False  # the client knows that the contact agreed to be written to
    to: Identity | None = None  # whom it is about: makes the contact when there is none yet
    only: str = ""  # the process that it is for; "" for every one that waits for it, and for rules

    @property
    def id(self) -> str:
        return "e:" + self.nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorActed:
    """A person who talks to the contact while the bot is quiet."""

    nonce: str
    action: str  # say, choose (one of the step's buttons), close, cancel
    operator: str = ""  # who it was
    text: str = ""
    choice: str = ""

    @property
    def id(self) -> str:
        return "o:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPublished:
    """A flow's author wants who stands on another version of it to go on with this one."""

    nonce: str
    flow: str
    version: str

    @property
    def id(self) -> str:
        return "v:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered:
    """What a call of a step to the outside world came to; a late one names a visit that has passed."""

    call: str  # its id
    kind: str
    visit: int
    outcome: str  # ok, error, expired, or what else the kind knows
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""  # of what is not ok, a stable word: timeout, connect, status, …

    @property
    def id(self) -> str:
        return "a:" + self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRefused:
    """The provider does not deliver a message that a step waits for an answer to."""

    message: str  # our id
    wakes: str  # what waits: "code:7", "step:7", "start:7" or "invite:7", with its visit
    code: str = ""  # the provider's own, of the refusal

    @property
    def id(self) -> str:
        return "u:" + self.message


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequested:
    """A message that the business starts, of no flow of the contact's: the session stays as it is."""

    nonce: str
    outbound: Outbound
    topic: str = ""
    message_id: str = ""  # where it was given before; else the commit makes one
    to: Identity | None = None  # whom to write to: makes the contact when there is none yet
    flow: bool = False  # another contact's flow sends it: it passes the scheduler
    forward: bool = False  # it lies in the inbox of who asked for it, to be carried to that of `to`
    windowless: bool = False  # the channel takes free text at any time
    unasked: bool = False  # nobody says that the contact agreed to be written to: an opt-in has to be on record

    @property
    def id(self) -> str:
        return "x:" + self.nonce


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactReported:
    """What a provider says of the contact: in its answer to a send, in a status, or in a call of its own."""

    nonce: str
    what: str  # unreachable, stopped, resumed
    topic: str = "all"  # of what it wants nothing any more, or again
    code: str = ""  # the provider's own
    at: int = 0  # ms UTC by the provider; 0 when it does not say
    to: Identity | None = None  # whom it is about: makes the contact when there is none yet

    @property
    def id(self) -> str:
        return "rp:" + self.nonce


Event = (
    MessageReceived
    | TimerFired
    | ConversationRequested
    | ClockAdvanced
    | EventReceived
    | OperatorActed
    | VersionPublished
    | CallAnswered
    | SendRequested
    | MessageRefused
    | ContactForgotten
    | ContactReported
    | Order
    | Planning
)

_KINDS: dict[str, type[Event]] = {
    "message": MessageReceived,
    "timer": TimerFired,
    "start": ConversationRequested,
    "clock": ClockAdvanced,
    "event": EventReceived,
    "operator": OperatorActed,
    "version": VersionPublished,
    "answer": CallAnswered,
    "send": SendRequested,
    "report": ContactReported,
    "refused": MessageRefused,
    "move": MoveOrdered,
    "edit": ContactEdited,
    "consent": ConsentGiven,
    "override": ResultOverridden,
    "forget": ContactForgotten,
    "rule": RuleMet,
    "plan": PlanOrdered,
    "unplan": PlanCanceled,
    "rules": RulesChanged,
}
_WORDS = {kind: word for word, kind in _KINDS.items()}


def is_for_another(event: Event) -> bool:
    """Whether it only lies in this inbox on its way."""
    return isinstance(event, (SendRequested, RuleMet)) and event.forward


def to_plain(event: Event) -> dict[str, Any]:
    """The event as JSON's own types, with its kind under `k`, e.g. message."""
    return {"k": _WORDS[type(event)], **codec.to_plain(event)}


def to_bytes(event: Event) -> bytes:
    """The event as it lies in an inbox.

    >>> to_bytes(TimerFired(name="expire", visit=3, due=9))
    b'{"v":1,"k":"timer","name":"expire","visit":3,"due":9}'
    """
    return orjson.dumps({"v": codec.VERSION, **to_plain(event)})


def forgets(data: bytes) -> bool:
    """Whether it is the order to forget the contact: the one event that no turn gets.

    >>> forgets(to_bytes(ContactForgotten(nonce="n"))), forgets(to_bytes(ClockAdvanced(nonce="n", by=5)))
    (True, False)
    """
    return data.startswith(_FORGET)


def may_introduce(event: Event) -> bool:
    """Whether a contact that nobody knows may begin with it; anything else is about one that was known.

    >>> may_introduce(ClockAdvanced(nonce="n", by=1)), may_introduce(TimerFired(name="x", visit=1, due=1))
    (True, False)
    """
    return isinstance(event, _FIRST) or (getattr(event, "to", None) is not None and not is_for_another(event))


def from_bytes(data: bytes) -> Event:
    """The event again; ParseError when the bytes are not one, NewerRelease when this release knows no such kind.

    >>> from_bytes(to_bytes(ClockAdvanced(nonce="n", by=5)))
    ClockAdvanced(nonce='n', by=5)
    """
    try:
        plain = orjson.loads(data)
        if plain.pop("v", 0) > codec.VERSION:
            raise NewerRelease("an event of a newer release")
        word = plain.pop("k")
        if isinstance(word, str) and word not in _KINDS:
            raise NewerRelease(f"an event of a kind that this release does not know: {word[:20]}")
        return codec.from_plain(_KINDS[word], plain)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ParseError(f"not an event: {type(error).__name__}") from None


_FIRST = (MessageReceived, ConversationRequested, SendRequested, ClockAdvanced)
_FORGET = to_bytes(ContactForgotten(nonce=""))[: len(b'{"v":1,"k":"forget"')]
