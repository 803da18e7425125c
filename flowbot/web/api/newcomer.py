"""Who was accepted a moment ago: the contact that its orders make, until the worker has done them."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from ...engine import turn
from ...engine.introduction import introduced, new_contact, new_session
from ...errors import ParseError
from ...model import event, ids
from ...model.order import ConsentGiven, ContactEdited, ContactForgotten
from ...store import inbox

if TYPE_CHECKING:
    from ...model.contact import Contact
    from ...store.inbox import Entry
    from ...wiring import Parts

LOOKED_AT = 1000  # events of the account in the contact's partition, the newest: nobody waits longer in a sound system


def newcomer(parts: Parts, account: str, contact_id: str) -> Contact | None:
    """As what waits in its inbox introduces it; None when nothing does. Nothing is written: that is the worker's."""
    partition = ids.partition_of(contact_id, parts.store.partitions)
    waiting = parts.store.run(inbox.latest(partition, account, LOOKED_AT))
    of_it = [entry for entry in waiting if entry.contact_id == contact_id and entry.event is not None]
    known: Contact | None = None
    return reduce(lambda contact, entry: _after(parts, account, contact, entry), of_it, known)


def _after(parts: Parts, account: str, contact: Contact | None, entry: Entry) -> Contact | None:
    try:
        what = event.from_bytes(entry.event or b"")
    except ParseError:
        return contact  # a newer release wrote it, or we have not the key
    if isinstance(what, ContactForgotten):
        return None
    at = int(entry.id.partition("-")[0])
    contact = contact or new_contact(entry.contact_id, parts.live.account(account), at)
    contact = introduced(contact, what)
    channel = parts.live.account(account).channels.get(entry.channel_key.partition("/")[2])
    if channel is None or not isinstance(what, (ContactEdited, ConsentGiven)):
        return contact
    session = new_session(entry.channel_key, contact.id)
    return turn.advance(session, contact, what, parts.live.book(channel), at).contact
