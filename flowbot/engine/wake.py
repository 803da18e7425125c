"""What ends a wait: its time, an event, or a word; and the turn of those that had to wait for the open flow."""

from __future__ import annotations

from ..errors import NotFound
from ..model.effect import SetTimer
from ..model.event import EventReceived, TimerFired
from ..model.quick import replace
from ..steps.base import WAIT
from ..steps.wait import Wait
from . import holding, invitation, parking, shipped
from .draft import Draft, without
from .live import Live
from .route import Decision
from .shelf import Shelf
from .visit import Visit
from .walk import Walk


def over(draft: Draft, event: TimerFired, book: Shelf) -> None:
    """A parked process's time has come; a timer of a wait that was left, or was set anew, does nothing."""
    process = next((one for one in draft.parked if one.visit == event.visit), None)
    key = f"{event.name}:{event.visit}"
    if process is None or draft.now < process.timers.get(key, draft.now + 1):
        return
    process = replace(process, timers=without(process.timers, key))
    try:
        live = parking.live_of(process, book)
    except NotFound:
        draft.parked = tuple(one for one in draft.parked if one.visit != event.visit)
        shipped.lose(draft, process, book)
        return
    rouse(draft, live, event)


def rouse(draft: Draft, live: Live, event: EventReceived | TimerFired) -> None:
    """It may go on as soon as no flow is open."""
    assert live.at.main is not None
    outcome = live.at.main.resume(Visit(draft, live), event)
    if outcome is not WAIT and not live.woken:
        live.woken = str(outcome)
    draft.trace("woken", live.woken, process=live.id)
    parking.keep(draft, live)


def waits_for(live: Live, name: str) -> bool:
    return isinstance(live.at.main, Wait) and live.at.main.event == name


def settle(draft: Draft, book: Shelf) -> None:
    """While no flow is open, those whose time has come go on, the oldest first."""
    hand_back(draft, book)
    seen: set[int] = set()
    while draft.live is None:
        process = next((one for one in draft.parked if one.woken and one.visit not in seen), None)
        if process is None:
            break
        seen.add(process.visit)
        try:
            live = parking.live_of(process, book)
        except NotFound:
            draft.parked = tuple(one for one in draft.parked if one is not process)
            shipped.lose(draft, process, book)
            continue
        draft.purpose = "business"
        if live.state != invitation.INVITED and _held(draft, live):
            continue
        trigger, live.woken, draft.woken = live.woken, "", live.flow_
        if live.state == invitation.INVITED:
            draft.parked = tuple(one for one in draft.parked if one is not process)
            (invitation.send(draft, live) if trigger == invitation.INVITE else invitation.begin(draft, live, book))
            hand_back(draft, book)
            continue
        parking.take(draft, live)
        Walk(draft, book).leave(trigger)
        hand_back(draft, book)
    parking.crowd_out(draft, book)


def _held(draft: Draft, live: Live) -> bool:
    """Whether it has to wait for an hour when it may speak; it is woken then."""
    found = holding.wait(draft, live, live.woken, draft.now)
    if found is None:
        return False
    key = f"wake:{live.visit}"
    if live.timers.get(key) != found.at:
        live.timers = {**live.timers, key: found.at}
        draft.effects.append(SetTimer(name="wake", visit=live.visit, at=found.at))
        draft.trace("held", "; ".join(found.why)[:500], kind="wait", process=live.id)
        parking.keep(draft, live)
    return True


def hand_back(draft: Draft, book: Shelf) -> None:
    """A part has ended outside of a walk: the process above it goes on."""
    while draft.owed and draft.live is not None:
        Walk(draft, book).leave("")


def heard(draft: Draft, found: Decision, live: Live, book: Shelf) -> None:
    """A word that a parked process understands; one that only says something leaves it parked."""
    before = draft.parked
    draft.trace("heard", found.word, process=live.id)
    live.answered()
    whose = (live, *live.above)[found.up]
    if found.kind == "parked" and not whose.flow_.anytime[found.word].trigger:
        draft.live = live
        Walk(draft, book).understand(found.word, found.up)
        draft.parked = before if draft.live is live else tuple(one for one in before if one.visit != live.visit)
        draft.live = None if draft.live is live else draft.live
        return
    parking.take(draft, live)
    if found.kind == "listen":
        Walk(draft, book).leave(f"listen:{found.word}")
    else:
        Walk(draft, book).understand(found.word, found.up)
