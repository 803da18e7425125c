"""What the contact agreed to: every change stands in the ledger, and the client hears of it."""

from __future__ import annotations

from ..model.effect import EmitHook, RecordConsent
from . import life
from .draft import Draft

ALL = "all"
PROVIDER = "provider"  # the method of what the contact told the provider alone


def change(draft: Draft, topic: str, way: str, method: str, *, proof: str = "", given_at: int = 0) -> bool:
    """Opt `in` or `out` of a topic, or of all; False, and nothing recorded, when it was out already.

    Agreeing again is worth recording: it is the proof that a business has to show.
    """
    before = draft.contact.opted_out
    after = _without(before, topic) if way == "in" else tuple(dict.fromkeys((*before, topic)))
    if way == "out" and method != PROVIDER:  # from now on it is the contact's own word too
        draft.change_contact(stopped=() if topic == ALL else _without(draft.contact.stopped, topic))
    if way == "out" and (after == before or ALL in before):
        return False
    draft.effects.append(RecordConsent(topic=topic, change=way, method=method, proof=proof, given_at=given_at))
    agreed = draft.contact.opted_in
    agreed = tuple(dict.fromkeys((*agreed, topic))) if way == "in" else _without(agreed, topic)
    stopped = tuple(one for one in draft.contact.stopped if one in after)
    draft.change_contact(opted_out=after, opted_in=agreed, stopped=stopped)
    data = {
        "account": draft.session.account,
        "channel": draft.session.channel,
        "contact": life.contact_data(draft.contact),
        "topic": topic,
        "method": method,
        "at": life.iso(given_at or draft.now),
    }
    draft.effects.append(EmitHook(type="contact.opted_out" if way == "out" else "contact.opted_in", data=data))
    return True


def _without(topics: tuple[str, ...], topic: str) -> tuple[str, ...]:
    """
    >>> _without(("all", "offers"), "offers"), _without(("all", "offers"), "all")
    (('all',), ())
    """
    return () if topic == ALL else tuple(one for one in topics if one != topic)
