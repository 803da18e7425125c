"""What was kept as long as an account's `retention` says is thrown away: processes that ended, what was said.

One of the hooks processes does a round, once an hour; whoever dies in it leaves the rest to the next round. A running
process is never among what goes, however old it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from ..errors import StoreError
from ..model import ids
from ..model.contact import Contact
from ..model.project import Account
from ..people import forget
from ..store import contacts, listing, processes, retention, sessions
from .parts import Parts

EVERY = 3_600_000  # ms between two rounds
BREATH = 0.05  # seconds between two pieces
logger = logging.getLogger(__name__)


async def keep_retaining(parts: Parts, stop: asyncio.Event, every: int = EVERY) -> None:
    """Until `stop` is set; a store that is away is asked again the next time."""
    owner = secrets.token_hex(6)
    while not stop.is_set():
        try:
            if await parts.store.run(retention.claim(owner, every - every // 10)):
                await sweep(parts, await parts.store.now(), stop)
        except StoreError as error:
            logger.warning("hooks.store", extra={"error": error.code, "reason": str(error)})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every / 1000)


async def sweep(parts: Parts, now: int, stop: asyncio.Event, *, breath: float = BREATH) -> Counter[str]:
    """One round over all accounts; what went, by its kind."""
    gone: Counter[str] = Counter()
    for account in parts.project().accounts.values():
        for walk, partition in await _places(parts, account, now):
            async for kind, count in walk(parts, partition, account, now):
                gone[kind] += count
                await asyncio.sleep(breath)
                if stop.is_set():
                    return gone
        await asyncio.sleep(breath)  # there may be thousands of them
        if stop.is_set():
            return gone
    for kind, count in gone.items():
        if count:
            logger.info("retention.swept", extra={"kind": kind, "count": count})
    return gone


Pieces = AsyncIterator[tuple[str, int]]
Walk = Callable[[Parts, int, Account, int], Pieces]


async def _places(parts: Parts, account: Account, now: int) -> list[tuple[Walk, int]]:
    """Where anything is listed at all, asked for in one go: many accounts have next to nothing."""
    rules, every = account.retention, range(parts.store.partitions)
    asked: list[tuple[Walk, str, int]] = []
    if rules.processes:
        asked.append((_processes, "pr", now - rules.processes))
    if rules.history or rules.contacts:
        asked.append((_people, "c", now))
    found: list[tuple[Walk, int]] = []
    for walk, kind, until in asked:
        firsts = [retention.listed(partition, kind, account.name, "", until, 1) for partition in every]
        there = await parts.store.all(firsts)
        found += [(walk, partition) for partition, one in zip(every, there, strict=True) if one]
    return found


async def _processes(parts: Parts, partition: int, account: Account, now: int) -> Pieces:
    """The list is by when they began: what began later has not ended earlier than that."""
    kept, after = account.retention.processes, ""
    while kept:
        found = await parts.store.run(retention.listed(partition, "pr", account.name, after, now - kept))
        if not found:
            return
        records = await parts.store.all([processes.get(name) for _, name in found])
        old = [one for one, record in zip(found, records, strict=True) if record is None or _ended(record) < now - kept]
        if old:
            await parts.store.run(retention.drop_processes(partition, [name for _, name in old]))
            entries = [entry for entry, _ in old]
            await parts.store.run(listing.unlist(partition, "pr", account.name, entries))
        yield "process", len(old)
        after = found[-1][0]


def _ended(record: dict[str, object]) -> float:
    """ms UTC; never, of what still runs."""
    at = record.get("ended_at")
    return (
        datetime.fromisoformat(str(at)).timestamp() * 1000 if record.get("status") != "pending" and at else float("inf")
    )


async def _people(parts: Parts, partition: int, account: Account, now: int) -> Pieces:
    """What was said to and by each; and who was not heard of for so long that all of it goes."""
    rules, after = account.retention, ""
    while rules.history or rules.contacts:
        found = await parts.store.run(retention.listed(partition, "c", account.name, after, now))
        if not found:
            return
        people = [name for _, name in found]
        if rules.history:
            cut = now - rules.history
            trimmed = await parts.store.all([retention.trim_history(partition, one, cut) for one in people])
            yield "turn", sum(trimmed)
        if rules.contacts:
            yield "contact", await _forget_idle(parts, partition, account, people, now)
        after = found[-1][0]


async def _forget_idle(parts: Parts, partition: int, account: Account, people: list[str], now: int) -> int:
    """The same order that a client may give, into the contact's own queue."""
    known = await parts.store.all([contacts.get(partition, one) for one in people])
    idle = [one for one in known if one is not None and _heard(one) < now - account.retention.contacts]
    count = 0
    for one in idle:
        if not await _busy(parts, partition, account, one):
            nonce = ids.digest("retention", one.id, str(_heard(one)))
            count += await parts.store.run(forget.ordered(parts.store, account, one.id, nonce=nonce, by="retention"))
    return count


def _heard(contact: Contact) -> int:
    return max(contact.created_at, contact.last_seen_at)


async def _busy(parts: Parts, partition: int, account: Account, contact: Contact) -> bool:
    pairs = [(contact.id, channel.key) for channel in account.channels.values()]
    found = await parts.store.run(sessions.load(partition, pairs))
    return any(not isinstance(one, tuple) or (one[0] and (one[0].process or one[0].parked)) for one in found)
