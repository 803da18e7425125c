"""`flowbot replay <delivery>`: send a hook again, under the same id."""

from __future__ import annotations

import click

from ..settings import Settings
from ..store import deliveries
from ..wiring import open_store
from .options import with_settings


@click.command(help="Send a delivery again, under the same id. DELIVERY is the webhook-id that the receiver saw.")
@click.argument("delivery")
@with_settings
def command(settings: Settings, delivery: str) -> None:
    """Queues it at once, and switches its endpoint on again when it had been switched off."""
    store = open_store(settings)
    try:
        pointer = deliveries.replay(store, delivery)
    finally:
        store.close()
    click.echo(f"{delivery} ({pointer.type}) goes to {pointer.endpoint} again")
