"""A flow that waits for the contact's yes: a template with Continue and Cancel, or its turn behind an open flow.

An invited process lies beside the open one, as parked ones do, and hears nothing but its two buttons. Continue opens
it, Cancel ends it, and so does its time; a tap after that does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NotFound
from ..model.duration import DAY
from ..model.effect import SaveProcess
from ..model.event import ConversationRequested, TimerFired
from ..model.template import CANCEL, CONTINUE
from ..steps.template import Template
from . import attempts, life, parking, posting, restart, shipped
from .draft import Draft
from .flow import Flow, Invitation
from .live import Live
from .match import Option
from .route import Offer
from .shelf import Shelf
from .walk import Walk

TIMER = "invite"
START, INVITE = "start", "invite"  # what a process that waits for its turn does when that has come
INVITED = "invited"


def opening(flow: Flow, step: str = "") -> str:
    """The template that the flow begins with, so that it may start when the window is closed; "" when with words."""
    found = flow.steps.get(step or flow.first)
    for verb in (*found.acts, found.main) if found is not None else ():
        if isinstance(verb, Template) and verb.to is None:
            return verb.name
    return ""


def make(draft: Draft, event: ConversationRequested, flow: Flow) -> Live:
    """A process of the flow that has not begun, and stands where it will."""
    asked = event.template
    params = dict(asked.get("params", {})) if asked else {}
    live = life.make(
        draft,
        flow,
        "template" if asked else "api",
        process_id=event.process_id,
        inputs={**{name: value for name, value in params.items() if name in flow.inputs}, **event.inputs},
        account_id=event.account_id,
        language=event.language,
        answers=event.answers,
        unasked=event.unasked,
    )
    draft.visits += 1
    live.state, live.visit = INVITED, draft.visits
    live.step = event.step if event.step in flow.steps else flow.first
    live.invitation = {**asked, "supersede": event.if_open == "supersede"} if asked else {}
    return live


def wait(draft: Draft, live: Live) -> None:
    """It has its turn when no flow is open."""
    live.woken = INVITE if live.invitation else START
    draft.trace("queued", process=live.id)
    draft.effects.append(SaveProcess(process_id=live.id, data=life.told(draft, live)))
    draft.parked = (*draft.parked, live.frozen())


def send(draft: Draft, live: Live) -> None:
    """The template goes out, and the process waits for its answer; one that cannot go ends it."""
    open_one, draft.live = draft.live, live
    found = live.invitation
    sent = posting.post(
        draft,
        str(found.get("name", "")),
        found.get("params") or {},
        visit=live.visit,
        forced=str(found.get("language", "")),
        id=str(found.get("message_id", "")),
        wakes=f"invite:{live.visit}",
    )
    if not sent:
        life.finish(draft, "fail", "template_refused")
        draft.live = open_one
        return
    draft.arm(TIMER, draft.now + _terms(live).expires)
    draft.effects.append(SaveProcess(process_id=live.id, data=life.told(draft, live)))
    life.tell(draft, "outbound.sent", template=found.get("name"), message_id=found.get("message_id") or None)
    draft.parked = (*draft.parked, live.frozen())
    draft.live = open_one


def offers(draft: Draft, book: Shelf) -> list[Offer]:
    """The invitations that wait for a tap, the newest first."""
    found = []
    for process in reversed(draft.parked):
        if process.state == INVITED and not process.woken:
            options = _options(draft, book, process.flow, str(process.invitation.get("name", "")), process.lang)
            found.append(Offer(visit=process.visit, options=options))
    return found


def answer(draft: Draft, visit: int, word: str, book: Shelf) -> None:
    """Continue or Cancel was tapped."""
    live = _taken(draft, visit, book)
    if live is None:
        return
    open_one, draft.live = draft.live, live
    draft.disarm()
    live.answered()
    draft.trace("invitation", word, process=live.id)
    life.tell(draft, "outbound.canceled" if word == CANCEL else "outbound.accepted")
    if word == CANCEL:
        Walk(draft, book).attempt(_terms(live).say)
        life.finish(draft, "cancel", "canceled")
        draft.live = open_one
        return
    draft.live = open_one
    if open_one is not None and not (live.invitation.get("supersede") or open_one.flow_.settings.keywords_interrupt):
        live.woken = START
        draft.parked = (*draft.parked, live.frozen())
        return
    before = restart.Before(open_one)
    if open_one is not None and attempts.allowed(draft, live.flow_, live.account_id, live.id):
        Walk(draft, book).gather()
        life.finish(draft, "fail", "superseded", whole=True)
    begin(draft, live, book, before)


def begin(draft: Draft, live: Live, book: Shelf, before: restart.Before | None = None) -> None:
    """Open it, where it stands; one too many ends instead, and what is open stays so."""
    if not attempts.allowed(draft, live.flow_, live.account_id, live.id):
        open_one, draft.live = draft.live, live
        shipped.say(draft, live.flow_.content, attempts.words(live.flow_), lang=live.lang)
        life.finish(draft, "fail", attempts.REASON)
        draft.live = open_one
        if open_one is not None:
            Walk(draft, book).attempt(repeat=True)
        return
    life.turn(live, "start")
    live.started_at, live.began = draft.now, draft.visits
    life.begin(draft, live)
    if before is not None:
        before.follow(draft, restart.CONTACT)
    Walk(draft, book).start(live.step)


def expire(draft: Draft, event: TimerFired, book: Shelf) -> None:
    """Nobody answered in time; a late timer of an answered one does nothing."""
    process = next((one for one in draft.parked if one.visit == event.visit), None)
    if process is None or draft.now < process.timers.get(f"{TIMER}:{event.visit}", draft.now + 1):
        return
    _end(draft, event.visit, book, "expire", "expired")


def refuse(draft: Draft, visit: int, book: Shelf, message: str, code: str) -> bool:
    """The provider did not deliver the template: nobody will answer it."""
    live = _taken(draft, visit, book)
    if live is None:
        return False
    open_one, draft.live = draft.live, live
    life.tell(draft, "outbound.failed", message_id=message, code=code)
    life.finish(draft, "fail", "undelivered")
    draft.live = open_one
    return True


def withdraw(draft: Draft, book: Shelf, reason: str, flow: str = "") -> None:
    """All invitations that wait, or those to one flow, end for this reason."""
    for process in draft.parked:
        if process.state == INVITED and flow in ("", process.flow):
            _end(draft, process.visit, book, "fail", reason)


def is_invited(processes: tuple[Any, ...], flow: str) -> bool:
    """Whether the contact has been invited to the flow already."""
    return any(one.state == INVITED and one.flow == flow for one in processes)


def _end(draft: Draft, visit: int, book: Shelf, trigger: str, reason: str) -> None:
    live = _taken(draft, visit, book)
    if live is None:
        return
    open_one, draft.live = draft.live, live
    life.finish(draft, trigger, reason)
    draft.live = open_one


def _taken(draft: Draft, visit: int, book: Shelf) -> Live | None:
    """Out of the parked ones; None when its version of the flow is gone."""
    process = next((one for one in draft.parked if one.visit == visit and one.state == INVITED), None)
    if process is None:
        return None
    draft.parked = tuple(one for one in draft.parked if one is not process)
    try:
        return parking.live_of(process, book)
    except NotFound:
        shipped.lose(draft, process, book)
        return None


def _terms(live: Live) -> Invitation:
    """What the flow says of invitations."""
    return live.flow_.start.invitation or Invitation(template="", expires=DAY)


def _options(draft: Draft, book: Shelf, flow: str, name: str, lang: str) -> tuple[Option, ...]:
    try:
        wording = book.template(name, draft.session.account).wording(lang)
    except NotFound:
        wording = None
    titles: Mapping[str, str] = {one.id: one.text for one in wording.replies} if wording else {}
    return tuple(Option(id=id, title=titles.get(id, id)) for id in (CONTINUE, CANCEL))
