"""What each kind of event sets in motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import EngineError, NotFound
from ..model.duration import MINUTE
from ..model.effect import SendMessage
from ..model.event import (
    CallAnswered,
    ConversationRequested,
    EventReceived,
    MessageReceived,
    MessageRefused,
    OperatorActed,
    SendRequested,
    TimerFired,
)
from ..model.inbound import Inbound, moved_to
from ..model.quick import replace
from ..steps.ask import Ask, question_of
from . import (
    attempts,
    calls,
    elsewhere,
    invitation,
    life,
    old_buttons,
    parking,
    posting,
    reports,
    restart,
    silence,
    timeouts,
    wake,
)
from . import consent as consents
from .answers import said
from .beginnings import first_flow
from .draft import Draft, without
from .flow import Flow
from .folding import squeeze
from .live import Live
from .route import Decision, decide, is_unsaid
from .shelf import Shelf
from .shipped import say
from .starts import Starts
from .walk import Walk, flow_of

UNMOVED = ("opt_out", "opt_in", "operator", "invitation", "recorded")  # what is more than an answer to the process
SEEN = MINUTE  # how exactly it is known when a contact wrote last: not worth a write at every message


def message(draft: Draft, event: MessageReceived, book: Shelf) -> None:
    """A message goes to whom the routing says; the expiry of a question that stays open starts again."""
    inbound = event.inbound
    starts = book.starts(draft.session.account, draft.session.channel)
    new = not draft.contact.last_seen_at
    _note_contact(draft, inbound)
    walk = Walk(draft, book) if draft.live else None
    if walk is not None and walk.live.state != "handed_off" and not walk.count():
        return
    try:
        verb = question_of(walk.live.at.main) if walk else None
        options = walk.visit.options(verb) if walk and verb else ()
        reengaging = silence.options(walk.visit) if walk else ()
    except EngineError as error:
        assert walk is not None
        walk.collapse(error)
        return
    parked = parking.lives(draft, book) if draft.parked and walk is None else []
    invited = invitation.offers(draft, book) if draft.parked else ()
    found = decide(inbound, draft.contact, draft.live, options, starts, reengaging, parked, invited)
    if walk is None and found.kind in ("nothing", "unsupported") and found.word != "stale":
        found = first_flow(draft, inbound, starts, new=new) or found
    draft.private = walk is not None and walk.live.at.private
    if draft.live is not None and found.kind not in ("recorded", "opt_out"):
        draft.live.silent = draft.live.reengaged = 0
        draft.live.answered()
    if walk is not None and walk.live.moved and found.kind not in UNMOVED:
        walk.moved()
    elif found.kind in ("parked", "listen"):
        wake.heard(draft, found, parked[found.at], book)
    elif found.kind == "invitation":
        invitation.answer(draft, found.at, found.word, book)
    elif not (found.kind == "opt_out" and _leave_parked(draft, found, parked, book)):
        _perform(draft, event, found, walk, book, starts)
    if found.kind == "opt_out" and draft.parked:
        invitation.withdraw(draft, book, "opted_out")
    if draft.live is not None and draft.live.asked_at and not draft.armed and found.kind != "recorded":
        Walk(draft, book).visit.restart_expiry()


def timer(draft: Draft, event: TimerFired, book: Shelf) -> None:
    """A timer acts only for the visit it was set for, and not before its time as last set."""
    live = draft.live
    key = f"{event.name}:{event.visit}"
    if event.name == "wake":
        wake.over(draft, event, book)
        return
    if event.name == invitation.TIMER:
        invitation.expire(draft, event, book)
        return
    if event.name == elsewhere.TIMER:
        elsewhere.due(draft, event)
        return
    if live is None or event.visit != live.visit or draft.now < live.timers.get(key, draft.now + 1):
        return
    if event.name != "expire":
        live.timers = without(live.timers, key)
    walk = Walk(draft, book)
    if live.bursts and not event.name.startswith("reengage") and not _ends_burst(walk, event):
        return
    if event.name == "expire":
        if not timeouts.precede(walk, event.due):
            life.finish(draft, "expire", "expired")
        return
    kind, _, number = event.name.partition(".")
    if kind == "call":
        late = calls.overdue(draft, number)
        if late is not None:
            answered(draft, late, book)
        return
    if kind == "verb":
        calls.resume(draft)
        if walk.count():
            walk.resume(event)
        return
    if kind == "reengage":
        if number.isdigit() and walk.count():
            silence.fire(walk, int(number), event.due)
        return
    timeouts.fire(walk, event.name, event.due)


def _ends_burst(walk: Walk, event: TimerFired) -> bool:
    """What was collected is the answer, before the question is left; whether the timer still has something to do."""
    draft, live = walk.draft, walk.live
    if not walk.count():
        return False
    purpose, draft.purpose = draft.purpose, "reply"  # to what the contact just wrote
    walk.resume(event)
    draft.purpose = purpose
    return draft.live is live and live.visit == event.visit


def request(draft: Draft, event: ConversationRequested, book: Shelf) -> None:
    """A client starts a flow: at once, when the contact taps Continue, or when no other is open."""
    try:
        flow = flow_of(book, draft.account, event.flow)
    except NotFound:
        _refuse(draft, event, f"there is no flow {event.flow!r}", reason="engine_error")
        return
    invited = invitation.is_invited(draft.parked, flow.id)
    if (draft.live is not None or invited) and event.if_open == "refuse":
        _refuse(draft, event, "a conversation is open")
        return
    barred = _barred(draft, event, flow)
    if barred:
        _refuse(draft, event, "nothing may be sent", reason=barred)
        return
    if invited and event.if_open == "supersede":
        invitation.withdraw(draft, book, "superseded", flow.id)
    if event.if_open == "queue" and draft.live is not None:
        invitation.wait(draft, invitation.make(draft, event, flow))
        return
    if event.template and _invites(draft, event):
        invitation.send(draft, invitation.make(draft, event, flow))
        return
    if not event.window and not event.template and not invitation.opening(flow, event.step):
        # a channel without a window: who starts the flow there plays the contact
        draft.session = replace(draft.session, opened_at=draft.now)
    _begin(
        draft,
        book,
        flow,
        "api",
        step=event.step,
        letter=event.template,
        process_id=event.process_id,
        inputs=event.inputs,
        account_id=event.account_id,
        language=event.language,
        answers=event.answers,
        unasked=event.unasked,
    )


def operate(draft: Draft, event: OperatorActed, book: Shelf) -> None:
    """An operator talks, or gives the conversation back."""
    live = draft.live
    if live is None or live.state != "handed_off":
        draft.trace("refused", "no handoff is open")
        return
    Walk(draft, book).resume(event)
    if draft.live is live and live.state == "handed_off" and event.action != "say":
        draft.trace("refused", f"there is no button {event.choice[:64]!r}")


def answered(draft: Draft, event: CallAnswered, book: Shelf) -> None:
    """What a call came to, for the visit that waits for it."""
    live = draft.live
    if live is None or not calls.settle(draft, event):
        draft.trace("late", event.kind)
        return
    draft.trace("heard", event.outcome, reason=event.reason)
    calls.resume(draft)
    walk = Walk(draft, book)
    if walk.count():
        walk.resume(event)


def deliver(draft: Draft, event: SendRequested) -> None:
    """A message of nobody's flow; whether the contact has opted out is looked at when it leaves."""
    if event.forward:
        draft.trace("forwarded")
        return
    if event.flow:
        elsewhere.arrive(draft, event)
        return
    if event.message_id and (event.windowless or draft.opened_at):
        # somebody asks what became of it: what comes too late for the window ends as expired, on record
        template = event.outbound.kind == "template"
        asked = SendMessage(
            outbound=event.outbound,
            purpose="business",
            topic=event.topic,
            unasked=template and event.unasked and draft.account.consent == "strict",
            id=event.message_id,
        )
        draft.effects.append(asked)
        return
    live, draft.live = draft.live, None
    draft.send(event.outbound, "business", topic=event.topic, id=event.message_id, unasked=event.unasked)
    draft.live = live


def refused(draft: Draft, event: MessageRefused, book: Shelf) -> None:
    """A code, an invitation or a template that waits was not delivered; one of a visit that was left does nothing."""
    kind, _, number = event.wakes.partition(":")
    visit, live = int(number) if number.isdigit() else 0, draft.live
    if kind == "invite" and invitation.refuse(draft, visit, book, event.message, event.code):
        return
    if live is None or live.visit != visit or live.at.main is None or kind == "invite":
        draft.trace("late", "refused")
        return
    draft.trace("undelivered", event.code)
    life.tell(draft, "outbound.failed", message_id=event.message, code=event.code)
    walk = Walk(draft, book)
    if not walk.count():
        return
    if kind == "code":
        walk.resume(event)
    elif kind == "step":
        walk.leave("refused")
    else:
        life.finish(draft, "fail", "undelivered", whole=True)


def happened(draft: Draft, event: EventReceived, book: Shelf) -> None:
    """Every parked process that waits for it goes on, the oldest first; or that one alone which is meant."""
    parked = [live for live in reversed(parking.lives(draft, book)) if event.only in ("", live.id)]
    waiting = [live for live in parked if wake.waits_for(live, event.name)]
    for live in waiting:
        wake.rouse(draft, live, event)
    if not waiting:
        draft.trace("recorded", event.name)


def _perform(
    draft: Draft, event: MessageReceived, found: Decision, walk: Walk | None, book: Shelf, starts: Starts
) -> None:
    match found.kind:
        case "opt_out" | "opt_in":
            _consent(draft, found, walk, starts)
        case "start":
            flow = book.flow(found.word)
            _begin(draft, book, flow, found.by, heard=starts.language(flow, squeeze(said(event.inbound))))
        case "unsupported":
            draft.trace("unsupported", found.word)
            lang = draft.live.lang if draft.live else draft.contact.language or draft.session.lang
            content = draft.live.flow_.content if draft.live else starts.words(lang)
            say(draft, content, "unsupported", lang=lang)
        case "operator":
            draft.trace("operator")
        case "recorded" | "nothing":
            draft.trace("recorded", found.word)
        case _ if walk is not None:
            _answer(event, found, walk)


def _answer(event: MessageReceived, found: Decision, walk: Walk) -> None:
    """What the open process itself has to say to it."""
    live = walk.live
    match found.kind:
        case "choice":
            walk.resume(event, found.word)
        case "answer":
            walk.resume(event)
        case "more":
            walk.more()
        case "reengage":
            silence.answer(walk, found.word)
        case "stale":
            _stale(walk, event, found.word)
        case "again":
            walk.draft.trace("again", found.word)
            walk.attempt(repeat=True)
        case "command":
            live.use(found.word)
            verb = live.at.main
            walk.draft.trace("command", found.word)
            if not isinstance(verb, Ask):
                walk.hear(found.word)
                return
            command = verb.commands[found.word]
            walk.attempt(command.say, repeat=command.target is None)
            if command.target is not None and walk.draft.live is live:
                walk.leave(f"command:{found.word}")
        case "anytime":
            walk.draft.trace("anytime", found.word)
            walk.understand(found.word, found.up)


def _stale(walk: Walk, event: MessageReceived, choice: str) -> None:
    """A tap on a button of an earlier question."""
    walk.draft.trace("stale", choice)
    verb, tap = walk.live.at.main, event.inbound.tap
    if isinstance(verb, Ask) and verb.stale == "back":
        step = old_buttons.step_of(walk.live, tap.visit if tap else 0, choice)
        if step:
            walk.reopen(step)
            return
    walk.attempt("stale_choice", repeat=True)


def _leave_parked(draft: Draft, found: Decision, parked: Sequence[Live], book: Shelf) -> bool:
    """No flow is open, and a parked one has an `opt_out` step of its own: the newest such takes the word."""
    for live in parked:
        for up, one in enumerate((live, *live.above)):
            trigger = _own_way_out(one, found.word)
            if trigger:
                consents.change(draft, consents.ALL, "out", "word", proof=found.word)
                parking.take(draft, live)
                Walk(draft, book).detour(trigger, up)
                return True
    return False


def _consent(draft: Draft, found: Decision, walk: Walk | None, starts: Starts) -> None:
    """The ledger first, then the flow's own `opt_out` step or the shipped reply."""
    out = found.kind == "opt_out"
    consents.change(draft, consents.ALL, "out" if out else "in", "word", proof=found.word)
    known = draft.live.lang if draft.live else draft.contact.language or draft.session.lang
    lang = known or starts.spoken(found.kind, squeeze(found.word))
    content = draft.live.flow_.content if draft.live else starts.words(lang)
    if out and walk is not None:
        for up, live in enumerate((walk.live, *walk.live.above)):
            own = _own_way_out(live, found.word)
            if own:
                walk.detour(own, up)
                return
        walk.gather()
        life.finish(draft, "fail", "opted_out", whole=True)
    say(draft, content, "opted_out" if out else "opted_in", lang=lang, purpose="exempt")


def _own_way_out(live: Live, word: str) -> str:
    """The trigger by which a word of `anytime` leads to the flow's own `opt_out` step: this word's before others'."""
    flow = live.flow_
    words = sorted(flow.anytime, key=lambda one: one != flow.words.get(word))
    triggers = [flow.anytime[one].trigger for one in words]
    return next((trigger for trigger in triggers if trigger and _opts_out(live, trigger)), "")


def _opts_out(live: Live, trigger: str) -> bool:
    flow = live.flow_
    way = flow.ways.get(trigger)
    step = flow.steps.get(way.state) if way else None
    return step is not None and any(act.word == "opt_out" for act in step.acts)


def _begin(
    draft: Draft,
    book: Shelf,
    flow: Flow,
    by: str,
    *,
    step: str = "",
    letter: Mapping[str, Any] | None = None,
    **given: Any,
) -> None:
    """Start a flow; what is open ends as superseded. A `letter` asks the first question in its place.

    One that was started too often is not, and that is said.
    """
    if not attempts.allowed(draft, flow, life.account_of(given)):
        _deny(draft, book, flow, by, **given)
        return
    before = restart.Before(draft.live)
    if draft.live is not None:
        Walk(draft, book).gather()
        life.finish(draft, "fail", "superseded", whole=True)
    life.begin(draft, life.make(draft, flow, by, **given))
    before.follow(draft, restart.CLIENT if by == "api" else restart.CONTACT)
    Walk(draft, book).start(step, letter)


def _deny(draft: Draft, book: Shelf, flow: Flow, by: str, **given: Any) -> None:
    """Say that there are no attempts left; an open question stays open, and is repeated."""
    spoken = life.language_of(draft, flow, given.get("language", ""), given.get("heard", ""))
    say(draft, flow.content, attempts.words(flow), lang=spoken)
    never = life.never(draft, flow.id, given.get("process_id", ""), life.account_of(given), given.get("inputs") or {})
    life.refuse(draft, replace(never, flow_version=flow.version, started_by=by), attempts.REASON)
    if draft.live is not None:
        Walk(draft, book).attempt(repeat=True)


def _invites(draft: Draft, event: ConversationRequested) -> bool:
    """Whether its template has Continue and Cancel; one that is gone has neither, and is refused when it is sent."""
    try:
        return draft.templates.template(str(event.template.get("name", "")), draft.session.account).invites
    except NotFound:
        return True


def _barred(draft: Draft, event: ConversationRequested, flow: Flow) -> str:
    """Why nothing that we start would reach the contact: a reason for the client, or ""."""
    if posting.is_out(draft, str(event.template.get("name", "")) if event.template else ""):
        return "opted_out"
    if draft.contact.unreachable:
        return "unreachable"
    name = str(event.template.get("name", "")) if event.template else invitation.opening(flow, event.step)
    strict = event.unasked and draft.account.consent == "strict"
    if strict and name and not draft.contact.agreed_to(posting.topic_of(draft, name)):
        return "not_opted_in"
    if name:
        return ""
    heard = draft.session.last_inbound_at
    if event.window and (not heard or draft.now - heard >= event.window):
        return "window_closed"
    return ""


def _refuse(draft: Draft, event: ConversationRequested, why: str, *, reason: str = "conflict") -> None:
    """The client learns it from the process that never was."""
    never = life.never(draft, event.flow, event.process_id, event.account_id, event.inputs)
    life.refuse(draft, never, reason, why)


def _note_contact(draft: Draft, inbound: Inbound) -> None:
    """What the message tells about its sender, and that the 24-hour window is open."""
    sender, contact = moved_to(inbound) or inbound.sender, draft.contact
    reply_to = sender.number or sender.bsuid or contact.reply_to
    bsuid, name = sender.bsuid or contact.bsuid, contact.name or sender.name
    known = contact.reply_to == reply_to and contact.bsuid == bsuid and contact.name == name
    noticed = inbound.kind == "system"  # the provider speaks of the contact, who has not written
    if not known or (not noticed and draft.now - contact.last_seen_at >= SEEN):
        seen = contact.last_seen_at if noticed else max(contact.last_seen_at, draft.now)
        draft.contact = replace(contact, last_seen_at=seen, reply_to=reply_to, bsuid=bsuid, name=name)
    if inbound.kind not in ("system", "group") and not inbound.group and not is_unsaid(inbound):
        answer_to = sender.address or sender.number or sender.bsuid
        draft.session = replace(
            draft.session, last_inbound_at=draft.now, last_inbound_id=inbound.id, reply_to=answer_to
        )
        reports.reached(draft)
    elif sender is not inbound.sender and draft.session.reply_to in (inbound.sender.number, inbound.sender.bsuid):
        draft.session = replace(draft.session, reply_to=sender.number or sender.bsuid)
