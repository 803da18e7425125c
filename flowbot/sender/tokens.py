"""A channel's right to send, in blocks of about 50 ms that this process leases from the store."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from ..model.project import Channel
from ..store import rates
from ..store.client import AsyncStore

BLOCK = 0.05  # seconds' worth of tokens; what is not used of a block is lost, so that two senders keep the rate
STEADY = 0.93  # of the rate is what flows: with the block on top, no second holds more than the rate
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Block:
    left: int = 0
    until: float = 0.0  # monotonic
    closed_until: float = 0.0  # monotonic: nothing to be had before
    bulk_until: float = 0.0  # monotonic: nothing for bulk


class Tokens:
    """The blocks of all channels.

    `take` gives at most what the channel's rate allows all senders together; 0 when it must wait, and then `wait` says
    how long.
    """

    def __init__(self, store: AsyncStore) -> None:
        self._store = store
        self._blocks: dict[str, _Block] = {}

    async def take(self, channel: Channel, want: int, *, bulk: bool = False) -> int:
        """Bulk leaves half of a block, here as in the store: the replies that come next find their tokens."""
        block = self._blocks.setdefault(channel.key, _Block())
        now = time.monotonic()
        if _closed(block, bulk) > now or want <= 0:
            return 0
        stay = _size(channel) // 2 if bulk else 0
        here = max(0, block.left - stay) if block.until > now else 0
        if not here:
            return await self._lease(channel, block, want, stay)
        taken = min(want, here)
        block.left -= taken
        return taken

    async def _lease(self, channel: Channel, block: _Block, want: int, stay: int) -> int:
        now, size = time.monotonic(), _size(channel)
        asked = rates.lease(channel.key, rate=channel.rate * STEADY, size=size, want=size, stay=stay)
        lease = await self._store.run(asked)
        taken = min(want, lease.taken)
        self.give_back(channel, lease.taken - taken)
        if not lease.taken:
            until = now + min(lease.wait, 250) / 1000  # a pause may be lifted: look again soon
            block.bulk_until = until
            if not stay or lease.paused:
                block.closed_until = until
            if lease.paused and lease.wait > 250:
                logger.debug("channel.waits", extra={"channel": channel.key, "ms": lease.wait, "reason": lease.paused})
        return taken

    def give_back(self, channel: Channel, count: int) -> None:
        """What was not needed is for who comes next, as long as a block is good."""
        block = self._blocks.setdefault(channel.key, _Block())
        now = time.monotonic()
        if count <= 0 or block.closed_until > now:
            return
        if block.until <= now:
            block.left, block.until = 0, now + 2 * BLOCK
        block.left += count

    def wait(self, channel: Channel, *, bulk: bool = False) -> float:
        """Seconds until it is worth asking again."""
        block = self._blocks.get(channel.key)
        return max(0.0, _closed(block, bulk) - time.monotonic()) if block else 0.0

    def close(self, channel: Channel) -> None:
        """The channel has been paused: what is left of the block is void."""
        block = self._blocks.setdefault(channel.key, _Block())
        block.left, block.closed_until = 0, time.monotonic() + 0.05


def _size(channel: Channel) -> int:
    return max(1, round(channel.rate * BLOCK))


def _closed(block: _Block, bulk: bool) -> float:
    return max(block.closed_until, block.bulk_until) if bulk else block.closed_until
