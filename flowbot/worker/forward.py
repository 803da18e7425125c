"""What one contact's flow sends to another contact: carried from inbox to inbox, before the turn that takes it away.

A crash in between repeats it, and the other's inbox knows it by its nonce: it arrives once.
"""

from __future__ import annotations

from ..model import event, ids
from ..model.event import SendRequested
from ..model.quick import replace
from ..store import identity, inbox
from ..store.client import Store


def forward(store: Store, asked: SendRequested, channel_key: str) -> None:
    """Into the inbox of whom it is for, whoever owns that partition."""
    assert asked.to is not None
    account = channel_key.partition("/")[0]
    contact_id = identity.resolve(store, account, asked.to)
    partition = ids.partition_of(contact_id, store.partitions)
    body = event.to_bytes(replace(asked, forward=False))
    store.run(inbox.push(partition, contact_id, channel_key, body, dedupe_id=asked.id, at_ms=0, sealed=True))
