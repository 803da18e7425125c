"""Announcements for asyncio: one subscribed connection for each node, all heard as one stream of partitions."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable

from redis import exceptions
from redis.asyncio.connection import ConnectionPool

from . import keys


async def listen(
    what: str, partitions: Iterable[int], node_of: Callable[[str], str], pool_of: Callable[[str], ConnectionPool]
) -> AsyncIterator[int]:
    """Every partition once, then each as it is announced; raises as soon as any connection ends."""
    homes: dict[str, list[int]] = {}
    for partition in partitions:
        homes.setdefault(node_of(keys.wake(partition, what)), []).append(partition)
    heard: asyncio.Queue[int | Exception] = asyncio.Queue()
    tasks = [asyncio.create_task(_hear(what, own, pool_of(home), heard)) for home, own in homes.items()]
    try:
        while True:
            found = await heard.get()
            if isinstance(found, Exception):
                raise found
            yield found
    finally:
        left = set(tasks)
        while left:  # a connection that is just being made may swallow the first
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.1)


async def _hear(what: str, partitions: list[int], pool: ConnectionPool, heard: asyncio.Queue[int | Exception]) -> None:
    channels = {keys.wake(partition, what).encode(): partition for partition in partitions}
    try:
        connection = await pool.get_connection()
    except (exceptions.RedisError, OSError) as error:
        heard.put_nowait(error)
        return
    try:
        await connection.send_packed_command(connection.pack_commands([("SSUBSCRIBE", name) for name in channels]))
        while True:
            kind, channel, _ = await connection.read_response(timeout=math.inf)
            if kind == b"sunsubscribe":
                raise exceptions.ConnectionError("the partition moved to another node")
            heard.put_nowait(channels[channel])
    except (exceptions.RedisError, OSError) as error:
        heard.put_nowait(error)
    finally:
        await connection.disconnect(nowait=True)
        await pool.release(connection)
