"""The worker: take what lies in the inboxes of the partitions it holds, advance it, sleep until woken."""

from __future__ import annotations

import contextlib
import gc
import logging
import secrets
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from logging import ERROR, WARNING
from typing import TypeVar

from .. import crash
from ..errors import Fenced, StoreError, StoreUnavailable
from ..library.live import Live
from ..settings import Settings
from ..store import counters, funnels, inbox, keys, tail, timers
from ..store.call import Call
from ..store.client import Store
from ..wiring import load_library, open_store
from .advance import Batch, Funnels, Outcome
from .arrival import Arrival, arrivals
from .memory import Memory
from .partitions import LEASE, Partitions
from .schedules import Schedules
from .shelf import Shelf
from .tiers import Tiers

T = TypeVar("T")
logger = logging.getLogger(__name__)
BATCH = 128  # events in one round
SHALLOW, DEEP = 2, 16  # events taken at once from a partition: at first, and while there is more than that
FIRED, TRICKLE = 2, 1  # timers of one partition in one round, and where much waits already: replies lie behind them
POLL = 0.25  # seconds between two looks at everything, in case a wake was lost
FIRST_LULL, LONGEST_LULL = 0.05, 1.0  # seconds of rest while the store is away


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    store: Store
    shelf: Shelf
    owner: str
    lease: int = LEASE  # ms


@dataclass(frozen=True, slots=True)
class Asked:
    """Events that the store was asked for; `answers` waits for them, and is called once."""

    epochs: dict[int, int]  # by partition: the lease under which it was asked
    answers: Callable[[], list[inbox.Taken | StoreError]]


def main(settings: Settings) -> None:
    """Be a worker until SIGTERM or SIGINT; then finish the round and give the leases back."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store = _opened(settings, stop)
    if store is None:
        return
    try:
        shelf = Shelf(store=store, load=lambda before: load_library(settings, before), flows=settings.flows)
        with contextlib.suppress(StoreUnavailable):  # then the rounds will ask again
            shelf.current()
        calm_collector()
        run(Parts(store=store, shelf=shelf, owner=owner_name(settings.slot)), stop)
    finally:
        store.close()


def calm_collector() -> None:
    """Once everything is loaded: a turn makes thousands of objects and no cycles, and what is loaded stays. Looking
    through it all again and again took a seventh of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def owner_name(slot: str) -> str:
    """A name for the leases: the slot stays over restarts, what follows it does not."""
    return f"{slot or secrets.token_hex(4)}#{secrets.token_hex(6)}"


def run(parts: Parts, stop: threading.Event) -> None:
    """Rounds until `stop` is set. A store that is away is waited for, and nothing else ends the loop."""
    worker = Worker(parts=parts)
    lull = FIRST_LULL
    while not stop.is_set():
        try:
            worker.round()
            lull = FIRST_LULL
        except Exception as error:
            away = isinstance(error, StoreUnavailable)
            facts = {"ms": int(lull * 1000), "error": type(error).__name__, "reason": str(error) if away else ""}
            logger.log(WARNING if away else ERROR, "round.failed", extra=facts, exc_info=not away)
            worker.forget()
            stop.wait(lull)
            lull = min(lull * 2, LONGEST_LULL)
    worker.leave()


@dataclass(slots=True, kw_only=True)
class Worker:
    """One worker's rounds."""

    parts: Parts
    partitions: Partitions = field(init=False)
    ready: dict[int, int] = field(default_factory=dict)  # partitions whose inbox may hold something: how many to take
    again: dict[int, None] = field(default_factory=dict)  # partitions with an event that was taken before
    retried: bool = False  # the last batch was one of those
    schedules: Schedules = field(init=False)
    tiers: Tiers = field(init=False)
    memory: Memory = field(default_factory=Memory)
    asked: Asked | None = None  # the next batch, on its way while the present one is run
    timers: dict[int, int] = field(default_factory=dict)  # partition -> its next timer, ms UTC by the store's clock
    counts: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # not yet told to the store
    funnel: Funnels = field(default_factory=lambda: defaultdict(Counter))  # the same, of flow versions
    watched: str = ""  # somebody looks on
    polled: float = 0.0  # monotonic seconds of the last look at everything
    ahead: int = 0  # ms from monotonic time to the store's clock

    def __post_init__(self) -> None:
        parts = self.parts
        self.schedules = Schedules(store=parts.store)
        self.tiers = Tiers(parts.store)
        self.partitions = Partitions(store=parts.store, owner=parts.owner, lease=parts.lease)

    def round(self) -> None:
        """See to the leases and timers; then run one batch, or sleep until there is something to do."""
        live = self.parts.shelf.current()
        due = time.monotonic() >= self.partitions.due
        if due and self.asked is None:  # what was taken is run before its partition may be given away
            self._hold()
            due = False
        if time.monotonic() >= self.polled + POLL:
            self.polled = time.monotonic()
            self._poll(self.partitions.held.keys())
            self._tell_counts()
            self.watched = self.parts.store.run(tail.mode())
        self.schedules.tick(live, self.partitions.held, self.now())
        self._fire()
        if self.again and not self.asked and not (self.retried and self.ready):
            self._retry(live)
        elif self.ready or self.asked:
            self._advance(live, ahead=not due)
        else:
            self._rest()

    def _hold(self) -> None:
        fresh = self.partitions.refresh()
        self.ready = {one: count for one, count in self.ready.items() if one in self.partitions.held}
        self.again = {one: None for one in self.again if one in self.partitions.held}
        if fresh:
            self.memory.clear()
            self._mark(fresh)
            self._take_back(fresh)
            self._poll(fresh)

    def _take_back(self, partitions: Collection[int]) -> None:
        """What another release could not read, perhaps ours can: it goes back into the inbox, in its order."""
        order = list(partitions)
        kept = zip(order, self._all([inbox.kept(one) for one in order]), strict=True)
        self._all([inbox.unpark(partition, contact) for partition, contacts in kept for contact in contacts])

    def forget(self) -> None:
        """Nothing that we believe may be true any more: look at everything again."""
        asked, self.asked = self.asked, None
        with contextlib.suppress(StoreError):
            if asked:
                asked.answers()  # of no use: they come again
        self.memory.clear()
        self.timers.clear()
        self.again.clear()
        self.polled = self.partitions.due = 0.0

    def leave(self) -> None:
        """Run what was taken, and give the leases back; when the store is away they end by themselves."""
        try:
            if self.asked:
                self._advance(self.parts.shelf.current(), ahead=False)
            self._tell_counts()
            self.partitions.release()
        except StoreError as error:
            logger.warning("leases.kept", extra={"error": error.code, "reason": str(error)})

    def now(self) -> int:
        """The store's clock, ms UTC, as far as we know it."""
        return int(time.monotonic() * 1000) + self.ahead

    def _poll(self, partitions: Collection[int]) -> None:
        order = list(partitions)
        for partition, found in zip(order, self._all([inbox.peek(one) for one in order]), strict=True):
            self.ahead = found.now - int(time.monotonic() * 1000)
            if found.waiting:
                self._mark((partition,))
            self._note_timer(partition, found.next_timer)

    def _tell_counts(self) -> None:
        """How much came in and went out: too frequent to be part of every commit, and lost when we die."""
        counts, self.counts = self.counts, defaultdict(Counter)
        funnel, self.funnel = self.funnel, defaultdict(Counter)
        self.parts.store.run_all(
            [
                *(counters.add_all(keys.counters(one), own) for one, own in counts.items()),
                *(funnels.add(*where, own) for where, own in funnel.items()),
            ]
        )

    def _note_timer(self, partition: int, at: int | None) -> None:
        if at is None:
            self.timers.pop(partition, None)
        else:
            self.timers[partition] = at

    def _fire(self) -> None:
        """Move what is due to the inboxes, about as many as are worked off: a million may come due at once, and who
        writes then would wait behind them all.
        """
        now, held = self.now(), self.partitions.held
        due = [partition for partition, at in self.timers.items() if at <= now and partition in held]
        if not due:
            return
        counts = [TRICKLE if self.ready.get(partition) == DEEP else FIRED for partition in due]
        owner, shares = self.parts.owner, zip(due, counts, strict=True)
        calls = [timers.fire(partition, owner, held[partition], count) for partition, count in shares]
        fired = self._each(due, self.parts.store.run_all(calls))
        self._mark(partition for partition, count in fired.items() if count)
        ats = self.parts.store.run_all([timers.next(partition) for partition in fired])
        for partition, at in self._each(list(fired), ats).items():
            self._note_timer(partition, at)

    def _advance(self, live: Live, *, ahead: bool) -> None:
        """One batch. With `ahead` the store looks for the next one meanwhile, in other partitions than this one's."""
        asked, self.asked = self.asked or self._ask(), None
        self.retried = False
        found = self._heard(asked) if asked else []
        if not asked or not found:
            return
        crash.point("worker.after_take")
        if ahead and not self.again:
            self.asked = self._ask(asked.epochs)
        self._run(live, found)

    def _retry(self, live: Live) -> None:
        """What was taken before may be what killed its reader: it comes by itself, and costs nobody else an attempt."""
        partition, self.retried = next(iter(self.again)), True
        del self.again[partition]
        epoch = self.partitions.held[partition]
        call = inbox.take(partition, self.parts.owner, epoch, 1, "again")
        found = self._heard(Asked({partition: epoch}, self.parts.store.start([call])))
        if found:
            crash.point("worker.after_take")
            self._run(live, found)

    def _run(self, live: Live, found: list[Arrival]) -> None:
        outcome = Outcome(counts=self.counts, funnel=self.funnel)
        batch = Batch(
            store=self.parts.store,
            live=live,
            memory=self.memory,
            watched=self.watched,
            tiers=self.tiers,
            outcome=outcome,
        )
        self._settle(batch.advance(found))

    def _ask(self, besides: Collection[int] = ()) -> Asked | None:
        """About BATCH events, from as many partitions as it takes, each in its turn."""
        owner, held = self.parts.owner, self.partitions.held
        shares = self._shares(besides)
        calls = [inbox.take(one, owner, held[one], count, "fresh") for one, count in shares.items()]
        return Asked({one: held[one] for one in shares}, self.parts.store.start(calls)) if calls else None

    def _heard(self, asked: Asked) -> list[Arrival]:
        found: list[Arrival] = []
        for partition, one in self._each(list(asked.epochs), asked.answers()).items():
            self.ready.pop(partition, None)
            epoch = asked.epochs[partition]
            if self.partitions.held.get(partition) != epoch:
                continue  # lost meanwhile
            found += arrivals(partition, self.parts.owner, epoch, one)
            if one.again:
                self.again[partition] = None
            if one.more or one.entries:  # behind all others; what came since is not announced
                self.ready[partition] = DEEP if one.more else SHALLOW
        return found

    def _shares(self, besides: Collection[int]) -> dict[int, int]:
        """How many events to take from which partition: few where nobody knows, many where more was left before."""
        shares: dict[int, int] = {}
        room = BATCH
        for partition, count in self.ready.items():
            if room <= 0:
                break
            if partition not in besides:
                shares[partition] = min(count, room)
                room -= count
        return shares

    def _settle(self, outcome: Outcome) -> None:
        for partition in outcome.fenced:
            self._lost(partition)
        for partition, at in outcome.timers.items():
            self.timers[partition] = min(at, self.timers.get(partition, at))
        self._mark(outcome.left)

    def _rest(self) -> None:
        until = min(self.polled + POLL, self.partitions.due, self.schedules.next_look)
        if self.timers:
            until = min(until, (min(self.timers.values()) - self.ahead) / 1000)
        self._mark(self.parts.store.wait(self.partitions.held, max(0.0, until - time.monotonic())))

    def _mark(self, partitions: Iterable[int]) -> None:
        """These may hold something."""
        for partition in partitions:
            if partition in self.partitions.held:
                self.ready.setdefault(partition, SHALLOW)

    def _each(self, partitions: Sequence[int], answers: Sequence[T | StoreError]) -> dict[int, T]:
        """The answers of those partitions that are still ours."""
        found = {}
        for partition, answer in zip(partitions, answers, strict=True):
            if isinstance(answer, Fenced):
                self._lost(partition)
            elif isinstance(answer, StoreError):
                raise answer
            else:
                found[partition] = answer
        return found

    def _lost(self, partition: int) -> None:
        logger.warning("partition.lost", extra={"partition": partition})
        self.partitions.lose(partition)
        self.timers.pop(partition, None)
        self.ready.pop(partition, None)
        self.again.pop(partition, None)
        self.memory.clear()

    def _all(self, calls: list[Call[T]]) -> list[T]:
        answers = self.parts.store.run_all(calls)
        for answer in answers:
            if isinstance(answer, StoreError):
                raise answer
        return [answer for answer in answers if not isinstance(answer, StoreError)]


def _opened(settings: Settings, stop: threading.Event) -> Store | None:
    """The store, as soon as it answers; None when asked to stop before."""
    while not stop.is_set():
        try:
            return open_store(settings)
        except StoreUnavailable as error:
            logger.warning("store.away", extra={"error": error.code, "reason": str(error)})
            stop.wait(FIRST_LULL * 4)
    return None
