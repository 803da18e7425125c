"""One turn: from an event to the next wait. Pure: the clock is an argument, and everything done is an effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..errors import NotFound
from ..model.contact import Contact
from ..model.effect import Effect, SetTimer
from ..model.event import (
    CallAnswered,
    ClockAdvanced,
    ContactReported,
    ConversationRequested,
    Event,
    EventReceived,
    MessageReceived,
    MessageRefused,
    OperatorActed,
    SendRequested,
    TimerFired,
    VersionPublished,
)
from ..model.order import ContactForgotten
from ..model.plan import TIMER
from ..model.planning import PlanCanceled, PlanOrdered, RuleMet, RulesChanged
from ..model.project import Account
from ..model.quick import builder, quick, replace
from ..model.session import Session
from . import arrival, carry, elsewhere, holding, orders, parking, reports, shipped, wake
from .draft import Draft
from .flow import Flow
from .rules import Rule, due, met
from .schedule import Tier
from .starts import Starts
from .templates import Templates

_NONE: Mapping[str, bool] = {}


class Book(Templates, Protocol):
    """Where a turn looks things up; the library is one, a dict in a test another."""

    def account(self, name: str) -> Account:
        """NotFound when there is none."""

    def flow(self, id: str, version: str = "") -> Flow:
        """The given version, or the newest; NotFound when there is none."""

    def part(self, id: str) -> Flow:
        """The newest version of a flow that another one goes on with, also of one that nobody starts any more."""

    def starts(self, account: str, channel: str) -> Starts:
        """What starts a conversation on this channel."""

    def rules(self, account: str) -> tuple[Rule, ...]:
        """What the business sends an account's contacts by itself."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What an event led to. `session.version` is one higher than before, whatever happened."""

    session: Session
    contact: Contact
    effects: tuple[Effect, ...] = ()
    hidden: bool = False  # what the message said is nobody's business: history does not keep it
    private: bool = False  # the event may hold a sensitive answer


_draft, _turn = builder(Draft), builder(Turn)


def advance(
    session: Session,
    contact: Contact,
    event: Event,
    book: Book,
    now: int,
    *,
    partition: int = 0,
    attempts: Mapping[str, bool] = _NONE,
    tier: Tier | None = None,
) -> Turn:
    """Apply one event; never raises for an author's mistake.

    It raises `attempts.Unknown` at a start that is counted, until `attempts` tells whether that has a place.

    `now` is ms UTC by the session's own clock, which in a simulated one is `session.skew` ahead of the real one; so is
    every time in the session and in the effects.
    """
    account = book.account(session.account)
    draft = _draft(
        session=session,
        contact=contact,
        account=account,
        event=event,
        now=now,
        partition=partition,
        templates=book,
        visits=session.visits,
        parked=session.parked,
        purpose="reply" if isinstance(event, MessageReceived) else "business",
        attempts=attempts,
        tier=tier,
    )
    process = session.process
    if process is not None:
        try:
            draft.live = parking.live_of(process, book)
        except NotFound:
            shipped.lose(draft, process, book)
    began = draft.live.flow_ if draft.live else None
    match event:
        case MessageReceived():
            arrival.message(draft, event, book)
        case TimerFired() if event.name.startswith(TIMER):
            due.due(draft, event, book)
        case TimerFired():
            arrival.timer(draft, event, book)
        case ConversationRequested():
            arrival.request(draft, event, book)
        case ClockAdvanced():
            _shift(draft, event)
        case EventReceived():
            arrival.happened(draft, event, book)
            if not event.only:
                met.heard(draft, event, book)
        case OperatorActed():
            arrival.operate(draft, event, book)
        case SendRequested():
            arrival.deliver(draft, event)
        case MessageRefused():
            arrival.refused(draft, event, book)
        case VersionPublished():
            carry.carry(draft, event, book)
        case CallAnswered():
            arrival.answered(draft, event, book)
        case ContactForgotten():
            pass  # the worker's: what is forgotten has no turn
        case ContactReported():
            reports.heed(draft, event)
        case RuleMet():
            _meet(draft, event, book)
        case PlanOrdered():
            due.order(draft, event)
        case PlanCanceled():
            due.cancel(draft, event)
        case RulesChanged():
            met.follow(draft, book.rules(account.name))
        case _:
            orders.obey(draft, event)
    if draft.owed or draft.parked:
        wake.settle(draft, book)
    holding.note(draft, draft.woken or began)
    if _days_moved(contact, draft.contact):
        met.follow(draft, book.rules(account.name))
    return _turn(
        session=draft.finish(),
        contact=draft.contact,
        effects=tuple(draft.effects),
        hidden=draft.hidden,
        private=draft.private,
    )


def _meet(draft: Draft, event: RuleMet, book: Book) -> None:
    """What is for somebody else only passes through."""
    if event.forward:
        draft.trace("forwarded")
        return
    rule = next((one for one in book.rules(draft.account.name) if one.name == event.rule), None)
    met.meet(draft, event, rule)


def _days_moved(before: Contact, after: Contact) -> bool:
    """Whether the contact's record changed in what a rule may go by."""
    return before is not after and (
        before.fields is not after.fields or before.groups is not after.groups or before.labels is not after.labels
    )


def _shift(draft: Draft, event: ClockAdvanced) -> None:
    """The session's clock jumps: its timers are set once more, for the commit to reckon back by the new skew."""
    draft.session = replace(draft.session, skew=draft.session.skew + event.by)
    timers = [*(draft.live.timers.items() if draft.live else ())]
    timers += [(f"{elsewhere.TIMER}:{one.visit}", one.at) for one in draft.session.held]
    for key, at in (*timers, *(timer for process in draft.parked for timer in process.timers.items())):
        name, _, visit = key.rpartition(":")
        draft.effects.append(SetTimer(name=name, visit=int(visit), at=at))
