"""The sender's process: rung awake by commits, else looking around once a second; claims, sends, sweeps."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from ..store import outbox, reads
from ..store.outbox import Claimed, Look
from .bulk import Bulk, Seats
from .claim import REPLIES, Claimer, Ready, ready
from .nudge import Nudges
from .parts import Parts
from .record import Recorder
from .send import Sends
from .shares import Shares
from .tokens import Tokens

if TYPE_CHECKING:
    from ..model.project import Channel
    from ..settings import Settings

BULK_SHARE = 0.75  # of what may be in flight: replies always find room
logger = logging.getLogger(__name__)


def main(settings: Settings) -> None:
    """Sends until SIGTERM; then finishes what is in flight, gives up its partitions and returns."""
    asyncio.run(_main(settings))


async def _main(settings: Settings) -> None:
    from ..wiring import PATIENCE, Shelf, media_link, open_store_async

    shelf = Shelf(settings)
    store = await open_store_async(settings, patience=PATIENCE)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    owner = f"{settings.slot or secrets.token_hex(4)}#{secrets.token_hex(4)}"
    parts = Parts(
        store=store,
        project=lambda: shelf.current().project,
        root=settings.project,
        owner=owner,
        link=media_link(settings),
    )
    try:
        await run(parts, stop)
    finally:
        await store.close()


async def run(parts: Parts, stop: asyncio.Event) -> None:
    """The sender over its parts until `stop` is set."""
    sender = Sender(parts)
    listener = asyncio.create_task(sender.listen())
    aside = asyncio.create_task(sender.bulk.work())
    aside.add_done_callback(lambda _: stop.set())  # without it there is half a sender: the next one is whole
    try:
        await sender.work(stop)
    finally:
        sender.bulk.stop()
        await aside
        await sender.finish()
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        await parts.close()


class Sender:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tokens = Tokens(parts.store)
        self._recorder = Recorder(parts.store, self.ring)
        self._sends = Sends(parts, self._tokens, self._recorder)
        self._claimer = Claimer(parts, self._tokens)
        self._nudges = Nudges(parts)
        self._shares = Shares(parts.store, parts.owner, parts.timing.lease)
        self._bell = asyncio.Event()
        self._rung: set[int] = set()
        self._alarms: dict[int, tuple[float, asyncio.TimerHandle]] = {}  # partition -> monotonic time, its timer
        self._starved: set[int] = set()  # partitions that had replies when there was no room
        self.bulk = Bulk(
            self._claimer,
            self._tokens,
            Seats(
                held=lambda: self._shares.held, room=self._bulk_room, start=self._send, poll=parts.timing.poll / 1000
            ),
        )
        self._flights: set[asyncio.Task[None]] = set()
        self._errands: set[asyncio.Task[None]] = set()

    def ring(self, partition: int) -> None:
        """Something may be ready in the partition."""
        self._rung.add(partition)
        self._bell.set()

    async def listen(self) -> None:
        """Lets the store's announcements ring the bell."""
        async for partition in self._parts.store.wakes("out"):
            if partition in self._shares.held:
                self.ring(partition)

    async def work(self, stop: asyncio.Event) -> None:
        poll = self._parts.timing.poll / 1000
        everything = renewal = 0.0
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._bell.set())
        try:
            while not stop.is_set():
                try:
                    if time.monotonic() >= renewal:
                        renewal = time.monotonic() + self._parts.timing.lease / 3000
                        before = self._shares.held
                        await self._shares.renew()
                        self._rung |= self._shares.held - before
                    if time.monotonic() >= everything:
                        everything = time.monotonic() + poll
                        self._rung |= self._shares.held
                    await self._round()
                except StoreError as error:
                    logger.warning("sender.store", extra={"error": error.code, "reason": str(error)})
                    await asyncio.sleep(poll)
                await self._rest(min(everything, renewal))
        finally:
            stopping.cancel()

    async def _rest(self, until: float) -> None:
        left = until - time.monotonic()
        if self._rung or left <= 0:
            await asyncio.sleep(0)
            return
        timer = asyncio.get_running_loop().call_later(left, self._bell.set)
        await self._bell.wait()
        timer.cancel()

    async def _round(self) -> None:
        """One look at the partitions that rang, and what follows from it."""
        self._bell.clear()
        partitions, self._rung = sorted(self._rung & self._shares.held), set()
        if not partitions:
            return
        calls = [outbox.look(p, late_ms=self._parts.timing.nudge) for p in partitions]
        answers = await self._parts.store.run_all(calls)
        looks = {p: look for p, look in zip(partitions, answers, strict=True) if isinstance(look, Look)}
        await self._sweep([p for p, look in looks.items() if 0 <= look.deadline <= look.now])
        for what in ready(looks):
            if what.lane == REPLIES:
                await self._claim(what)
            else:
                self.bulk.note(what)
        self._plan_wake(looks)
        self._show_late(looks)
        if self._nudges.wanted():
            await self._tell_read(partitions)

    async def _tell_read(self, partitions: list[int]) -> None:
        """Tells providers that want it which messages were processed."""
        answers = await self._parts.store.run_all([reads.take(partition) for partition in partitions])
        for partition, found in zip(partitions, answers, strict=True):
            if isinstance(found, StoreError):
                continue
            for request in filter(None, map(self._nudges.read, found)):
                self._start(self._errands, self._nudges.show(*request))
            if len(found) >= reads.MANY:
                self.ring(partition)

    async def _claim(self, what: Ready) -> None:
        channel = self._claimer.channel(what.channel_key)
        if channel is None:
            return
        room = self._parts.in_flight - len(self._flights)
        if room < self._worth:
            self._starved.update(what.partitions)
            return
        since = time.monotonic()
        found = await self._claimer.claim(what, channel, room)
        for one in found.claimed:
            self._send(one, channel, since)
        if found.claimed:
            for partition in found.more:
                self.ring(partition)
            return
        wait = max(0.005, self._tokens.wait(channel))  # nothing to be had now: wait for tokens
        for partition in what.partitions:
            self._alarm(partition, wait)

    def _send(self, claimed: Claimed, channel: Channel, since: float) -> None:
        self._start(self._flights, self._sends.send(claimed, channel, since))

    def _bulk_room(self) -> int:
        room = int(self._parts.in_flight * BULK_SHARE) - len(self._flights)
        return room if room >= self._worth else 0

    @property
    def _worth(self) -> int:
        """The least room to claim for: one or two at a time would cost a claim each."""
        return max(1, self._parts.in_flight // 8)

    def _alarm(self, partition: int, seconds: float) -> None:
        """Rings for the partition later; an earlier alarm stands."""
        at = time.monotonic() + seconds
        old = self._alarms.get(partition)
        if old:
            if old[0] <= at:
                return
            old[1].cancel()
        self._alarms[partition] = (at, asyncio.get_running_loop().call_later(seconds, self._alarmed, partition))

    def _alarmed(self, partition: int) -> None:
        self._alarms.pop(partition, None)
        self.ring(partition)

    def _plan_wake(self, looks: dict[int, Look]) -> None:
        """Something ready before the next look at everything gets its own time."""
        for partition, look in looks.items():
            times = [at for _, _, at in look.due if at > look.now]
            if look.deadline > look.now:
                times.append(look.deadline)
            if times and min(times) - look.now < self._parts.timing.poll:
                self._alarm(partition, (min(times) - look.now) / 1000)

    async def _sweep(self, partitions: list[int]) -> None:
        if not partitions:
            return
        timing = self._parts.timing
        graces = {"reply_grace": timing.reply_grace, "fail_grace": timing.fail_grace, "attempts": timing.attempts}
        swept = await self._parts.store.run_all([outbox.sweep(p, **graces) for p in partitions])
        for partition, moved in zip(partitions, swept, strict=True):
            if isinstance(moved, StoreError):
                continue
            for message, state in moved:
                if state == "sent":
                    self._start(self._errands, self._recorder.found(message))
                    continue
                level = logging.ERROR if state == "failed" else logging.WARNING
                logger.log(level, "message.unanswered", extra={"message_id": message, "state": state})
            if moved:
                self.ring(partition)

    def _show_late(self, looks: dict[int, Look]) -> None:
        for partition, look in looks.items():
            for late in look.late:
                found = self._nudges.request(partition, late, look.now)
                if found and len(self._errands) < 64:
                    self._start(self._errands, self._nudges.show(*found))

    def _start(self, group: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        group.add(task)
        task.add_done_callback(lambda done: self._ended(group, done))

    def _ended(self, group: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        group.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("send.broken", exc_info=error, extra={"error": type(error).__name__})
        if self._starved and self._parts.in_flight - len(self._flights) >= self._worth:
            for partition in self._starved:
                self.ring(partition)
            self._starved = set()
        self.bulk.roomier()

    async def finish(self) -> None:
        """Waits for what is in flight, and gives the partitions up."""
        for task in self._errands:
            task.cancel()
        await asyncio.gather(*self._flights, *self._errands, return_exceptions=True)
        try:
            await self._shares.release()
        except StoreError as error:
            logger.warning("sender.store", extra={"error": error.code, "reason": str(error)})
