"""Waiting for announcements on the partitions' sharded channels: one subscribed connection for each node."""

from __future__ import annotations

import time
from collections.abc import Callable

from redis import exceptions
from redis.connection import Connection, ConnectionPool

from ..errors import StoreUnavailable
from . import keys

SLICE = 0.02  # seconds at one node before looking at the next


class Wakes:
    """What one process waits for. Not for several threads."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lines: dict[str, Connection] = {}
        self._pools: dict[str, ConnectionPool] = {}
        self._channels: dict[bytes, int] = {}
        self._homes: dict[int, str] = {}  # partition -> node where it is subscribed

    def wait(
        self,
        partitions: set[int],
        timeout: float,
        node_of: Callable[[str], str],
        pool_of: Callable[[str], ConnectionPool],
    ) -> set[int]:
        try:
            fresh = self._subscribe(partitions, node_of, pool_of)
            return fresh or self._listen(partitions, timeout)
        except (exceptions.RedisError, OSError) as error:
            self.close()
            raise StoreUnavailable(str(error)) from error

    def close(self) -> None:
        for node, line in self._lines.items():
            line.disconnect()
            self._pools[node].release(line)
        self._lines.clear()
        self._channels.clear()
        self._homes.clear()

    def _subscribe(
        self, partitions: set[int], node_of: Callable[[str], str], pool_of: Callable[[str], ConnectionPool]
    ) -> set[int]:
        """Subscribe to those that are new, leave those that went; the new ones."""
        for partition in self._homes.keys() - partitions:
            home = self._homes.pop(partition)
            self._lines[home].send_command("SUNSUBSCRIBE", keys.wake(partition, self._what))
        fresh = partitions - self._homes.keys()
        for partition in fresh:
            channel = keys.wake(partition, self._what)
            home = node_of(channel)
            if home not in self._lines:
                self._pools[home] = pool_of(home)
                self._lines[home] = self._pools[home].get_connection()
            self._lines[home].send_command("SSUBSCRIBE", channel)
            self._homes[partition] = home
            self._channels[channel.encode()] = partition
        return fresh

    def _listen(self, partitions: set[int], timeout: float) -> set[int]:
        until = time.monotonic() + timeout
        woken: set[int] = set()
        while not woken:
            left = until - time.monotonic()
            if left <= 0:
                break
            if not self._lines:
                time.sleep(left)
            for line in self._lines.values():
                pause = 0.0 if woken else left if len(self._lines) == 1 else min(left, SLICE)
                while line.can_read(pause):
                    woken |= self._heard(line.read_response())
                    pause = 0.0
        return woken & partitions

    def _heard(self, reply: list[bytes]) -> set[int]:
        kind, channel, _ = reply
        partition = self._channels.get(channel)
        if partition is None:
            return set()
        if kind == b"sunsubscribe" and partition in self._homes:
            raise exceptions.ConnectionError("the partition moved to another node")
        return {partition} if kind == b"smessage" else set()
