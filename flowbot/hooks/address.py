"""Events of the partitions -> the queues of the endpoints that want them.

Each step may be repeated: the body is kept first, the delivery has an id that follows from hook and endpoint, and only
then does the partition's stream forget the event.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ..errors import NewerRelease, ParseError, StoreError
from ..model import codec
from ..model.hook import Hook
from ..model.project import Endpoint
from ..store import hooks
from ..store.call import Call
from ..store.hooks import Entry
from .parts import Parts
from .subscribe import endpoints_for

BATCH = 100
logger = logging.getLogger(__name__)


async def address(parts: Parts, partitions: Iterable[int]) -> tuple[set[str], set[int]]:
    """Addresses what lies in the partitions; the endpoints that got something, the partitions that hold more."""
    order = sorted(partitions)
    answers = await parts.store.run_all([hooks.read(p, count=BATCH) for p in order])
    read = [entry for answer in answers if not isinstance(answer, StoreError) for entry in answer]
    wanted, found = _wanted(parts, read)
    if not found:
        return set(), set()
    await _all(parts, _keeps(parts, wanted))
    await _all(parts, _addresses(parts, wanted))
    by_partition: dict[int, list[str]] = {}
    for entry in found:
        by_partition.setdefault(entry.partition, []).append(entry.entry)
    await _all(parts, [hooks.unlink(p, entries) for p, entries in by_partition.items()])
    more = {p for p, entries in by_partition.items() if len(entries) >= BATCH}
    return {endpoint.key for _, endpoint in wanted}, more


def read_hook(kind: str, body: bytes) -> Hook | None:
    """The event; None when the bytes are not one, NewerRelease when one of those wrote them."""
    try:
        return codec.decode(Hook, body)
    except NewerRelease:
        raise
    except ParseError:
        logger.error("hook.unreadable", extra={"kind": kind})
        return None


def _wanted(parts: Parts, read: list[Entry]) -> tuple[list[tuple[Entry, Endpoint]], list[Entry]]:
    """Who gets which, and all that were looked at: one of a newer release waits for the hooks process of that."""
    wanted, found = [], []
    for entry in read:
        try:
            wanted += [(entry, endpoint) for endpoint in _endpoints(parts, entry)]
        except NewerRelease:
            logger.warning("hook.newer", extra={"kind": entry.type})
            continue
        found.append(entry)
    return wanted, found


def _endpoints(parts: Parts, entry: Entry) -> list[Endpoint]:
    try:
        body = parts.store.ring.open(entry.body)
    except ParseError as error:
        raise StoreError(str(error)) from None  # it waits until the key is set
    hook = read_hook(entry.type, body)
    return endpoints_for(hook, parts.project().accounts.get(hook.account)) if hook else []


def _keeps(parts: Parts, wanted: list[tuple[Entry, Endpoint]]) -> list[Call[Any]]:
    calls: list[Call[Any]] = []
    for entry, endpoint in wanted:
        delivery = hooks.delivery_id(entry.partition, entry.id, endpoint.key)
        kept = _kept(parts, endpoint)
        calls.append(hooks.keep(entry.partition, entry.id, entry.body, kept=kept))
        calls.append(hooks.point(entry.partition, delivery, endpoint.key, entry.id, entry.type, kept=kept))
    return calls


def _addresses(parts: Parts, wanted: list[tuple[Entry, Endpoint]]) -> list[Call[Any]]:
    return [
        hooks.address(
            endpoint.key,
            hooks.delivery_id(entry.partition, entry.id, endpoint.key),
            entry.id,
            entry.partition,
            entry.type,
            kept=_kept(parts, endpoint),
        )
        for entry, endpoint in wanted
    ]


def _kept(parts: Parts, endpoint: Endpoint) -> int:
    return parts.project().accounts[endpoint.account].retention.deliveries


async def _all(parts: Parts, calls: list[Call[Any]]) -> None:
    """All of them, or the StoreError of the first that failed: the next look repeats them."""
    for answer in await parts.store.run_all(calls) if calls else []:
        if isinstance(answer, StoreError):
            raise answer
