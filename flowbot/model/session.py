"""A session: where a contact stands on one channel. A process: one run of one flow, from invitation to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .outbound import Outbound
from .quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    id: str
    flow: str
    flow_version: str
    state: str = "open"  # invited, open, parked, handed_off; then succeeded, failed, expired, canceled
    started_at: int = 0  # ms UTC
    started_by: str = ""  # message, keyword, api, template, new_contact, default …
    account_id: str = ""
    lang: str = ""
    step: str = ""  # where it stands
    visit: int = 0  # the present stay there
    asked_at: int = 0  # ms UTC of the open question; 0 when none is open
    tries: int = 0  # wrong answers in this visit
    commands: Mapping[str, int] = field(default_factory=dict)  # "step/word" -> times used since it was last answered
    back_to: str = ""  # the steps whose questions `back` repeats, the latest last: "consent/plan"
    inputs: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)  # step -> what its verb found
    verifications: tuple[Mapping[str, Any], ...] = ()  # what each came to: step, kind, status, score, reasons, at …
    unasked: bool = False  # we began it, nobody says that the contact agreed, and it has not answered yet
    sensitive: tuple[str, ...] = ()  # names under answers and contact fields that are masked outside the hook
    timers: Mapping[str, int] = field(default_factory=dict)  # "name:visit" -> due, ms UTC
    calls: Mapping[str, int] = field(default_factory=dict)  # calls without an answer yet -> which of this visit's
    called: int = 0  # calls asked for in this visit
    replying: bool = False  # what is awaited was asked for by a message of the contact's: so is what follows from it
    bursts: Mapping[str, Any] = field(default_factory=dict)  # collected, not yet joined answers
    laid: Mapping[str, Any] = field(default_factory=dict)  # step -> the burst that a detour interrupted, for `back`
    questions: tuple[str, ...] = ()  # "visit:step" of the latest, where the flow goes back to one by its old buttons
    offered: tuple[Mapping[str, Any], ...] = ()  # choices from data of this visit: id, title, description
    page: int = 0  # of many choices, which part was shown last; the first is 0
    turns: int = 0  # events applied, for the loop guard
    visited: Mapping[str, int] = field(default_factory=dict)  # step -> visits, for the loop guard
    echoes: Mapping[str, int] = field(default_factory=dict)  # mark of a text -> times sent since "" (ms UTC)
    asked: str = ""  # the step whose question was opened last: what a failure names
    silent: int = 0  # timeouts in a row without a message from the contact
    parked_at: int = 0  # ms UTC; 0 when it is not parked
    moved: str = ""  # the step that a client ordered it to, from the contact's next message on
    invitation: Mapping[str, Any] = field(default_factory=dict)  # name, language, params, message_id of its template
    woken: str = ""  # parked, and its time has come: the trigger by which it goes on when no flow is open
    parent: Process | None = None  # the process that runs this one as a part of itself
    aside: Process | None = None  # a part that was left by a word of this one's `anytime`, for `back`
    began: int = 0  # the session's visit number when it started, for the loop guard
    reengaged: int = 0  # the visit number on the buttons of a re-engagement that waits for its answer; 0: none does
    reengagement: int = 0  # which of the flow's it was, the first is 0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A template from another contact's flow that waits for its hour."""

    outbound: Outbound
    topic: str = ""
    nonce: str = ""
    due: int = 0  # ms UTC when it was asked for
    at: int = 0  # when it is to go
    visit: int = 0  # the number of its timer


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    account: str
    channel: str
    contact_id: str
    version: int = 0  # rises by one with each applied event
    visits: int = 0  # the last visit number given out
    process: Process | None = None  # the open one
    parked: tuple[Process, ...] = ()
    last_inbound_at: int = 0  # ms UTC; the 24-hour window closes a day later
    opened_at: int = 0  # ms UTC of a start that opened the window as a message would: simulated channels only
    last_inbound_id: str = ""  # the provider's, for mark-read
    reply_to: str = ""  # the provider's id on this channel, as last received: replies go there
    marks: Mapping[str, int] = field(default_factory=dict)  # "default": ms of its last run; other once-per marks
    held: tuple[Held, ...] = ()  # beside all processes: what others' flows have for this contact
    lang: str = ""  # of the conversation that ended last: for what is said when none is open
    skew: int = 0  # ms that a simulated session's clock is ahead


def processes(session: Session) -> tuple[Process, ...]:
    """All of them, with those they are a part of, and those they were left by."""
    found = [session.process, *session.parked] if session.process else [*session.parked]
    for one in found:
        found += [other for other in (one.parent, one.aside) if other is not None]
    return tuple(found)
