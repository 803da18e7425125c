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
        """Bulk leaves one in the bucket: a reply that comes finds it, and need not wait for the next."""
        now = time.monotonic()
        block = self._blocks.setdefault(channel.key, _Block())
        if _closed(block, bulk) > now or want <= 0:
            return 0
        if block.left <= 0 or block.until <= now:
            await self._lease(channel, block, now, bulk)
        taken = min(want, block.left)
        block.left -= taken
        return taken

    async def _lease(self, channel: Channel, block: _Block, now: float, bulk: bool) -> None:
        size = max(1, round(channel.rate * BLOCK))
        stay = 1 if bulk and size > 1 else 0
        asked = rates.lease(channel.key, rate=channel.rate * STEADY, size=size, want=size, stay=stay)
        lease = await self._store.run(asked)
        block.left, block.until = lease.taken, now + 2 * BLOCK
        if not lease.taken:
            until = now + min(lease.wait, 250) / 1000  # a pause may be lifted: look again soon
            block.bulk_until = until
            if not stay or lease.paused:
                block.closed_until = until
            if lease.paused and lease.wait > 250:
                logger.debug("channel.waits", extra={"channel": channel.key, "ms": lease.wait, "reason": lease.paused})

    def give_back(self, channel: Channel, count: int) -> None:
        block = self._blocks.get(channel.key)
        if block and count > 0 and block.until > time.monotonic():
            block.left += count

    def wait(self, channel: Channel, *, bulk: bool = False) -> float:
        """Seconds until it is worth asking again."""
        block = self._blocks.get(channel.key)
        return max(0.0, _closed(block, bulk) - time.monotonic()) if block else 0.0

    def close(self, channel: Channel) -> None:
        """The channel has been paused: what is left of the block is void."""
        block = self._blocks.setdefault(channel.key, _Block())
        block.left, block.closed_until = 0, time.monotonic() + 0.05


def _closed(block: _Block, bulk: bool) -> float:
    return max(block.closed_until, block.bulk_until) if bulk else block.closed_until
