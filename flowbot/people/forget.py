"""The order to forget a contact: into its own queue, so that it comes behind what was said and before what will be."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ..model import event, ids
from ..model.contact import Contact
from ..model.order import ContactForgotten
from ..model.project import Account
from ..store import contacts, forgetting, identity, inbox
from ..store.call import Call
from ..store.client import AsyncStore, Store


def order(store: Store, account: Account, contact_id: str, *, nonce: str, by: str) -> bool:
    """Stored when this returns; done by the contact's worker, then by `hooks`. False when it was ordered before.

    It waits behind nothing that is set aside, and needs no channel that the contact was on.
    """
    return store.run(ordered(store, account, contact_id, nonce=nonce, by=by))


def ordered(store: Store | AsyncStore, account: Account, contact_id: str, *, nonce: str, by: str) -> Call[bool]:
    """The same, for who runs it another way."""
    what = ContactForgotten(nonce=nonce, by=by)
    channel = next(iter(account.channels.values())).key
    partition = ids.partition_of(contact_id, store.partitions)
    body = event.to_bytes(what)
    return inbox.push(partition, contact_id, channel, body, dedupe_id=what.id, at_ms=0, forgets=True)


def unspool(folder: Path, contact: Contact) -> int:
    """Removes calls of providers that wait on this machine's disk and name the contact; how many there were."""
    names = [name[2:].encode() for name in identity.names_of(contact)]
    gone = 0
    for file in folder.glob(f"{contact.account}/*/*"):
        with contextlib.suppress(OSError):
            if any(name in file.read_bytes() for name in names):
                file.unlink()
                gone += 1
    return gone


def is_gone(store: Store, contact_id: str) -> bool:
    """Whether everything that a look finds is erased."""
    partition = ids.partition_of(contact_id, store.partitions)
    if store.run(contacts.is_known(partition, contact_id)):
        return False
    return not any(one.contact == contact_id and one.looks == 0 for one in store.run(forgetting.pending(partition)))
