"""Who an event is about: what it says of the contact, and the records of one who had none."""

from __future__ import annotations

from ..model.contact import Contact, Identity
from ..model.event import ContactReported, ConversationRequested, Event, EventReceived, MessageReceived, SendRequested
from ..model.inbound import moved_to
from ..model.number import canonical
from ..model.order import ContactEdited
from ..model.planning import PlanOrdered, RuleMet
from ..model.project import Account
from ..model.quick import replace
from ..model.session import Session

# they say whom they are for
_INTRODUCES = (
    ConversationRequested,
    ContactEdited,
    ContactReported,
    SendRequested,
    RuleMet,
    PlanOrdered,
    EventReceived,
)


def new_session(channel_key: str, contact_id: str) -> Session:
    account, _, channel = channel_key.partition("/")
    return Session(account=account, channel=channel, contact_id=contact_id)


def new_contact(contact_id: str, account: Account, now: int) -> Contact:
    return Contact(id=contact_id, account=account.name, country=account.default_country, created_at=now)


def introduced(contact: Contact, event: Event) -> Contact:
    """The contact with what the event says about who it is; replies go to the id as last received."""
    if isinstance(event, MessageReceived):
        who: Identity | None = moved_to(event.inbound) or event.inbound.sender
    elif isinstance(event, _INTRODUCES) and not getattr(event, "forward", False):
        who = event.to
        if isinstance(event, ContactReported) and (contact.number or contact.bsuid):
            who = None  # a status may call somebody otherwise than we do
    else:
        who = None
    if who is None:
        return contact
    heard = isinstance(event, MessageReceived)
    reply_to = (who.number or who.bsuid) if heard else (contact.reply_to or who.number or who.bsuid)
    language = contact.language or _language(event)
    known = (contact.reply_to, contact.bsuid, contact.name, contact.language)
    said = (reply_to, who.bsuid or contact.bsuid, who.name or contact.name, language)
    if known == said:
        return contact
    number = canonical(who.number) if who.number else contact.number
    former = _former(contact, number, said[1])
    return replace(
        contact, number=number, reply_to=said[0], bsuid=said[1], name=said[2], language=language, former=former
    )


def _former(contact: Contact, number: str, bsuid: str) -> tuple[str, ...]:
    """The ids that are replaced stay known: who wants to be forgotten is forgotten under all of them.

    >>> _former(Contact(id="c", account="a", number="1", bsuid="US.1"), "2", "US.1")
    ('n:1',)
    """
    was = (("n:", contact.number, number), ("b:", contact.bsuid, bsuid))
    left = [kind + before for kind, before, now in was if before and before != now]
    return tuple(dict.fromkeys((*contact.former, *left))) if left else contact.former


def _language(event: Event) -> str:
    """What the provider says of the contact's language: so far only the simulator does."""
    return str(event.inbound.facts.get("language", "")) if isinstance(event, MessageReceived) else ""
