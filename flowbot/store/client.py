"""The sync client: runs calls, each node's in one pipeline. `connect_async` gives the same for asyncio."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from redis import exceptions
from redis.connection import Connection, ConnectionPool

from ..errors import StoreError, StoreUnavailable
from . import keys, schema
from .async_client import AsyncStore, connect_async
from .call import Call
from .flight import Flight, NotSent, packed, sound
from .nodes import Place, Topology, options, parse
from .scripts import source
from .sealing import NO_KEYS, Ring
from .wakes import Wakes

__all__ = ["AsyncStore", "Store", "connect", "connect_async"]

T = TypeVar("T")
TIMEOUT = 5.0  # seconds for a connection, and for a reply


def connect(url: str, *, timeout: float = TIMEOUT, partitions: int = schema.PARTITIONS, ring: Ring = NO_KEYS) -> Store:
    """The store at `url`: redis://, rediss://, unix://, redis+cluster://host:port,host:port.

    The first connection ever fixes the number of partitions; later ones take what they find.
    StoreUnavailable when it does not answer, SchemaMismatch when another release wrote it, SettingsError for the URL.
    """
    store = Store(parse(url), timeout, ring)
    try:
        store.meta = store.run(schema.read()) or store.run(schema.claim(partitions, secrets.token_bytes(32)))
    except BaseException:
        store.close()
        raise
    return store


class Store:
    """A connected store. May be shared by threads, and survives a fork."""

    meta: schema.Meta

    def __init__(self, place: Place, timeout: float, ring: Ring = NO_KEYS) -> None:
        self.ring = ring
        self._topology = Topology(place)
        self._timeout = timeout
        self._pools: dict[str, ConnectionPool] = {}
        self._wakes: dict[str, Wakes] = {}  # by what is waited for

    @property
    def partitions(self) -> int:
        return self.meta.partitions

    @property
    def salt(self) -> bytes:
        return self.meta.salt

    def apart(self) -> list[int]:
        """Of each node one of the partitions that it holds."""
        if not self._topology.known():
            self._look_up()
        return list({self._topology.node_of(keys.timers(one)): one for one in range(self.partitions)}.values())

    def run(self, call: Call[T]) -> T:
        """The call's value; raises what `run_all` would have returned in its place."""
        result = self.run_all((call,))[0]
        if isinstance(result, StoreError):
            raise result
        return result

    def run_all(self, calls: Sequence[Call[T]]) -> list[T | StoreError]:
        """All values in order, each call's error in its place: one call's failure is not another's.

        Calls to one node run in order; there is no other promise between them.
        """
        return self.start(calls)()

    def all(self, calls: Sequence[Call[T]]) -> list[T]:
        """All values in order; raises the first error."""
        return sound(self.run_all(calls))

    def start(self, calls: Sequence[Call[T]]) -> Callable[[], list[T | StoreError]]:
        """Send the calls now; what comes back gives `run_all`'s list, and must be called once.

        Meanwhile the caller may work as the store does. Between two that are under way at a time there is no order.
        """
        if not self._topology.known():
            self._look_up()
        flight = Flight(calls, self._topology, self.ring)
        lines = self._send(flight, flight.todo())

        def finish() -> list[T | StoreError]:
            self._land(flight, lines)
            while groups := flight.todo():
                self._land(flight, self._send(flight, groups))
            return flight.results

        return finish

    def now(self) -> int:
        """ms UTC by the store's clock."""
        return self.run(_TIME)

    def wait(self, partitions: Iterable[int], timeout: float, what: str = "in") -> set[int]:
        """Sleep until one of the partitions has something new, at most `timeout` seconds: those that have.

        A partition that was not waited for before is among them at once: it may have had something all along.
        Announcements may get lost, so look at all partitions now and then. StoreUnavailable when the connection ends.
        """
        if not self._topology.known():
            self._look_up()
        wakes = self._wakes.setdefault(what, Wakes(what))
        return wakes.wait(set(partitions), timeout, self._topology.node_of, self._pool)

    def close(self) -> None:
        for wakes in self._wakes.values():
            wakes.close()
        self._wakes.clear()
        for pool in self._pools.values():
            pool.disconnect()
        self._pools.clear()

    def _pool(self, node: str) -> ConnectionPool:
        pool = self._pools.get(node)
        if pool is None:
            pool = self._pools.setdefault(node, ConnectionPool.from_url(node, **options(self._timeout)))
        return pool

    def _send(self, flight: Flight, groups: dict[str, list[int]]) -> list[tuple[str, list[int], _Line]]:
        """Send to all nodes before reading from any, so that they work at the same time."""
        lines = [(node, indexes, _Line(self._pool(node))) for node, indexes in groups.items()]
        try:
            for _, indexes, line in lines:
                line.send(flight.commands(indexes))
        except BaseException:
            for _, _, line in lines:
                line.end()
            raise
        return lines

    def _land(self, flight: Flight, lines: list[tuple[str, list[int], _Line]]) -> None:
        """Read what the nodes answer, and see to what has to be done before the rest is sent again."""
        try:
            for node, indexes, line in lines:
                flight.land(node, indexes, line.read())
        finally:
            for _, _, line in lines:
                line.end()
        for node in flight.unloaded:
            self._load(node)
        if flight.patience:
            time.sleep(flight.patience)
        if flight.lost_way:
            self._look_up()

    def _ask(self, node: str, *parts: str) -> Any:
        """One command to one node; raises what it answers as an error."""
        line = _Line(self._pool(node))
        try:
            line.send([packed(parts)])
            reply = line.read()[0]
        finally:
            line.end()
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _look_up(self) -> None:
        """Ask the nodes for the slots until one knows."""
        reason: Exception | None = None
        for node in self._topology.seeds():
            try:
                self._topology.learn(self._ask(node, "CLUSTER", "SLOTS"), node)
                return
            except (NotSent, exceptions.RedisError) as error:
                reason = error
        raise StoreUnavailable(f"no node of the cluster answers: {reason}")

    def _load(self, node: str) -> None:
        try:
            self._ask(node, "FUNCTION", "LOAD", source())
        except exceptions.ResponseError as error:
            if "already exists" not in str(error):
                raise StoreError(f"the function library was refused: {error}") from error
        except (NotSent, exceptions.RedisError) as error:
            raise StoreUnavailable(str(error)) from error


class _Line:
    """One exchange over one connection. A connection with an answer still to come is never used again."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: Connection | None = None
        self._awaited = 0
        self._failed: Exception | None = None

    def send(self, commands: list[bytes]) -> None:
        self._awaited = len(commands)
        try:
            self._connection = self._pool.get_connection()
        except exceptions.RedisError as error:
            self._failed = NotSent(str(error))
            return
        try:
            self._connection.send_packed_command([b"".join(commands)])
        except exceptions.RedisError as error:
            self._failed = error

    def read(self) -> list[Any]:
        """One reply for each command; an exception where the reply is an error or none came."""
        out: list[Any] = []
        while self._awaited:
            if self._failed is not None or self._connection is None:
                out += [self._failed] * self._awaited
                self._awaited = 0
                break
            try:
                out.append(self._connection.read_response())
            except exceptions.ResponseError as error:
                out.append(error)
            except exceptions.RedisError as error:
                self._failed = error
                continue
            self._awaited -= 1
        return out

    def end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._awaited or self._failed is not None:
            connection.disconnect()
        self._pool.release(connection)


def _ms(reply: list[bytes]) -> int:
    return int(reply[0]) * 1000 + int(reply[1]) // 1000


_TIME = Call(("TIME",), "", _ms, True)
