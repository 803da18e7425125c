"""Tells all partitions what was ordered for a broadcast: to pause, to go on, to end.

It waits for nobody: the messages of a broadcast may be made for a long time yet, and those that are there must not go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from ..broadcasts.pace import Pace
from ..errors import StoreError
from ..store import broadcasts, bulk
from .parts import Parts

EVERY = 0.5  # seconds between two looks
LEASE = 5_000  # ms
REST = 2.0  # seconds for each one of work: replies need the same cores
RELEASED = 25  # messages that were put aside, in one go
ORDERS = ("running", "paused", "cancelled")
logger = logging.getLogger(__name__)


class Orders:
    """Of the broadcasts that are under way; any number of processes may do this at a time."""

    def __init__(self, parts: Parts) -> None:
        self._store, self._owner = parts.store, parts.owner
        self._pace = Pace(REST)
        self._one = asyncio.Lock()  # an order that is told must not come after a newer one

    async def work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.round()
            except StoreError as error:
                logger.warning("broadcast.store", extra={"error": error.code})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    async def round(self) -> None:
        """All that was ordered since."""
        for id in await self._store.run(broadcasts.active()):
            kept = await self._store.run(broadcasts.get(id))
            if kept is None or kept.state not in ORDERS or kept.told == kept.state:
                continue
            if await self._store.run(broadcasts.lease(id, self._owner, LEASE)):
                await self.tell(id)

    async def tell(self, id: str) -> None:
        """All partitions hear of the state; what was put aside goes on, or ends."""
        async with self._one:
            kept = await self._store.run(broadcasts.get(id))
            if kept is not None and kept.told != kept.state:
                await self._tell(id, kept.state)

    async def _tell(self, id: str, state: str) -> None:
        every = range(self._store.partitions)
        if state == "running":
            await self._store.all([bulk.unflag(partition, id) for partition in every])
        else:
            await self._store.all([bulk.flag(partition, id, state) for partition in every])
        self._pace.begin()
        for partition in every if state != "paused" else ():
            moved = RELEASED
            while moved >= RELEASED:
                moved = await self._store.run(bulk.release(partition, id, cancel=state == "cancelled", limit=RELEASED))
                if pause := self._pace.due():
                    await asyncio.sleep(pause)
                    self._pace.begin()
        await self._store.run(broadcasts.told(id, state))
        logger.info("broadcast.told", extra={"broadcast": id, "state": state})
