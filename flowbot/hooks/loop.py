"""The hooks process: addresses events as they are announced, posts deliveries as they come due, makes flows' calls."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import secrets
import signal
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..model.project import Endpoint, Project
from ..store import hooks
from ..store.hooks import Due
from .address import address
from .broadcasts import Broadcasts
from .calls import Calls
from .collect import keep_collecting
from .deliver import deliver
from .forget import Forgetting
from .parts import Parts
from .retention import keep_retaining
from .sweep import keep_sweeping
from .templates import keep_asking

if TYPE_CHECKING:
    from ..settings import Settings

SLOW = 10.0  # seconds: an endpoint's queue is looked at this often even when nothing should be due
AT_ONCE = 64  # endpoints that are looked at in one go: there may be thousands, and the store has others to answer
COMPLAIN = 3600.0  # seconds between two complaints about one endpoint
logger = logging.getLogger(__name__)


def main(settings: Settings) -> None:
    """Delivers until SIGTERM; then finishes what is in flight and returns."""
    asyncio.run(_main(settings))


async def _main(settings: Settings) -> None:
    from ..wiring import PATIENCE, Shelf, code_key, files_of, links_of, media_link, open_store_async

    shelf = Shelf(settings)
    store = await open_store_async(settings, patience=PATIENCE)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts = Parts(
        store=store,
        project=lambda: shelf.current().project,
        templates=lambda: shelf.current().templates,
        library=shelf.current,
        owner=f"{settings.slot or secrets.token_hex(4)}#{secrets.token_hex(4)}",
        media=settings.project / "content" / "media",
        link=media_link(settings) if settings.public_url and links_of(settings) else None,
        links=links_of(settings),
        files=files_of(settings),
        keep_days=settings.files_days,
        data=settings.data,
        key=code_key(settings),
        jitter=lambda: random.uniform(-1, 1),
    )
    try:
        await run(parts, stop)
    finally:
        await store.close()


async def run(parts: Parts, stop: asyncio.Event) -> None:
    """The hooks process over its parts until `stop` is set."""
    post, calls, forgetting = Post(parts), Calls(parts), Forgetting(parts)
    listener = asyncio.create_task(_listen(parts, (post, calls, forgetting)))
    try:
        upkeep = [
            keep_collecting(parts.store, stop),
            keep_sweeping(parts, stop),
            keep_retaining(parts, stop),
            keep_asking(parts, stop),
        ]
        if parts.library is not None:
            upkeep.append(Broadcasts(parts, parts.library).work(stop))
        await asyncio.gather(post.work(stop), calls.work(stop), forgetting.work(stop), *upkeep)
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        await parts.close()


async def _listen(parts: Parts, listeners: Sequence[Post | Calls | Forgetting]) -> None:
    async for partition in parts.store.wakes("hook"):
        for one in listeners:
            one.ring(partition)


class Post:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bell = asyncio.Event()
        self._rung: set[int] = set()
        self._look_at: dict[str, float] = {}  # endpoint -> monotonic time of its next look
        self._flights: dict[str, set[asyncio.Task[None]]] = {}  # by endpoint
        self._busy = 0  # flights in all
        self._more = False  # endpoints are left to be looked at
        self._complained: dict[str, float] = {}
        self._project: Project | None = None  # that the known endpoints are of
        self._known: Sequence[Endpoint] = ()
        self._count_again = 0.0  # monotonic

    def ring(self, partition: int) -> None:
        """There may be something in it."""
        self._rung.add(partition)
        self._bell.set()

    async def work(self, stop: asyncio.Event) -> None:
        poll, everything = self._parts.poll / 1000, 0.0
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._bell.set())
        try:
            while not stop.is_set():
                self._bell.clear()
                if time.monotonic() >= everything:
                    everything = time.monotonic() + poll
                    self._rung |= set(range(self._parts.store.partitions))
                try:
                    await self._round()
                except StoreError as error:
                    logger.warning("hooks.store", extra={"error": error.code, "reason": str(error)})
                    await asyncio.sleep(poll)
                await self._rest(everything)
        finally:
            stopping.cancel()
            await self._finish()

    async def _round(self) -> None:
        partitions, self._rung = self._rung, set()
        given, more = await address(self._parts, partitions) if partitions else (set(), set())
        self._rung |= more
        for key in given:
            self._look_at[key] = 0.0
        await self._claim_due()

    async def _claim_due(self) -> None:
        now = time.monotonic()
        due = [e for e in self._endpoints() if self._look_at.get(e.key, 0.0) <= now and self._room(e) > 0]
        self._more = len(due) > AT_ONCE
        if not due:
            return
        due = sorted(due, key=lambda e: self._look_at.get(e.key, 0.0))[:AT_ONCE]
        answers = await self._parts.store.run_all([hooks.claim(e.key, e.url, count=self._room(e)) for e in due])
        for endpoint, answer in zip(due, answers, strict=True):
            if not isinstance(answer, Due):
                continue
            for delivery in answer.taken:
                self._start(endpoint.key, asyncio.create_task(deliver(self._parts, delivery, endpoint)))
            full = self._room(endpoint) <= 0  # whoever ends will look again
            wait = SLOW if full or answer.next_at < 0 else min(SLOW, max(0, answer.next_at - answer.now) / 1000)
            at = time.monotonic() + wait
            self._look_at[endpoint.key] = math.ceil(at) if wait >= SLOW else at  # the idle ones together

    def _endpoints(self) -> Sequence[Endpoint]:
        """Those that hooks may leave for; counted anew for another project, and to complain once an hour."""
        project, now = self._parts.project(), time.monotonic()
        if project is not self._project or now >= self._count_again:
            self._project, self._count_again = project, now + COMPLAIN
            found = [e for account in project.accounts.values() for e in account.endpoints.values()]
            for endpoint in found:
                if endpoint.missing or not endpoint.secret:
                    self._complain(endpoint)
            self._known = [e for e in found if e.secret and not e.missing]
            keys = {e.key for e in self._known}
            self._look_at = {key: at for key, at in self._look_at.items() if key in keys}
        return self._known

    def _complain(self, endpoint: Endpoint) -> None:
        """Its hooks wait until the secret is set: nothing leaves unsigned."""
        now = time.monotonic()
        if now - self._complained.get(endpoint.key, -COMPLAIN) >= COMPLAIN:
            self._complained[endpoint.key] = now
            logger.warning("endpoint.off", extra={"endpoint": endpoint.key, "reason": "its secret is not set"})

    def _room(self, endpoint: Endpoint) -> int:
        here = len(self._flights.get(endpoint.key, ()))
        return min(self._parts.per_endpoint - here, self._parts.in_flight - self._busy)

    def _start(self, key: str, task: asyncio.Task[None]) -> None:
        flights = self._flights.setdefault(key, set())
        flights.add(task)
        self._busy += 1

        def ended(done: asyncio.Task[None]) -> None:
            flights.discard(done)
            self._busy -= 1
            error = None if done.cancelled() else done.exception()
            if isinstance(error, StoreError):  # it comes back by itself
                logger.warning("hooks.store", extra={"error": error.code, "reason": str(error)})
            elif error is not None:
                logger.error("hook.broken", exc_info=error, extra={"endpoint": key, "error": type(error).__name__})
            self._look_at[key] = 0.0
            self._bell.set()

        task.add_done_callback(ended)

    async def _rest(self, until: float) -> None:
        ahead = [at for at in self._look_at.values() if at > 0.0]
        left = 0.0 if self._more else min([until, *ahead]) - time.monotonic()
        if self._rung:
            return
        timer = asyncio.get_running_loop().call_later(max(0.02, left), self._bell.set)
        await self._bell.wait()
        timer.cancel()

    async def _finish(self) -> None:
        """Waits a moment for what is in flight; what is not answered by then comes back by itself, under its id."""
        flights = [task for tasks in self._flights.values() for task in tasks]
        if flights:
            _, slow = await asyncio.wait(flights, timeout=self._parts.patience)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
