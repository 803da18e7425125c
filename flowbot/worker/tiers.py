"""What a channel's provider still allows in conversations that the business opens, as turns are told of it."""

from __future__ import annotations

import time

from ..engine.schedule import Tier
from ..model.project import Channel
from ..store import tiers
from ..store.client import Store
from ..store.turns import Commit

FRESH = 2.0  # seconds: between two looks other workers may open some too


class Tiers:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[float, Tier]] = {}

    def of(self, channel: Channel, now: int) -> Tier | None:
        """None where nobody set a limit; `now` is ms UTC by the store's clock."""
        if not channel.tier or channel.simulated:
            return None
        at, tier = self._known.get(channel.key, (-FRESH, None))
        if tier is None or time.monotonic() - at >= FRESH:
            count, first = self._store.run(tiers.look(channel.key, now))
            tier = Tier(left=channel.tier - count, frees_at=first + tiers.DAY)
            self._known[channel.key] = (time.monotonic(), tier)
        return tier

    def note(self, channel: Channel, commit: Commit) -> None:
        """A template that the business started has been committed: the contact counts from now on."""
        if not channel.tier or channel.simulated:
            return
        if any(one.purpose == "business" and one.outbound.kind == "template" for one in commit.messages):
            self._store.run(tiers.note(channel.key, commit.contact_id, commit.now))
            self._known.pop(channel.key, None)
