"""Old flow versions are thrown away once nobody has had a use for them for two days.

A use: a process stands on it, in whatever account; it is or was published, so that there is a way back; or a worker's
project has it, which the worker says once an hour. Any number of processes may do this at a time, and any of them may
die anywhere: it looks, and throws away one version at a time, if nobody has spoken up for it in the meantime.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from ..errors import StoreError
from ..store import flows, funnels, publications
from ..store.client import AsyncStore

EVERY = 3600.0  # seconds between two looks
IDLE = 48 * 3600 * 1000  # ms
logger = logging.getLogger(__name__)


async def keep_collecting(store: AsyncStore, stop: asyncio.Event, every: float = EVERY) -> None:
    """Until `stop` is set; a store that is away is asked again the next time."""
    while not stop.is_set():
        try:
            gone = await collect(store, await store.now())
            if gone:
                logger.info("versions.collected", extra={"count": len(gone)})
        except StoreError as error:
            logger.warning("hooks.store", extra={"error": error.code, "reason": str(error)})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)


async def collect(store: AsyncStore, now: int, idle: int = IDLE) -> list[str]:
    """The versions that are gone now; `now` is ms UTC by the store's clock."""
    known = await store.run(flows.known())
    if not known:
        return []
    used = await _used(store)
    await store.all([flows.touch(version, now) for version in known if version in used])
    left = [version for version in known if version not in used]
    found = await store.all([flows.collect(version, now, idle) for version in left])
    gone = [version for version, is_gone in zip(left, found, strict=True) if is_gone]
    await store.all([funnels.forget(one, version) for version in gone for one in range(store.partitions)])
    await store.all([flows.forget(version) for version in gone])
    return gone


async def _used(store: AsyncStore) -> set[str]:
    """The pointers first: who stands on a version that was pointed to a moment ago is then among the counted."""
    accounts = await store.run(publications.publishers())
    live = await store.all([publications.current(account) for account in accounts])
    past = await store.all([publications.history(account) for account in accounts])
    counts = await store.all([flows.standing(partition) for partition in range(store.partitions)])
    return {
        *(version for one in live for version in (*one.flows.values(), *one.gone.values())),
        *(version for one in past for entry in one for pair in entry.changes.values() for version in pair),
        *(version for one in counts for version, count in one.items() if count > 0),
    }
