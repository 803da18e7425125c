"""What may be ordered for a broadcast. The state changes at once; the hooks process tells the partitions."""

from __future__ import annotations

from ..errors import Conflict
from ..store import broadcasts
from ..store.broadcasts import Kept
from ..store.client import Store

ORDERS = {  # word -> the state that it leads to, and those that it leads from
    "pause": ("paused", ("running",)),
    "resume": ("running", ("paused",)),
    "cancel": ("cancelled", ("draft", "running", "paused")),
}


def order(store: Store, kept: Kept, word: str) -> str:
    """The state after it; Conflict when it does not fit. The same order again changes nothing."""
    state, before = ORDERS[word]
    was = store.run(broadcasts.turn(kept.broadcast.id, state, before=before))
    if was not in (*before, state):
        raise Conflict(f"The broadcast is {was}.", code=f"broadcast_{was}")
    return state
