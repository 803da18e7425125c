"""What became of a batch of calls: which are still to be sent, and where. Both clients drive one; it sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from hiredis import HiredisError, pack_command
from redis import exceptions

from ..errors import FlowbotError, StoreError, StoreUnavailable
from .call import Call, Part
from .nodes import Topology
from .sealing import NO_KEYS, Ring

T = TypeVar("T")
TRIES = 6  # sends of one call at most, over all reasons
AWAY = ("LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "BUSY")


def packed(parts: tuple[Part, ...]) -> bytes:
    """A command as it goes over the wire."""
    data: bytes = pack_command(cast(Any, parts))  # its stub knows tuples of one item only
    return data


ASKING = packed(("ASKING",))


class NotSent(Exception):
    """No connection: nothing has left."""


def sound(answers: Sequence[T | StoreError]) -> list[T]:
    """The values; raises the first error among them."""
    found: list[T] = []
    for answer in answers:
        if isinstance(answer, StoreError):
            raise answer
        found.append(answer)
    return found


class Flight:
    """A batch under way. `todo` says what goes where, `land` takes the replies; repeat until `todo` is empty.

    Between the two, look at `lost_way` (ask for the slots again), `unloaded` (nodes that lack the function library) and
    `patience` (seconds to wait).
    """

    def __init__(self, calls: Sequence[Call[Any]], topology: Topology, ring: Ring = NO_KEYS) -> None:
        self._calls = calls
        self._ring = ring
        self._topology = topology
        self._packed: list[bytes] = []
        self._left: list[int] = []
        self._tries: dict[int, int] = {}
        self._dropped: set[int] = set()
        self._ask: dict[int, str] = {}  # while a slot moves: the node that this one call goes to
        self.results: list[Any] = [None] * len(calls)
        self.lost_way = False
        self.unloaded: set[str] = set()
        self.patience = 0.0
        for index, call in enumerate(calls):
            self._pack(index, call)

    def todo(self) -> dict[str, list[int]]:
        """Node -> the calls to send there, in order."""
        left, self._left = sorted(self._left), []
        self.lost_way, self.patience = False, 0.0
        self.unloaded = set()
        if not self._topology.place.cluster:
            return {self._topology.place.urls[0]: left} if left else {}
        groups: dict[str, list[int]] = {}
        for index in left:
            node = self._ask.get(index) or self._topology.node_of(self._calls[index].slot)
            groups.setdefault(node, []).append(index)
        return groups

    def commands(self, indexes: Sequence[int]) -> list[bytes]:
        """What goes over the wire for these calls, one item for each reply to come."""
        if not self._ask:
            return [self._packed[index] for index in indexes]
        out: list[bytes] = []
        for index in indexes:
            if index in self._ask:
                out.append(ASKING)
            out.append(self._packed[index])
        return out

    def _pack(self, index: int, call: Call[Any]) -> None:
        """What cannot be written concerns this call only."""
        try:
            self._packed.append(packed(self._ring.written(call.parts) if call.sealed else call.parts))
            self._left.append(index)
        except (TypeError, ValueError, HiredisError) as error:
            self._packed.append(b"")
            self.results[index] = StoreError(f"{call.parts[0]!r} has an argument that cannot be sent: {error}")

    def land(self, node: str, indexes: Sequence[int], replies: Sequence[Any]) -> None:
        """Take the replies to `commands`; an exception stands for a reply that is an error or did not come."""
        at = 0
        for index in indexes:
            if self._ask.pop(index, None):
                at += 1
            reply = replies[at]
            at += 1
            if isinstance(reply, Exception):
                self.results[index] = self._refused(node, index, reply)
            else:
                call = self._calls[index]
                self.results[index] = _read(call, self._ring.opened(reply) if call.sealed else reply)

    def _refused(self, node: str, index: int, error: Exception) -> StoreError | None:
        """The error to report, or None when the call is sent again."""
        verdict = self._verdict(node, index, error)
        if verdict is not None:
            return verdict
        self._tries[index] = self._tries.get(index, 0) + 1
        if self._tries[index] >= TRIES:
            return StoreUnavailable(str(error))
        self._left.append(index)
        return None

    def _verdict(self, node: str, index: int, error: Exception) -> StoreError | None:
        cluster = self._topology.place.cluster
        if isinstance(error, exceptions.MovedError):
            self.lost_way = True
        elif isinstance(error, exceptions.AskError):
            self._ask[index] = self._topology.place.node(error.host, error.port)
        elif isinstance(error, NotSent):
            if not cluster:
                return StoreUnavailable(str(error))
            self._wait(index)
        elif isinstance(error, exceptions.ResponseError):
            return self._answer(node, index, error)
        elif index in self._dropped or not self._calls[index].repeatable:
            return StoreUnavailable(str(error))
        else:
            self._dropped.add(index)
            self.lost_way = cluster
        return None

    def _answer(self, node: str, index: int, error: exceptions.ResponseError) -> StoreError | None:
        """The node refused, and so did nothing."""
        word = getattr(error, "status_code", None) or str(error).partition(" ")[0]
        if "unction not found" in str(error):
            self.unloaded.add(node)
        elif self._topology.place.cluster and word in ("TRYAGAIN", "CLUSTERDOWN", "READONLY"):
            self._wait(index)
        elif word in AWAY:
            return StoreUnavailable(str(error))
        else:
            return StoreError(str(error))
        return None

    def _wait(self, index: int) -> None:
        """A failover or a move is under way: look again soon, and more patiently each time."""
        self.lost_way = True
        self.patience = max(self.patience, 0.02 * 2 ** self._tries.get(index, 0))


def _read(call: Call[Any], reply: Any) -> Any:
    try:
        return call.read(reply)
    except StoreError as error:
        return error
    except FlowbotError as error:
        return StoreError(str(error))
