"""`flowbot replay <delivery or contact>`: have what was given up tried again."""

from __future__ import annotations

from typing import Any

import click

from ..errors import NotFound
from ..model import ids
from ..settings import Settings
from ..store import deliveries, inbox
from ..store.client import Store
from ..wiring import open_store
from .options import as_json, tell, with_settings


@click.command()
@click.argument("what", metavar="DELIVERY|CONTACT")
@as_json
@with_settings
def command(settings: Settings, what: str, as_json: bool) -> None:
    """Send a hook again, or let a contact's messages through that were set aside.

    DELIVERY is the webhook-id that the receiver saw and the log names; it stays the same, and an endpoint that was
    switched off is on again. CONTACT is the id that `flowbot doctor` names.
    """
    store = open_store(settings)
    try:
        said = _delivery(store, what) if what.startswith("dl_") else _contact(store, what)
    finally:
        store.close()
    tell(as_json, *said)


def _delivery(store: Store, delivery: str) -> tuple[dict[str, Any], str]:
    pointer = deliveries.replay(store, delivery)
    told = {"delivery": delivery, "type": pointer.type, "endpoint": pointer.endpoint}
    return told, f"{delivery} ({pointer.type}) goes to {pointer.endpoint} again"


def _contact(store: Store, contact: str) -> tuple[dict[str, Any], str]:
    count = store.run(inbox.unpark(ids.partition_of(contact, store.partitions), contact))
    if not count:
        raise NotFound(f"{contact} is neither a delivery (dl_…) nor a contact whose messages are set aside")
    return {"contact": contact, "messages": count}, f"{count} message{'s' * (count != 1)} of {contact} go through again"
