"""Which partitions this sender looks after: even shares. For efficiency only, safety is in the claim."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ..errors import StoreError
from ..store import leases
from ..store.client import AsyncStore

ROLE = "s"
logger = logging.getLogger(__name__)


def plan(owners: Mapping[int, str], me: str, living: int) -> tuple[list[int], list[int]]:
    """Which partitions to take (or keep) and which to give up, from who has which now ("" for nobody).

    >>> plan({0: "", 1: "", 2: ""}, "a", 1)
    ([0, 1, 2], [])
    >>> plan({0: "a", 1: "a", 2: "a", 3: "b"}, "a", 2)
    ([0, 1], [2])

    What this sender's slot held before it was started again is its own.

    >>> plan({0: "a#1", 1: "b#1"}, "a#2", 2)
    ([0], [])
    """
    slot = me.partition("#")[0]
    share = -(-len(owners) // max(1, living))
    mine = [partition for partition, owner in owners.items() if owner.partition("#")[0] == slot]
    free = [partition for partition, owner in owners.items() if not owner]
    keep = mine[:share]
    return keep + free[: share - len(keep)], mine[share:]


class Shares:
    """The partitions held now; `renew` every third of a lease."""

    def __init__(self, store: AsyncStore, owner: str, lease_ms: int) -> None:
        self._store = store
        self._owner = owner  # <slot>#<incarnation>
        self._lease = lease_ms
        self.held: frozenset[int] = frozenset()

    async def renew(self) -> None:
        """Looks who is there, takes and gives."""
        living = await self._store.run(leases.join(ROLE, self._owner, self._lease))
        owners = dict.fromkeys(range(self._store.partitions), "")
        if len(living) > 1:
            peeked = await self._store.run_all([leases.peek(ROLE, partition) for partition in owners])
            for partition, owner in zip(owners, peeked, strict=True):
                owners[partition] = "?" if isinstance(owner, StoreError) else owner
        take, give = plan(owners, self._owner, len(living))
        taken = await self._store.run_all([leases.take(ROLE, p, self._owner, self._lease) for p in take])
        held = frozenset(p for p, got in zip(take, taken, strict=True) if got and not isinstance(got, StoreError))
        if give:
            await self._store.run_all([leases.release(ROLE, p, self._owner) for p in give])
        if held != self.held:
            logger.info("sender.partitions", extra={"count": len(held)})
        self.held = held

    async def release(self) -> None:
        held, self.held = self.held, frozenset()
        if held:
            await self._store.run_all([leases.release(ROLE, p, self._owner) for p in held])
        await self._store.run(leases.leave(ROLE, self._owner))
