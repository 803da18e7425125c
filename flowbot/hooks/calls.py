"""Calls of flows to the outside world: taken as they are announced, each seen through until it has an answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from .. import crash
from ..errors import StoreError, StoreUnavailable
from ..model.event import CallAnswered
from ..model.queued_call import QueuedCall
from ..store import calls
from ..store.call import Call
from ..store.calls import Ours, Taken
from . import typing_sign
from .attempt import Again, Answered, Attempt, Awaited, Outcome, Settled
from .makers import KINDS
from .parts import Parts

T = TypeVar("T")
AT_ONCE = 8  # calls taken from a partition in one look
MOST_TRIES = 20  # of one call: what kills its maker again and again is given up
NEWER = 5_000  # ms until a call of a newer release is looked at again
CROWDED = (250, 5_000)  # ms that a call waits, at least and at most, when its service has as many as it may
SLOW = 5.0  # seconds: a partition is looked at this often even when nothing should be due
logger = logging.getLogger(__name__)


class Calls:
    """The calls that this process has under way."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bell = asyncio.Event()
        self._look_at = dict.fromkeys(range(parts.store.partitions), 0.0)  # monotonic seconds
        self._under_way: dict[str, int] = {}  # call -> its partition
        self._flights: set[asyncio.Task[None]] = set()
        self._busy: Counter[str] = Counter()  # target -> calls to it under way
        self._crowd: Counter[str] = Counter()  # target -> calls that had to wait since one of them ended

    def ring(self, partition: int) -> None:
        """There may be something in it."""
        self._look_at[partition] = 0.0
        self._bell.set()

    async def work(self, stop: asyncio.Event) -> None:
        """Take and make calls until `stop` is set."""
        keeper = asyncio.create_task(self._keep())
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._bell.set())
        try:
            while not stop.is_set():
                self._bell.clear()
                try:
                    await self._round()
                except StoreError as error:
                    logger.warning("calls.store", extra={"error": error.code, "reason": str(error)})
                    await asyncio.sleep(self._parts.poll / 1000)
                await self._rest()
        finally:
            stopping.cancel()
            await self._finish()
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _round(self) -> None:
        room = self._parts.calls_in_flight - len(self._flights)
        now = time.monotonic()
        due = [partition for partition, at in self._look_at.items() if at <= now][: max(0, room)]
        if not due:
            return
        count = max(1, min(AT_ONCE, room // len(due)))
        for partition in due:
            self._look_at[partition] = now + SLOW  # what rings from here on is seen in the next round
        answers = await self._parts.store.run_all([calls.take(partition, count=count) for partition in due])
        for partition, found in zip(due, answers, strict=True):
            if not isinstance(found, Taken):
                self._look_at[partition] = time.monotonic() + self._parts.poll / 1000
                continue
            self._note(partition, found, count)
            crowded = [ours for ours in found.calls if not self._start(ours, found.now)]
            await self._parts.store.run_all(
                [calls.put_off(partition, ours.id, self._wait(ours), counts=False) for ours in crowded]
            )

    def _note(self, partition: int, found: Taken, count: int) -> None:
        """When to look at the partition next."""
        if len(found.calls) == count:
            self._look_at[partition] = 0.0
        elif found.next_at >= 0:
            at = time.monotonic() + max(0, found.next_at - found.now) / 1000
            self._look_at[partition] = min(self._look_at[partition], at)

    def _wait(self, ours: Ours) -> int:
        """ms until one that found no room is looked at again: longer the more of them there are."""
        target = target_of(ours.call)
        self._crowd[target] += 1
        return min(CROWDED[1], CROWDED[0] + 25 * self._crowd[target])

    def _start(self, ours: Ours, now: int) -> bool:
        """False when as many calls to the same service are under way as may be."""
        if ours.id in self._under_way:  # we were too slow to renew it
            return True
        target = target_of(ours.call)
        if target and self._busy[target] >= self._parts.calls_per_target:
            return False
        self._busy[target] += 1
        self._under_way[ours.id] = ours.partition
        flight = asyncio.create_task(self._see_through(ours, now))
        self._flights.add(flight)
        flight.add_done_callback(lambda done: self._ended(done, ours))
        return True

    def _ended(self, flight: asyncio.Task[None], ours: Ours) -> None:
        self._flights.discard(flight)
        self._under_way.pop(ours.id, None)
        target = target_of(ours.call)
        self._busy[target] -= 1
        self._crowd.pop(target, None)
        if not self._busy[target]:
            del self._busy[target]
        error = None if flight.cancelled() else flight.exception()
        if isinstance(error, StoreError):  # it comes back by itself
            logger.warning("hooks.store", extra={"error": error.code, "reason": str(error)})
        elif error is not None:
            logger.error("call.broken", exc_info=error, extra={"call": ours.id, "error": type(error).__name__})
        self.ring(ours.partition)

    async def _see_through(self, ours: Ours, now: int) -> None:
        call = ours.call
        if ours.newer:  # during an upgrade: the hooks process of that release will have it
            logger.warning("call.newer", extra={"call": ours.id})
            await self._told(calls.put_off(ours.partition, ours.id, NEWER, counts=False))
            return
        if call is None:
            logger.error("call.unreadable", extra={"call": ours.id})
            await self._told(calls.drop(ours.partition, ours.id))
            return
        sign = asyncio.create_task(typing_sign.show(self._parts, call)) if call.seen and not call.waiting else None
        try:
            outcome = await self._make(Attempt(call=call, number=ours.attempt, left=call.until - now))
        finally:
            if sign is not None:
                sign.cancel()
                await asyncio.gather(sign, return_exceptions=True)
        crash.point("hooks.after_call")
        # From here on nothing renews it: a lease that is set by what follows must stay.
        self._under_way[ours.id] = -1
        match outcome:
            case Answered():
                await self._answer(call, outcome)
                crash.point("hooks.after_answer")
            case Again():
                await self._told(calls.put_off(ours.partition, ours.id, outcome.wait, counts=outcome.counts))
            case Settled():
                crash.point("hooks.after_answer")
                logger.info("call.settled", extra={"call": call.id, "kind": call.kind, "account": call.account})
            case Awaited():
                await self._told(calls.await_answer(replace(call, waiting=True)))

    async def _make(self, attempt: Attempt) -> Outcome:
        call = attempt.call
        maker = KINDS.get(call.kind)
        if attempt.left <= 0:
            return Answered(outcome="expired" if call.waiting else "error", reason="timeout")
        if call.waiting:
            return Awaited()
        if maker is None or attempt.number > MOST_TRIES:
            return Answered(outcome="error", reason="unknown" if maker is None else "given_up")
        try:
            return await maker(self._parts, attempt)
        except StoreError:
            raise  # the lease ends, and it is tried again
        except Exception as error:
            logger.exception("call.broken", extra={"call": call.id, "kind": call.kind, "error": type(error).__name__})
            return Answered(outcome="error", reason="broken")

    async def _answer(self, call: QueuedCall, found: Answered) -> None:
        what = CallAnswered(
            call=call.id,
            kind=call.kind,
            visit=call.visit,
            outcome=found.outcome,
            result=found.result,
            reason=found.reason,
        )
        extra = {"call": call.id, "kind": call.kind, "account": call.account, "step": call.step, "reason": found.reason}
        level = logging.WARNING if found.outcome in ("error", "expired") else logging.INFO
        logger.log(level, "call.answered", extra={**extra, "outcome": found.outcome})
        if await self._told(calls.answer(call, what)) == "gone":
            logger.info("call.unwanted", extra=extra)

    async def _told(self, call: Call[T]) -> T | None:
        """Tell the store; None when it does not answer for so long that the lease has ended."""
        for _ in range(40):
            try:
                return await self._parts.store.run(call)
            except StoreUnavailable:
                await asyncio.sleep(0.25)
        return None

    async def _keep(self) -> None:
        """Renew what is under way, three times a lease."""
        while True:
            await asyncio.sleep(calls.LEASE / 3000)
            held: dict[int, list[str]] = {}
            for name, partition in self._under_way.items():
                if partition >= 0:
                    held.setdefault(partition, []).append(name)
            try:
                await self._parts.store.run_all([calls.renew(partition, own) for partition, own in held.items()])
            except StoreError as error:
                logger.warning("calls.store", extra={"error": error.code, "reason": str(error)})

    async def _finish(self) -> None:
        """Wait a little for what is under way; the rest is somebody else's at once."""
        if self._flights:
            await asyncio.wait(self._flights, timeout=self._parts.patience)
        left = [(name, partition) for name, partition in self._under_way.items() if partition >= 0]
        for flight in self._flights:
            flight.cancel()
        await asyncio.gather(*self._flights, return_exceptions=True)
        await self._release(left)

    async def _release(self, left: Iterable[tuple[str, int]]) -> None:
        try:
            await self._parts.store.run_all([calls.put_off(partition, name, 0) for name, partition in left])
        except StoreError as error:
            logger.warning("calls.store", extra={"error": error.code, "reason": str(error)})

    async def _rest(self) -> None:
        room = len(self._flights) < self._parts.calls_in_flight
        until = min(self._look_at.values()) if room else time.monotonic() + SLOW
        wait = until - time.monotonic()
        if wait <= 0:
            return
        timer = asyncio.get_running_loop().call_later(max(0.01, wait), self._bell.set)
        await self._bell.wait()
        timer.cancel()


def target_of(call: QueuedCall | None) -> str:
    """The service of the account's that is asked; "" where the answer is our own.

    >>> asked = QueuedCall(id="", kind="call", account="acme", channel="m", contact_id="c", step="s", visit=1, at=0,
    ...                    until=0, body={"integration": "crm", "action": "save"})
    >>> target_of(asked), target_of(None)
    ('acme/crm', '')
    """
    name = (call.body.get("integration") or call.body.get("verifier")) if call is not None and not call.waiting else ""
    return f"{call.account}/{str(name).partition('.')[0]}" if call is not None and name else ""
