"""What one contact's flow sends to another contact: carried from inbox to inbox, before the turn that takes it away.

A crash in between repeats it, and the other's inbox knows it by its nonce: it arrives once.
"""

from __future__ import annotations

from ..model import event, ids
from ..model.event import Event, SendRequested
from ..model.planning import RuleMet
from ..model.quick import replace
from ..store import identity, inbox
from ..store.client import Store
from . import schedules


def forward(store: Store, asked: Event, channel_key: str) -> None:
    """Into the inbox of whom it is for, whoever owns that partition."""
    account, _, channel = channel_key.partition("/")
    if isinstance(asked, RuleMet) and asked.group:
        schedules.begin(store, account, asked, channel)
        return
    assert isinstance(asked, (SendRequested, RuleMet)) and asked.to is not None
    contact_id = identity.resolve(store, account, asked.to)
    partition = ids.partition_of(contact_id, store.partitions)
    body = event.to_bytes(replace(asked, forward=False))
    store.run(inbox.push(partition, contact_id, channel_key, body, dedupe_id=asked.id, at_ms=0, sealed=True))
