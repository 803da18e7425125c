"""Carries broadcasts on: recipients become messages in the bulk lane, chunk by chunk.

A chunk's messages have ids that follow from the broadcast and the contact, and the cursor passes it when they are all
queued: whoever goes on after a death queues the same ones, and each is there once. No more of a broadcast wait in the
outbox than `MOST`, however large it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from .. import crash
from ..broadcasts.letters import Letters, partitions_of
from ..broadcasts.pace import BURST, Pace
from ..broadcasts.standing import statistics
from ..errors import NotFound, ParseError, StoreError
from ..library.library import Library
from ..model.broadcast import Recipient, message_id
from ..model.contact import Contact
from ..model.quick import replace
from ..store import audience, broadcasts, bulk, contacts, tiers
from ..store.broadcasts import Kept
from ..store.call import Call
from .edits import Edits
from .known import Known
from .orders import Orders
from .parts import Parts
from .talk import Talk

EVERY = 0.5  # seconds between two looks when there is nothing to do
LEASE = 5_000  # ms
MOST = 100_000  # messages of a broadcast in the outbox
CALM = (3.0, BURST)  # seconds of rest for each one of work, and of a burst, while people are answered: the same cores
QUICK = (0.25, 0.004)  # and while nobody is
SLICES, GAP = (16, 1), 0.001  # partitions whose messages are queued in one go, the same way; seconds between two
AT_ONCE = 4  # chunks between two looks at what is ordered
SOON = 0.02  # seconds until contacts' records are looked at again that have to be told first
FRESH = 10.0  # seconds that a template and its approvals are taken as they were
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A chunk whose messages are made, and not yet queued."""

    number: int
    kept: bytes  # as it was read
    left: list[Recipient]  # what their records are to be told
    calls: list[Call[int]]


class Broadcasts:
    """The broadcasts that are under way; any number of processes may do this at a time."""

    def __init__(self, parts: Parts, library: Callable[[], Library]) -> None:
        self._parts = parts
        self._library = library
        self._store = parts.store
        self._known = Known(parts.store, library)
        self._pace, self._talk = Pace(*CALM), Talk(parts.store)
        self.edits, self.orders = Edits(parts), Orders(parts)
        self._letters: dict[str, tuple[Letters, float]] = {}  # and the monotonic time when they were begun
        self._room: dict[str, int] = {}  # messages that may be queued before those that wait are counted again
        self._ended: dict[str, int] = {}  # of cancelled ones: chunks whose messages have ended
        self._look_at: dict[str, float] = {}  # those with nothing to queue -> monotonic time of the next look

    async def work(self, stop: asyncio.Event) -> None:
        await asyncio.gather(self._work(stop), self.edits.work(stop), self.orders.work(stop))

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            busy = False
            try:
                busy = await self._round()
            except StoreError as error:
                logger.warning("broadcast.store", extra={"error": error.code, "reason": str(error)})
            if busy:
                await asyncio.sleep(0)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    async def _round(self) -> bool:
        """A chunk of each; whether there is more to do at once."""
        active = await self._store.run(broadcasts.active())
        self._letters = {id: one for id, one in self._letters.items() if id in active}
        self._room = {id: one for id, one in self._room.items() if id in active}
        self._ended = {id: one for id, one in self._ended.items() if id in active}
        busy = False
        for id in active:
            if self._look_at.get(id, 0.0) <= time.monotonic():
                busy = await self._carry_on(id) or busy
        return busy

    async def _carry_on(self, id: str) -> bool:
        if not await self._store.run(broadcasts.lease(id, self._parts.owner, LEASE)):
            self._wait(id, 1.0)
            return False
        kept = await self._store.run(broadcasts.get(id))
        if kept is None or kept.state == "done":
            await self._store.run(broadcasts.deactivate(id))
            return False
        if kept.state == "draft":  # its audience is about to be accepted, or nobody goes on with it
            return await self._left_alone(kept)
        if kept.told != kept.state:
            await self.orders.tell(id)
        if kept.state == "running" and kept.cursor < kept.chunks:
            return await self._queue(kept)
        begun = min(kept.chunks, kept.cursor + 1)  # of the last one a part may be queued: whoever did it died
        if kept.state == "cancelled" and self._ended.get(id, 0) < begun:
            return await self._end(kept, begun)
        await self._finish(kept)
        return False

    async def _queue(self, kept: Kept) -> bool:
        """The messages of the next chunks, as far as there is room for them."""
        id = kept.broadcast.id
        if self._room.get(id, 0) < broadcasts.CHUNK:
            counts = await self._counts(id)
            waiting = sum(one.get("made", 0) - sum(one.get(state, 0) for state in bulk.FINAL) for one in counts)
            self._room[id] = MOST - waiting
        letters = await self._letters_of(kept)
        held = letters is None or letters.paused(await self._store.now())
        if letters is None or held or self._room[id] < broadcasts.CHUNK:
            self._wait(id, 1.0)
            return False
        if letters.counted and kept.edited < kept.cursor:  # others would write to them once too often
            await asyncio.sleep(SOON)
            return True
        pushing: asyncio.Task[None] | None = None
        try:
            for number in range(kept.cursor, min(kept.chunks, kept.cursor + (1 if letters.counted else AT_ONCE))):
                if self._room[id] < broadcasts.CHUNK or await self._store.run(broadcasts.state(id)) != "running":
                    break
                written = await self._write(kept, letters, number)  # while the store is busy with the one before
                if pushing is not None:
                    await pushing
                pushing = asyncio.create_task(self._push(kept, written))
        finally:
            if pushing is not None:
                await pushing
        return True

    async def _letters_of(self, kept: Kept) -> Letters | None:
        """None while the account is not in the project."""
        one = kept.broadcast
        known = self._letters.get(one.id)
        if known is not None and time.monotonic() - known[1] < FRESH:
            return known[0]
        await self._known.look(one.account)
        library = self._library()
        try:
            made = Letters(one, library.account(one.account), library, until=kept.started_at + one.max_age)
        except NotFound:
            logger.error("broadcast.account_gone", extra={"broadcast": one.id, "account": one.account})
            return None
        self._letters[one.id] = (made, time.monotonic())
        return made

    async def _write(self, kept: Kept, letters: Letters, number: int) -> Written:
        """A chunk's messages, partition by partition."""
        id, store = kept.broadcast.id, self._store
        self._pace.begin()
        lies = await store.run(audience.chunk(id, number)) or b"[]"
        recipients = broadcasts.read(store.ring.open(lies))
        self._room[id] -= len(recipients)
        now = await store.now()
        groups = partitions_of(recipients, store.partitions)
        known = await store.all(
            [contacts.many(partition, [one.contact_id for one in mine]) for partition, mine in groups.items()]
        )
        slots = await self._slots(kept, recipients, now)
        calls: list[Call[int]] = []
        sought: dict[str, int] = {}
        for (partition, mine), found in zip(groups.items(), known, strict=True):
            made = [
                letters.write(one, _sound(it), partition, now, slots.get(one.contact_id, 0))
                for one, it in zip(mine, found, strict=True)
            ]
            if letters.counted:
                sought |= {one.entry.contact_id: one.start or now for one in made if not one.code}
            calls.append(bulk.push(partition, id, made))
            await self._breathe()
        left = [replace(one, params={}, sought=sought.get(one.contact_id, 0)) for one in recipients]
        return Written(number=number, kept=lies, left=left, calls=calls)

    async def _calm(self) -> bool:
        """Whether to go slowly, since people are answered; from now on bursts keep to it."""
        calm = await self._talk.goes_on()
        self._pace.leave(*(CALM if calm else QUICK))
        return calm

    async def _breathe(self) -> None:
        """Replies need the cores, and this process has hooks to deliver, too."""
        pause = self._pace.due()
        await asyncio.sleep(pause)
        if pause:
            self._pace.begin()

    async def _slots(self, kept: Kept, recipients: list[Recipient], now: int) -> dict[str, int]:
        """When the provider takes each of them, where the channel's tier says how many a day."""
        one = kept.broadcast
        channel = self._library().project.channel(one.account, one.channel)
        if channel is None or not channel.tier or channel.simulated:
            return {}
        order = [recipient.contact_id for recipient in recipients]
        found = await self._store.all([tiers.reserve(channel.key, name, now, channel.tier) for name in order])
        return dict(zip(order, found, strict=True))

    async def _push(self, kept: Kept, what: Written) -> None:
        """Queue them; then the cursor passes the chunk."""
        slice = SLICES[await self._calm()]
        for at in range(0, len(what.calls), slice):
            await self._store.all(what.calls[at : at + slice])
            await asyncio.sleep(GAP)
        crash.point("broadcast.before_advance")
        await self._store.run(broadcasts.advance(kept.broadcast.id, what.number, what.kept, what.left))
        logger.debug("broadcast.queued", extra={"broadcast": kept.broadcast.id, "count": len(what.left)})

    async def _end(self, kept: Kept, begun: int) -> bool:
        """The messages of the next chunks of a cancelled broadcast: no sender has to come by, however low the rate."""
        id, store, done = kept.broadcast.id, self._store, self._ended.get(kept.broadcast.id, 0)
        await self._calm()
        self._pace.begin()
        for number in range(done, min(begun, done + AT_ONCE)):
            groups = partitions_of(await store.run(broadcasts.chunk(id, number)), store.partitions)
            for partition, mine in groups.items():
                await store.run(bulk.end(partition, [message_id(id, partition, one.contact_id) for one in mine]))
                await self._breathe()
            self._ended[id] = number + 1
        return True

    async def _counts(self, id: str) -> list[dict[str, int]]:
        return await self._store.all([bulk.counts(partition, id) for partition in range(self._store.partitions)])

    async def _finish(self, kept: Kept) -> None:
        """Nothing is left to queue: when nothing waits any more, it is done."""
        id = kept.broadcast.id
        found = statistics(kept, await self._counts(id))
        if found["pending"] > 0 or kept.state == "paused" or kept.edited < kept.cursor:
            self._wait(id, 1.0)
            return
        if kept.state == "cancelled":
            await self._strip(kept)
            await self._store.all([bulk.unflag(partition, id) for partition in range(self._store.partitions)])
        elif await self._store.run(broadcasts.turn(id, "done", before=("running",))) != "running":
            return  # somebody has just ordered something
        await self._store.run(broadcasts.deactivate(id))
        logger.info("broadcast.ended", extra={"broadcast": id, "state": kept.state, "count": found["total"]})

    async def _strip(self, kept: Kept) -> None:
        """Who gets nothing of it any more is known by the id alone, as those whose messages were made."""
        id = kept.broadcast.id
        for number in range(kept.cursor, kept.chunks):
            rows = await self._store.run(audience.chunk(id, number))
            if rows is not None:
                await self._store.run(audience.swap(id, number, rows, audience.bare(rows, self._store.ring)))

    async def _left_alone(self, kept: Kept) -> bool:
        if await self._store.now() - kept.broadcast.created_at > broadcasts.UPLOAD:
            await self._store.run(broadcasts.deactivate(kept.broadcast.id))
        self._wait(kept.broadcast.id, EVERY)
        return False

    def _wait(self, id: str, seconds: float) -> None:
        self._look_at[id] = time.monotonic() + seconds


def _sound(found: Contact | ParseError | None) -> Contact | None:
    return None if isinstance(found, ParseError) else found
