"""Events for clients' systems: read from the partitions, addressed to endpoints, taken for delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model import ids
from . import keys
from .call import Call, Part, as_text
from .scripts import fcall

KEPT = 8 * 24 * 3600 * 1000  # ms that a hook's body and its deliveries are kept after they were made
DEATHS = 20  # of the hooks process with one delivery under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event that is not yet addressed."""

    entry: str  # its place in the stream
    partition: int
    id: str
    type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One hook for one endpoint, ours to post now."""

    id: str  # what the receiver sees as webhook-id
    hook: str
    partition: int
    type: str
    attempt: int  # from 1
    refused: int = 0  # of those before, the ones that failed; in the others the process died that made them

    @property
    def turn(self) -> int:
        """Which of the waits between attempts comes next, from 1: our own deaths are not the endpoint's doing, until
        they are so many that the hook itself may be what we die of.

        >>> Delivery(id="d", hook="h", partition=0, type="t", attempt=3, refused=1).turn
        2
        """
        return max(self.refused + 1, self.attempt - DEATHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    now: int
    next_at: int  # ms UTC; -1: nothing waits
    taken: tuple[Delivery, ...]


def delivery_id(partition: int, hook_id: str, endpoint_key: str) -> str:
    """The same for the same hook and endpoint, over all attempts and replays."""
    return ids.make("dl", partition, hook_id, endpoint_key)


def read(partition: int, *, count: int = 100) -> Call[list[Entry]]:
    """The oldest events of a partition that no endpoint has been given yet; a sealed one still is."""
    key = keys.hooks(partition)
    parts = ("XRANGE", key, "-", "+", "COUNT", count)
    return Call(parts=parts, slot=key, read=lambda reply: _entries(partition, reply), repeatable=True)


def emit(partition: int, hook_id: str, kind: str, body: bytes) -> Call[int]:
    """An event that comes from no contact's turn: its id makes it the same one when it is told twice."""
    names = [keys.hooks(partition), keys.wake(partition, "hook")]
    return fcall("emit_hook", names, [hook_id, kind, body], read=int, repeatable=True)


def keep(partition: int, hook_id: str, body: bytes, *, kept: int = KEPT) -> Call[bool]:
    """Keeps a hook's body for its deliveries."""
    key = keys.hook(partition, hook_id)
    return Call(parts=("SET", key, body, "PX", kept), slot=key, read=bool, repeatable=True)


def body(partition: int, hook_id: str) -> Call[bytes | None]:
    key = keys.hook(partition, hook_id)
    return Call(parts=("GET", key), slot=key, read=lambda reply: reply, repeatable=True, sealed=True)


def point(partition: int, delivery: str, endpoint_key: str, hook_id: str, kind: str, *, kept: int = KEPT) -> Call[bool]:
    """Notes where a delivery goes, so that its id alone finds it."""
    key = keys.delivery_pointer(partition, delivery)
    parts = ("SET", key, f"{endpoint_key}\n{hook_id}\n{kind}", "PX", kept)
    return Call(parts=parts, slot=key, read=bool, repeatable=True)


def address(
    endpoint_key: str, delivery: str, hook_id: str, partition: int, kind: str, *, now: int = 0, kept: int = KEPT
) -> Call[bool]:
    """Puts the hook into the endpoint's queue; False when it was put there before."""
    names = [
        keys.endpoint(endpoint_key, "due"),
        keys.delivery(endpoint_key, delivery),
        keys.endpoint(endpoint_key, "facts"),
    ]
    return fcall("address_hook", names, [delivery, hook_id, partition, kind, now, kept], read=bool, repeatable=True)


def unlink(partition: int, entries: list[str]) -> Call[int]:
    """The events are addressed: the stream forgets them."""
    key = keys.hooks(partition)
    return Call(parts=("XDEL", key, *entries), slot=key, read=int, repeatable=True)


def claim(endpoint_key: str, url: str, *, count: int, lease: int = 30_000, now: int = 0) -> Call[Due]:
    """Takes due deliveries; who dies with one lets it come back after `lease` ms."""
    names = [keys.endpoint(endpoint_key, "due"), keys.endpoint(endpoint_key, "facts")]
    args: list[Part] = [keys.delivery(endpoint_key, ""), now, count, lease, ids.digest(url, size=8)]
    return fcall("claim_deliveries", names, args, read=_due)


def record(
    endpoint_key: str,
    delivery: Delivery,
    outcome: str,
    *,
    wait: int = 0,
    status: int = 0,
    ms: int = 0,
    error: str = "",
    give_up: int = 5 * 24 * 3600 * 1000,
    now: int = 0,
) -> Call[str]:
    """What became of an attempt: delivered, again (after `wait` ms), failed, gone (its body is no more), disable.

    Answers the endpoint's state: ok, open (left alone for a while), disabled.
    """
    names = [
        keys.endpoint(endpoint_key, "due"),
        keys.delivery(endpoint_key, delivery.id),
        keys.endpoint(endpoint_key, "facts"),
        keys.endpoint(endpoint_key, "log"),
    ]
    args: list[Part] = [delivery.id, delivery.attempt, outcome, wait, status, ms, error, now, give_up, KEPT]
    return fcall("record_delivery", names, args, read=as_text)


def _entries(partition: int, reply: Any) -> list[Entry]:
    found = []
    for entry, fields in reply:
        named = fields if isinstance(fields, dict) else dict(zip(fields[::2], fields[1::2], strict=True))
        kind, hook = as_text(named.get(b"type", b"")), as_text(named.get(b"id", b""))
        raw = named.get(b"body", b"")
        found.append(Entry(entry=as_text(entry), partition=partition, id=hook, type=kind, body=raw))
    return found


def _due(reply: Any) -> Due:
    now, next_at, taken = reply
    found = [
        Delivery(
            id=as_text(id_),
            hook=as_text(hook),
            partition=int(partition),
            type=as_text(kind),
            attempt=int(attempt),
            refused=int(refused),
        )
        for id_, hook, partition, kind, attempt, refused in taken
    ]
    return Due(now=int(now), next_at=int(next_at), taken=tuple(found))
