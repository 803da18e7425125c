"""A template that a flow sends to somebody else, where that person's session takes it: at a time that is right there.

The session stays as it is; what has to wait lies beside it, and is decided on again when its time has come.
"""

from __future__ import annotations

from ..model.effect import SetTimer
from ..model.event import SendRequested, TimerFired
from ..model.quick import replace
from ..model.session import Held
from . import holding
from .draft import Draft
from .schedule import Decision, Recipient, Send, decide
from .timezone import zone

TIMER = "held"
MOST = 20  # that wait for one contact


def arrive(draft: Draft, event: SendRequested) -> None:
    """Out at once, or later; one too many of those that wait is not sent."""
    held = Held(outbound=event.outbound, topic=event.topic, nonce=event.nonce, due=draft.now)
    _send(draft, held, draft.now)


def due(draft: Draft, event: TimerFired) -> None:
    """One that waits has its time."""
    held = next((one for one in draft.session.held if one.visit == event.visit), None)
    if held is None or draft.now < held.at:
        return
    rest = tuple(one for one in draft.session.held if one is not held)
    draft.session = replace(draft.session, held=rest)
    _send(draft, held, held.due)


def _send(draft: Draft, held: Held, earliest: int) -> None:
    if draft.contact.blocked:
        draft.trace("not_sent", "the contact is blocked", kind="template")
        return
    if draft.account.consent == "strict" and not draft.contact.agreed_to(held.topic):
        draft.trace("not_sent", "the contact has not opted in", kind="template")
        return
    found = _decide(draft, held, earliest)
    if found.at > draft.now and not found.skipped and len(draft.session.held) < MOST:
        draft.visits += 1
        kept = replace(held, visit=draft.visits, at=found.at)
        draft.session = replace(draft.session, held=(*draft.session.held, kept))
        draft.effects.append(SetTimer(name=TIMER, visit=kept.visit, at=kept.at))
        draft.trace("held", "; ".join(found.why), kind="template")
    elif found.skipped or found.at > draft.now:
        draft.trace("not_sent", "; ".join(found.why), kind="template")
    else:
        live, draft.live = draft.live, None
        draft.send(held.outbound, "business", topic=held.topic, unasked=True)
        draft.live = live


def _decide(draft: Draft, held: Held, earliest: int) -> Decision:
    contact, account, filled = draft.contact, draft.account, held.outbound.template
    send = Send(
        kind="template", earliest=earliest, text=False, template=filled.name if filled else "", topic=held.topic
    )
    person = Recipient(
        zone=zone(contact.timezone, account.timezone),
        last_inbound_at=draft.opened_at,
        opted_out=contact.opted_out,
        sent_at=contact.sought,
    )
    hours, caps = holding.hours(None, contact, account), holding.caps(None, account)
    return decide(send, person, now=draft.now, hours=hours, caps=caps, tier=draft.tier)
