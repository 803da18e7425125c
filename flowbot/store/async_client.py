"""The client for asyncio; the same calls, the same order of things as in client.py."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from redis import exceptions
from redis.asyncio.connection import ConnectionPool

from ..errors import StoreError, StoreUnavailable
from . import schema
from .async_wakes import listen
from .call import Call
from .flight import Flight, NotSent, packed, sound
from .nodes import Place, Topology, options, parse
from .scripts import source
from .sealing import NO_KEYS, Ring

T = TypeVar("T")
TIMEOUT = 5.0  # seconds for a connection, and for a reply


async def connect_async(
    url: str, *, timeout: float = TIMEOUT, partitions: int = schema.PARTITIONS, ring: Ring = NO_KEYS
) -> AsyncStore:
    """As `client.connect`."""
    store = AsyncStore(parse(url), timeout, ring)
    try:
        known = await store.run(schema.read())
        if known is None:
            known = await store.run(schema.claim(partitions, secrets.token_bytes(32)))
        store.meta = known
    except BaseException:
        await store.close()
        raise
    return store


class AsyncStore:
    """A connected store of one event loop."""

    meta: schema.Meta

    def __init__(self, place: Place, timeout: float, ring: Ring = NO_KEYS) -> None:
        self.ring = ring
        self._topology = Topology(place)
        self._timeout = timeout
        self._pools: dict[str, ConnectionPool] = {}

    @property
    def partitions(self) -> int:
        return self.meta.partitions

    @property
    def salt(self) -> bytes:
        return self.meta.salt

    async def run(self, call: Call[T]) -> T:
        """The call's value; raises what `run_all` would have returned in its place."""
        result = (await self.run_all((call,)))[0]
        if isinstance(result, StoreError):
            raise result
        return result

    async def run_all(self, calls: Sequence[Call[T]]) -> list[T | StoreError]:
        """All values in order, each call's error in its place: one call's failure is not another's."""
        if not calls:
            return []
        if not self._topology.known():
            await self._look_up()
        flight = Flight(calls, self._topology, self.ring)
        while groups := flight.todo():
            sent = [self._exchange(node, flight.commands(indexes)) for node, indexes in groups.items()]
            replies = await asyncio.gather(*sent) if len(sent) > 1 else [await sent[0]]
            for (node, indexes), got in zip(groups.items(), replies, strict=True):
                flight.land(node, indexes, got)
            for node in flight.unloaded:
                await self._load(node)
            if flight.patience:
                await asyncio.sleep(flight.patience)
            if flight.lost_way:
                await self._look_up()
        return flight.results

    async def all(self, calls: Sequence[Call[T]]) -> list[T]:
        """All values in order; raises the first error."""
        return sound(await self.run_all(calls))

    async def now(self) -> int:
        """ms UTC by the store's clock."""
        return await self.run(Call(("TIME",), "", lambda reply: int(reply[0]) * 1000 + int(reply[1]) // 1000, True))

    async def wakes(self, what: str = "out") -> AsyncIterator[int]:
        """The partitions that say that there is something, for ever; all of them at each new connection.

        Announcements may get lost, so look at all partitions now and then.
        """
        while True:
            try:
                if not self._topology.known():
                    await self._look_up()
                async for partition in listen(what, range(self.partitions), self._topology.node_of, self._pool):
                    yield partition
            except (exceptions.RedisError, StoreUnavailable, OSError):
                await asyncio.sleep(0.25)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.disconnect()
        self._pools.clear()

    def _pool(self, node: str) -> ConnectionPool:
        pool = self._pools.get(node)
        if pool is None:
            pool = self._pools[node] = ConnectionPool.from_url(node, **options(self._timeout))
        return pool

    async def _exchange(self, node: str, commands: list[bytes]) -> list[Any]:
        """One reply for each command; a connection with an answer still to come is never used again."""
        pool = self._pool(node)
        try:
            connection = await pool.get_connection()
        except (exceptions.RedisError, OSError) as error:
            return [NotSent(str(error))] * len(commands)
        out: list[Any] = []
        try:
            await connection.send_packed_command([b"".join(commands)])
            while len(out) < len(commands):
                try:
                    out.append(await connection.read_response())
                except exceptions.ResponseError as error:
                    out.append(error)
        except (exceptions.RedisError, OSError) as error:
            out += [error] * (len(commands) - len(out))
            await connection.disconnect(nowait=True)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            await pool.release(connection)
        return out

    async def _ask(self, node: str, *parts: str) -> Any:
        reply = (await self._exchange(node, [packed(parts)]))[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def _look_up(self) -> None:
        reason: Exception | None = None
        for node in self._topology.seeds():
            try:
                self._topology.learn(await self._ask(node, "CLUSTER", "SLOTS"), node)
                return
            except (NotSent, exceptions.RedisError, OSError) as error:
                reason = error
        raise StoreUnavailable(f"no node of the cluster answers: {reason}")

    async def _load(self, node: str) -> None:
        try:
            await self._ask(node, "FUNCTION", "LOAD", source())
        except exceptions.ResponseError as error:
            if "already exists" not in str(error):
                raise StoreError(f"the function library was refused: {error}") from error
        except (NotSent, exceptions.RedisError, OSError) as error:
            raise StoreUnavailable(str(error)) from error
