"""Whom a client means by `to`."""

from ..gateways.recipient import NO_NUMBER, read_recipient
from ..model import ids
from ..model.contact import Identity
from ..store import contacts, identity
from ..store.client import Store

__all__ = ["NO_NUMBER", "read_recipient", "spoken"]


def spoken(store: Store, account: str, who: Identity) -> str:
    """The language of who is known; "" of anybody else. Nobody is made by asking."""
    id = identity.known(store, account, who)
    found = store.run(contacts.get(ids.partition_of(id, store.partitions), id)) if id else None
    return found.language if found is not None else ""
