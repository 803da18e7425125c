"""Writes down what became of each send: many at a time, and again and again until the store has taken it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import orjson

from ..delivery.retry import Verdict
from ..errors import StoreError, StoreUnavailable
from ..store import outbox, receipts, tail
from ..store.call import Call
from ..store.client import AsyncStore
from ..store.outbox import Claimed

logger = logging.getLogger(__name__)


class Recorder:
    """`record` returns once the store knows. A lost record would mean a second send, so it is repeated for as long as
    the process lives; all scripts it calls may be repeated.
    """

    def __init__(self, store: AsyncStore, ring: Callable[[int], None]) -> None:
        self._store = store
        self._watch = tail.Watch(store)
        self._ring = ring  # called with the partition: its contact may have more
        self._waiting: list[tuple[Call[Any], asyncio.Future[Any]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def record(self, claimed: Claimed, channel_key: str, verdict: Verdict) -> str:
        """The message's state from then on; "gone" when its record is."""
        calls: list[Call[Any]] = [
            outbox.record(
                claimed.id,
                claimed.attempt,
                verdict.outcome,
                provider_id=verdict.provider_id,
                code=verdict.code,
                reason=verdict.reason,
                wait=verdict.wait,
                counter=verdict.counts,
                pause=verdict.pause,
            )
        ]
        if verdict.provider_id:
            calls.append(receipts.point(channel_key, verdict.provider_id, claimed.id))
        state, *early = await asyncio.gather(*(self._run(call) for call in calls))
        if state in ("stale", "gone"):
            logger.warning("record.late", extra={"message_id": claimed.id, "state": state, "reason": verdict.outcome})
        self._ring(claimed.partition)
        if state in ("sent", "failed") and await self._watch.mode():
            await self._run(tail.push(claimed.partition, [_line(claimed, channel_key, state, verdict)]))
        if early and early[0]:
            await self._apply(claimed, channel_key, verdict.provider_id, early[0])
        return str(state)

    async def found(self, message: str) -> None:
        """A message that nobody answered for has turned out to be taken: the statuses that came for it are its own."""
        record = await self._run(outbox.read(message))
        channel_key, provider_id = record.get("ch", ""), record.get("provider_id", "")
        parked = await self._run(receipts.point(channel_key, provider_id, message))
        await asyncio.gather(*(self._run(receipts.apply(channel_key, message, receipt)) for receipt in parked))
        await self._run(receipts.unpark(channel_key, provider_id))

    async def _apply(self, claimed: Claimed, channel_key: str, provider_id: str, parked: list[Any]) -> None:
        """The statuses that came before we knew whose they were."""
        await asyncio.gather(*(self._run(receipts.apply(channel_key, claimed.id, receipt)) for receipt in parked))
        await self._run(receipts.unpark(channel_key, provider_id))

    async def _run(self, call: Call[Any]) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.ensure_future(self._flush())
        return await future

    async def _flush(self) -> None:
        delay = 0.05
        while self._waiting:
            batch, self._waiting = self._waiting[:256], self._waiting[256:]
            try:
                answers = await self._store.run_all([call for call, _ in batch])
            except StoreError as error:
                answers = [error] * len(batch)
            again = []
            for (call, future), answer in zip(batch, answers, strict=True):
                if isinstance(answer, StoreUnavailable):
                    again.append((call, future))
                elif isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
            if again:
                logger.warning("record.waits", extra={"count": len(again)})
                self._waiting = again + self._waiting
                await asyncio.sleep(delay)
                delay = min(delay * 2, 1.0)


def _line(claimed: Claimed, channel_key: str, state: str, verdict: Verdict) -> bytes:
    """For who looks on: what became of it, and never what it said."""
    line = {
        "at": int(time.time() * 1000),
        "channel": channel_key,
        "contact": claimed.entry.contact_id,
        "kind": state,
        "what": claimed.entry.outbound.kind,
        "message": claimed.id,
        "code": verdict.code,
    }
    return orjson.dumps(line)
