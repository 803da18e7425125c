"""The order to forget a contact: into its own queue, so that it comes behind what was said and before what will be."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import orjson

from ..model import event, ids
from ..model.contact import Contact
from ..model.order import ContactForgotten
from ..model.project import Account
from ..store import contacts, forgetting, history, identity, inbox
from ..store.call import Call
from ..store.client import AsyncStore, Store
from .dossier import origins

_UPLOADED = re.compile(r"[0-9a-f]{32}\Z")


def order(store: Store, account: Account, contact_id: str, *, nonce: str, by: str) -> bool:
    """Stored when this returns; done by the contact's worker, then by `hooks`. False when it was ordered before.

    It waits behind nothing that is set aside, and needs no channel that the contact was on.
    """
    return store.run(ordered(store, account, contact_id, nonce=nonce, by=by))


def ordered(store: Store | AsyncStore, account: Account, contact_id: str, *, nonce: str, by: str) -> Call[bool]:
    """The same, for who runs it another way."""
    what = ContactForgotten(nonce=f"{nonce}:{contact_id}", by=by)  # two contacts of one person may share a partition
    channel = next(iter(account.channels.values())).key
    partition = ids.partition_of(contact_id, store.partitions)
    body = event.to_bytes(what)
    return inbox.push(partition, contact_id, channel, body, dedupe_id=what.id, at_ms=0, forgets=True)


def clear_disk(data: Path, store: Store, contact: Contact) -> int:
    """What lies on this machine's disk beside the kept files: calls of providers that wait for the store and name the
    contact, and what it sent from a simulated phone. How many files there were.
    """
    names = [name[2:].encode() for name in identity.names_of(contact)]
    partition = ids.partition_of(contact.id, store.partitions)
    told = [orjson.loads(one.body) for one in store.run(history.latest(partition, contact.id, history.KEPT))]
    sent = [data / "simulator" / contact.account / one for one in set(origins(told)) if _UPLOADED.match(one)]
    gone = 0
    for file in (*(data / "spool").glob(f"{contact.account}/*/*"), *sent):
        with contextlib.suppress(OSError):
            if file in sent or any(name in file.read_bytes() for name in names):
                file.unlink()
                gone += 1
    return gone


def is_gone(store: Store, contact_id: str) -> bool:
    """Whether everything that a look finds is erased."""
    partition = ids.partition_of(contact_id, store.partitions)
    if store.run(contacts.is_known(partition, contact_id)):
        return False
    return not any(one.contact == contact_id and one.looks == 0 for one in store.run(forgetting.pending(partition)))
