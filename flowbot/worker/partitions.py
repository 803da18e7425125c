"""Which partitions this worker holds: an even share of all, by leases that end when nobody renews them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import StoreError
from ..store import leases
from ..store.client import Store

logger = logging.getLogger(__name__)
ROLE = "w"
LEASE = 5_000  # ms
UNEVEN = 0.1  # seconds between two looks while others hold a part of our share


LOOK = 0.5  # seconds between two looks at who else is there
UNEVEN = 0.1  # seconds, while others still hold a part of our share


@dataclass(slots=True, kw_only=True)
class Partitions:
    """The leases of one worker; `held` maps each partition to its epoch.

    Of n live workers, in the order of their names, the one at place r holds the partitions p with p mod n = r. All see
    the same names, so nobody has to ask anybody for anything.
    """

    store: Store
    owner: str
    lease: int = LEASE  # ms
    clock: Callable[[], float] = time.monotonic
    held: dict[int, int] = field(default_factory=dict)
    due: float = 0.0  # monotonic seconds: when to look again
    _renewed: float = 0.0

    def refresh(self) -> set[int]:
        """Renew, give up what belongs to others, take what is ours and free; the partitions that are new to us."""
        mine = self._mine()
        before = dict(self.held)
        self._give_up([partition for partition in self.held if partition not in mine])
        self._take([partition for partition in mine if partition not in self.held])
        if self.clock() - self._renewed >= self.lease / 3000:
            self._take(list(before.keys() & self.held.keys()))
            self._renewed = self.clock()
        self.due = self.clock() + (LOOK if len(self.held) == len(mine) else UNEVEN)
        fresh = {partition for partition, epoch in self.held.items() if before.get(partition) != epoch}
        if fresh or len(before) != len(self.held):
            logger.info("partitions.held", extra={"count": len(self.held), "limit": len(mine)})
        return fresh

    def release(self) -> None:
        """Give all up at once, so that nobody has to wait for a lease to end."""
        self._give_up(list(self.held))
        self.store.run(leases.leave(ROLE, self.owner))

    def lose(self, partition: int) -> None:
        """Somebody else holds it now; look again soon."""
        self.held.pop(partition, None)
        self.due = 0.0

    def _mine(self) -> set[int]:
        live = self.store.run(leases.join(ROLE, self.owner, self.lease))
        return set(range(live.index(self.owner), self.store.partitions, len(live)))

    def _take(self, wanted: list[int]) -> None:
        calls = [leases.take(ROLE, partition, self.owner, self.lease) for partition in wanted]
        answers = self.store.run_all(calls)
        for partition, epoch in zip(wanted, answers, strict=True):
            if isinstance(epoch, StoreError):
                raise epoch
            if epoch:
                self.held[partition] = epoch
            else:
                self.held.pop(partition, None)

    def _give_up(self, partitions: list[int]) -> None:
        for partition in partitions:
            self.held.pop(partition, None)
        self.store.run_all([leases.release(ROLE, partition, self.owner) for partition in partitions])
