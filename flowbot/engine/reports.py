"""What a provider says of a contact: that nobody is there, that it wants nothing any more, or again.

A person's own word counts for more: who wrote within a day is there, and what the person took back to us only the
person gives again.
"""

from __future__ import annotations

from typing import Any

from ..model.effect import EmitHook, MarkUnreachable
from ..model.event import ContactReported
from . import consent, life
from .draft import Draft

DAY = 86_400_000  # ms


def heed(draft: Draft, event: ContactReported) -> None:
    """The report, once: the same again says nothing new."""
    contact = draft.contact
    if event.what == "unreachable":
        _mark(draft, event)
    elif event.what == "stopped":
        if consent.change(draft, event.topic, "out", consent.PROVIDER, proof=event.code):
            stopped = tuple(dict.fromkeys((*contact.stopped, event.topic)))
            draft.change_contact(stopped=stopped)
            draft.trace("opt_out", event.topic, by=consent.PROVIDER)
    elif event.what == "resumed":
        own = set(contact.opted_out) - set(contact.stopped)
        if {consent.ALL, event.topic} & own or (event.topic == consent.ALL and own):
            draft.trace("refused", "the contact's own word stands against the provider's", topic=event.topic)
            return
        consent.change(draft, event.topic, "in", consent.PROVIDER, proof=event.code)
        draft.trace("opt_in", event.topic, by=consent.PROVIDER)


def reached(draft: Draft) -> None:
    """The contact has written: it is there."""
    if draft.contact.unreachable:
        _clear(draft, "message")


def declared(draft: Draft, by: str) -> None:
    """The client says that it may be tried again."""
    if draft.contact.unreachable:
        _clear(draft, by)


def _mark(draft: Draft, event: ContactReported) -> None:
    contact = draft.contact
    if contact.unreachable or contact.last_seen_at > (event.at or draft.now) - DAY:
        draft.trace("refused", "not reachable, says the provider" + (" again" if contact.unreachable else ""))
        return
    draft.change_contact(unreachable=event.code or "unknown", unreachable_at=draft.now)
    draft.effects.append(MarkUnreachable(on=True))
    draft.trace("unreachable", event.code)
    draft.effects.append(EmitHook(type="contact.unreachable", data=_data(draft, code=event.code or None)))


def _clear(draft: Draft, by: str) -> None:
    draft.change_contact(unreachable="", unreachable_at=0)
    draft.effects.append(MarkUnreachable(on=False))
    draft.trace("reachable", by)
    draft.effects.append(EmitHook(type="contact.reachable", data=_data(draft, by=by)))


def _data(draft: Draft, **more: Any) -> dict[str, Any]:
    return {
        "account": draft.session.account,
        "channel": draft.session.channel,
        "contact": life.contact_data(draft.contact),
        **more,
        "at": life.iso(draft.now),
    }
