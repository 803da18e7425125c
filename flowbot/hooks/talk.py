"""Whether people are answered at present: what nobody waits for then leaves them more of the cores and of the store."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..store import counters
from ..store.async_client import AsyncStore

EVERY = 0.5  # seconds between two looks; a worker tells what it counted four times a second
LASTS = 2.0  # seconds without an answer until nobody talks any more


class Talk:
    """Looks at what the partitions counted; until two looks were had, people are taken to talk."""

    def __init__(self, store: AsyncStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._answers, self._sure = 0, False
        self._looked = self._heard = float("-inf")  # clock: the last look, and the last one that found more answers

    async def goes_on(self) -> bool:
        """Whether there were answers in the last seconds; asks the store now and then only."""
        now = self._clock()
        if now - self._looked >= EVERY:
            asked = [counters.get(partition, "out") for partition in range(self._store.partitions)]
            answers, self._sure = sum(await self._store.all(asked)), now - self._looked < LASTS
            if self._sure and answers != self._answers:
                self._heard = now
            self._looked, self._answers = now, answers
        return not self._sure or now - self._heard < LASTS
