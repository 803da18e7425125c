"""The bulk lane's own round: what waits for a number's rate, a broadcast's hundred thousand, is claimed aside.

A reply so waits for no claim of bulk, nor for the looks that bulk would take: which partitions have more is known from
the claims themselves, and asked for anew when a look at everything says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..errors import StoreError
from ..model.project import Channel
from ..store.outbox import Claimed
from .claim import Claimer, Ready
from .tokens import Tokens

LULL = 0.005  # seconds between two tries for tokens, at least: of a small bucket what runs over is lost to the rate
LONGEST = 0.25  # seconds until a channel without tokens is looked at again
logger = logging.getLogger(__name__)
_Key = tuple[str, str]  # lane, channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """What bulk needs of the sender."""

    held: Callable[[], Collection[int]]  # the partitions that are ours
    room: Callable[[], int]  # sends that may be begun; 0 when it is not worth a claim
    start: Callable[[Claimed, Channel, float], None]
    poll: float  # seconds of rest when the store is away


@dataclass(slots=True)
class Bulk:
    """`note` says where something waits; `work` sends it, no quicker than the rate, until `stop`."""

    claimer: Claimer
    tokens: Tokens
    seats: Seats
    waiting: dict[_Key, set[int]] = field(default_factory=dict)  # partitions that have something that may go
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False

    def note(self, what: Ready) -> None:
        self.waiting.setdefault((what.lane, what.channel_key), set()).update(what.partitions)
        self.bell.set()

    def roomier(self) -> None:
        """A send has ended: there may be room again."""
        if self.waiting:
            self.bell.set()

    def stop(self) -> None:
        """No more claims; one that is on its way is carried out, for its messages count as being sent."""
        self.stopped = True
        self.bell.set()

    async def work(self) -> None:
        while not self.stopped:
            await self.bell.wait()
            self.bell.clear()
            try:
                pause = min([await self._go(key) for key in list(self.waiting) if not self.stopped], default=LONGEST)
            except StoreError as error:
                logger.warning("sender.store", extra={"error": error.code, "reason": str(error)})
                pause = self.seats.poll
            if self.waiting:
                await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0 and not self.seats.room():
            return  # who ends rings
        await asyncio.sleep(seconds)
        self.bell.set()

    async def _go(self, key: _Key) -> float:
        """Claim what the tokens allow of one channel; seconds until it is worth it again."""
        lane, name = key
        partitions = self.waiting.pop(key) & set(self.seats.held())
        channel, room = self.claimer.channel(name), self.seats.room()
        if channel is None or not partitions:  # the next look says whether that has changed
            return LONGEST
        if not room:
            self.waiting[key] = partitions
            return 0.0
        since, more = time.monotonic(), partitions
        what = Ready(lane=lane, channel_key=name, partitions=tuple(sorted(partitions)))
        try:
            found = await self.claimer.claim(what, channel, room)
            more = set(found.more)
        finally:
            if more:
                self.waiting.setdefault(key, set()).update(more)
        for one in found.claimed:
            self.seats.start(one, channel, since)
        if found.claimed:
            return 0.0
        if found.ended:  # of a broadcast that is cancelled there may be very many: the store has others to answer
            return time.monotonic() - since
        return max(LULL, self.tokens.wait(channel, bulk=True))
