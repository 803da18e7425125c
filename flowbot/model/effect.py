"""What a turn asks for. The engine decides, the commit does: effects are in the imperative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .contact import Identity
from .outbound import Outbound
from .planning import RuleMet
from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    outbound: Outbound
    purpose: str = (
        "reply"  # reply (answers the contact's own message), business (we start), exempt (opt-out confirmation)
    )
    process_id: str = ""  # whose message it is
    topic: str = ""  # what a contact may have opted out of
    unasked: bool = False  # it goes to nobody who has not opted in
    id: str = ""  # the message's, where it was given before; else the commit makes one
    wakes: str = ""  # who is told when the provider refuses it: MessageRefused.wakes
    waits: int = -1  # ms that the next one waits for its delivery; -1: as the channel says


@dataclass(frozen=True, slots=True, kw_only=True)
class SendElsewhere:
    """A message to somebody else, whose own conversation it does not touch."""

    to: Identity
    outbound: Outbound
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellElsewhere:
    """What a rule means for somebody else, or for all of a group: it goes into their own queues."""

    what: RuleMet


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    name: str
    visit: int
    at: int  # ms UTC
    misfire: str = "fire"  # fire, skip, next_window


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer:
    name: str
    visit: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class EmitHook:
    """An event for the client's endpoints; the commit gives it its id, sequence and time."""

    type: str  # process.started, process.succeeded …
    data: Mapping[str, Any]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProcess:
    """Keep the process record as it now stands: what GET /v1/processes/{id} shows."""

    process_id: str
    data: Mapping[str, Any]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTrace:
    """What happened inside the turn, for the inspector and `flowbot show`; never a secret."""

    step: str
    what: str  # started, said, asked, answered, refused, skipped, timeout, jumped, ended, error …
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CountStep:
    """A question was asked, or answered: for who wants to know where people leave."""

    version: str  # of the flow that the step is of
    step: str
    what: str  # asked, answered
    ms: int = 0  # from the question to its answer


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    topic: str  # all, or a topic
    change: str  # out, in
    method: str  # word, step, provider, api
    proof: str = ""
    given_at: int = 0  # ms UTC when the contact said so, where that was before


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkUnreachable:
    """Whether what the business starts is held back, because nobody is there."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCall:
    """Ask the outside world: the hooks process does it, and what it got wakes the visit as `CallAnswered`."""

    id: str  # the same when the event is applied again
    kind: str  # who in the hooks process knows how: call, verify …
    step: str
    visit: int
    limit: int  # ms from now; what has no answer by then gets `timeout` for one
    body: Mapping[str, Any]  # only the kind knows what is in it
    process_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCall:
    """Nobody waits for it any more: it is not begun, and an answer under way has no effect."""

    id: str


Effect = (
    SendMessage
    | SendElsewhere
    | TellElsewhere
    | SetTimer
    | CancelTimer
    | EmitHook
    | SaveProcess
    | RecordTrace
    | CountStep
    | RecordConsent
    | MarkUnreachable
    | RequestCall
    | CancelCall
)
