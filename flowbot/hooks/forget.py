"""What is left of a contact that was forgotten: files, and what lies in the store under names of its own.

It is looked for at once, and again when nothing that was under way can still add to it; then the server writes its file
anew. A process that dies in between leaves all of it to the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import FilesUnavailable, StoreError, StoreUnavailable
from ..model import codec
from ..model.schedule import Run, Schedule
from ..store import audience, belongings, broadcasts, contacts, forgetting, listing, schedules
from ..store.belongings import Belonging
from ..store.forgetting import Gone
from .parts import Parts

SLOW = 60.0  # seconds between two looks at all partitions: announcements ring
PAUSE = 1.0  # seconds between two looks, however often it rings
SETTLED = 90_000  # ms after which nothing is under way any more that began before: calls of flows take a minute at most
REWRITES = 600_000  # ms between two rewrites of the server's file, which may be large
TRIES = 12  # then a server that does not rewrite its file is believed to have a reason
logger = logging.getLogger(__name__)


class Forgetting:
    """Looks after the contacts that were forgotten."""

    def __init__(self, parts: Parts, *, settled: int = SETTLED, rewrites: int = REWRITES) -> None:
        self._parts = parts
        self._settled, self._rewrites = settled, rewrites
        self._bell = asyncio.Event()
        self._rung = set(range(parts.store.partitions))
        self._rewritten = -rewrites  # ms UTC by the store's clock

    def ring(self, partition: int) -> None:
        """There may be somebody in it; most often it is some other event that rang."""
        self._rung.add(partition)
        self._bell.set()

    async def work(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._bell.set())
        looked = time.monotonic()
        try:
            while not stop.is_set():
                self._bell.clear()
                if time.monotonic() >= looked + SLOW:
                    looked, self._rung = time.monotonic(), set(range(self._parts.store.partitions))
                try:
                    await self.round()
                except (StoreError, FilesUnavailable) as error:
                    logger.warning("hooks.store", extra={"error": error.code, "reason": str(error)})
                    looked = -SLOW  # what rang is lost: all of them, the next time
                await _wait(stop, PAUSE)
                await _wait(self._bell, SLOW)
        finally:
            stopping.cancel()

    async def round(self) -> int:
        """Sees to those whose time has come; how many there were."""
        store = self._parts.store
        partitions, self._rung = sorted(self._rung), set()
        now, count = await store.now(), 0
        found = await store.all([forgetting.due(partition, now) for partition in partitions])
        for partition, gone in zip(partitions, found, strict=True):
            await self._erase(partition, [one for one in gone if one.looks < 2])
            for one in gone:
                await self._go_on(partition, one, now)
                count += 1
        return count

    async def _go_on(self, partition: int, one: Gone, now: int) -> None:
        store = self._parts.store
        if one.looks == 0:
            await store.run(forgetting.note(one))
            await store.all(forgetting.again(partition, one, now + self._settled))
        elif one.looks < TRIES and not await self._rewrite(partition, now):
            await store.all(forgetting.again(partition, one, now + self._settled))
        else:
            await store.run(forgetting.done(partition, one))

    async def _erase(self, partition: int, gone: Sequence[Gone]) -> None:
        """All of them in one walk over the node's keys."""
        store, cursor, counts = self._parts.store, "", Counter[str]()
        while gone and cursor != "0":
            cursor, names = await store.run(belongings.scan(partition, cursor or "0"))
            looked = [what for what in await store.all(belongings.looks(names)) if what is not None]
            for one in gone:
                found = [what for what in looked if _is_of(what, one)]
                mine = [*belongings.named(names, one.contact, one.channels), *(what.key for what in found)]
                if mine:
                    await self._unlist(partition, one, found)
                    counts[one.contact] += await store.run(belongings.drop(mine))
        await self._uninvite(gone)
        await self._unschedule(gone)
        for one in gone:
            back = await store.run(contacts.is_known(partition, one.contact))  # its files are those of somebody new
            if self._parts.files is not None and not back:
                await asyncio.to_thread(self._parts.files.forget, one.account, one.contact)
            extra = {"contact": one.contact, "account": one.account, "count": counts[one.contact]}
            logger.info("contact.leftovers", extra=extra)

    async def _uninvite(self, gone: Sequence[Gone]) -> None:
        """From broadcasts that have not come to them: such a recipient fails, and is counted as that."""
        store = self._parts.store
        for id in await store.run(broadcasts.active()) if gone else ():
            kept = await store.run(broadcasts.get(id))
            mine = [one.contact for one in gone if kept is not None and one.account == kept.broadcast.account]
            if kept is None or not mine:
                continue
            for number in range(kept.edited, kept.chunks):
                for contact in mine:
                    await self._bare(id, number, contact)

    async def _unschedule(self, gone: Sequence[Gone]) -> None:
        """What a client ordered for them again and again, and what is under way of that, or to a group because of them;
        what was ordered since they came back stays.
        """
        store = self._parts.store
        for one in gone:
            theirs = set()
            for id, raw in (await store.run(schedules.records(one.account))).items():
                kept = codec.decode(Schedule, raw)
                if kept.contact == one.contact and kept.created_at <= one.until:
                    theirs.add(id)
                    await store.run(schedules.drop(one.account, id))
                    await store.run(schedules.remove(one.account, id))
            for id, raw in (await store.run(schedules.runs(one.account))).items():
                run = codec.decode(Run, raw)
                about = run.about == one.contact and not run.gone and run.at <= one.until
                if about or run.schedule in theirs:
                    await store.run(schedules.finish(one.account, id))

    async def _bare(self, id: str, number: int, contact: str) -> None:
        store = self._parts.store
        while True:  # another process may be at the same chunk
            kept = await store.run(audience.chunk(id, number))
            bare = audience.without(kept, contact, store.ring) if kept else None
            if kept is None or bare is None or await store.run(audience.swap(id, number, kept, bare)):
                return

    async def _unlist(self, partition: int, one: Gone, found: Sequence[Belonging]) -> None:
        for what in found:
            if what.kind == "pr" and what.at:
                name = what.key.rpartition("_")[2]
                entries = await self._parts.store.run(listing.entries(partition, "pr", one.account, name, what.at))
                if entries:
                    await self._parts.store.run(listing.unlist(partition, "pr", one.account, entries))

    async def _rewrite(self, partition: int, now: int) -> bool:
        """Whether the file is being written anew from now on; not while the last time is a short while ago."""
        if now < self._rewritten + self._rewrites:
            return False
        try:
            await self._parts.store.run(forgetting.rewrite(partition))
        except StoreUnavailable:
            raise
        except StoreError as error:  # one is under way that began before; or a hosted server's nobody may ask
            logger.warning("store.not_rewritten", extra={"error": str(error)})
            return False
        self._rewritten = now
        return True


def _is_of(what: Belonging, one: Gone) -> bool:
    """Not what it got since it came back, nor what clients are still to hear of its going."""
    if what.contact != one.contact or what.at > one.until:
        return False
    return not (what.kind == "hk" and (what.record.type == "contact.forgotten" or _ended_so(what.record.data)))


def _ended_so(data: Mapping[str, Any]) -> bool:
    return data.get("reason") == "forgotten"


async def _wait(bell: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(bell.wait(), seconds)
