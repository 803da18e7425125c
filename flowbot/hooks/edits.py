"""What an audience says of its contacts beside the template's variables comes into their records, behind the messages.

Each goes through its contact's own inbox, where replies wait too: in small pieces while people are answered, and
never more than a few at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from .. import crash
from ..errors import StoreError
from ..model import event, ids
from ..model.broadcast import Broadcast, Recipient
from ..model.contact import Identity
from ..model.order import ContactEdited
from ..store import broadcasts, inbox
from ..store.call import Call
from .parts import Parts
from .talk import Talk

if TYPE_CHECKING:
    from ..store.broadcasts import Kept

EVERY = 0.5  # seconds between two looks when there is nothing to do
LEASE = 5_000  # ms
CALM = (10, 0.008)  # records changed in one go, and seconds until the next, while people are answered
QUICK = (50, 0.004)  # and while nobody is
AT_ONCE = 100  # contacts between two looks at the inboxes
ROOM = 200  # events of the account in these at most: whoever is the first to write waits behind no more
FULL = 0.01  # seconds until a full one is looked at again
logger = logging.getLogger(__name__)


class Edits:
    """Those of the broadcasts that are under way; any number of processes may do this at a time."""

    def __init__(self, parts: Parts) -> None:
        self._store, self._owner = parts.store, parts.owner
        self._talk = Talk(parts.store)
        self._done: dict[str, tuple[int, int]] = {}  # broadcast -> chunk, and how many of it were told

    async def work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            busy = False
            try:
                busy = await self.round()
            except StoreError as error:
                logger.warning("broadcast.store", extra={"error": error.code})
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), EVERY)

    async def round(self) -> bool:
        """A few of each broadcast; whether there is more to do."""
        active = await self._store.run(broadcasts.active())
        self._done = {id: one for id, one in self._done.items() if id in active}
        busy = False
        for id in active:
            kept = await self._store.run(broadcasts.get(id))
            if kept is None or kept.edited >= kept.cursor:
                continue
            if await self._store.run(broadcasts.lease(id, self._owner, LEASE, "edits")):
                busy = await self._go_on(kept) or busy
        return busy

    async def _go_on(self, kept: Kept) -> bool:
        """Some of the first chunk that is left; of who was forgotten meanwhile there is nothing more in it."""
        store, one, number = self._store, kept.broadcast, kept.edited
        waiting = [inbox.waiting(partition, one.account) for partition in range(store.partitions)]
        if sum(await store.all(waiting)) > ROOM - AT_ONCE:
            await asyncio.sleep(FULL)
            return True
        known, begin = self._done.get(one.id, (number, 0))
        begin = begin if known == number else 0
        people = await store.run(broadcasts.chunk(one.id, number))
        await self._tell(kept, begin, people)
        self._done[one.id] = number, begin + AT_ONCE
        if begin + AT_ONCE >= len(people):
            crash.point("broadcast.before_edited")
            await store.run(broadcasts.edited(one.id, number, people))
        return True

    async def _tell(self, kept: Kept, begin: int, people: list[Recipient]) -> None:
        size, breath = CALM if await self._talk.goes_on() else QUICK
        end = min(len(people), begin + AT_ONCE)
        for at in range(begin, end, size):
            told = [it for it in people[at : min(at + size, end)] if it.fields or it.sought]
            await self._store.all([_edited(kept.broadcast, it, self._store.partitions) for it in told])
            await asyncio.sleep(breath if told else 0)


def _edited(broadcast: Broadcast, one: Recipient, partitions: int) -> Call[bool]:
    """Through the contact's own inbox; and that it was written to, where that is counted."""
    who = Identity(number=one.to) if one.to.isdigit() else Identity(bsuid=one.to) if one.to else None
    order = ContactEdited(
        nonce=f"{broadcast.id}:{one.contact_id}", fields=one.fields, sought=one.sought, by=broadcast.by, to=who
    )
    partition = ids.partition_of(one.contact_id, partitions)
    body = event.to_bytes(order)
    return inbox.push(partition, one.contact_id, broadcast.channel_key, body, dedupe_id=order.id, at_ms=0, sealed=True)
