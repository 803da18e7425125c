"""Loads, runs and commits a batch of events: one round trip to read, one to write, whatever their number."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .. import crash
from ..engine import attempts
from ..engine.turn import Turn
from ..engine.turn import advance as run_turn
from ..errors import FlowbotError, NotFound, ParseError, StoreError, StoreUnavailable
from ..gateways import GATEWAYS
from ..library.live import Live
from ..model import event
from ..model.attempt import Attempt
from ..model.event import ClockAdvanced, Event, MessageReceived, SendRequested
from ..model.project import Channel
from ..model.quick import replace
from ..store import attempts as places
from ..store import reads, sessions, turns
from ..store.call import Call
from ..store.client import Store
from ..store.reads import Read
from ..store.turns import Commit
from . import clock
from .arrival import Arrival, chunks, introduced, new_contact, new_session, runnable, timer_event
from .forward import forward
from .memory import Memory
from .plan import Standing, plan

logger = logging.getLogger(__name__)
CHUNK = 16  # turns whose commits are sent together
Records = dict[sessions.Pair, sessions.Found]
Sent = tuple[Arrival, Commit, Standing]
Flying = tuple[list[Sent], Callable[[], list[str | StoreError]]]


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    words: Counter[str] = field(default_factory=Counter)  # ok, stale, fenced, gone, failed
    fenced: set[int] = field(default_factory=set)  # partitions that somebody else holds now
    left: set[int] = field(default_factory=set)  # partitions with events that were not applied
    timers: dict[int, int] = field(default_factory=dict)  # partition -> the earliest timer set, ms UTC
    counts: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by partition: in, out


@dataclass(slots=True, kw_only=True)
class Batch:
    """A batch under way: where each contact stands after the turns run so far."""

    store: Store
    live: Live
    memory: Memory
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)
    heard: dict[tuple[int, str], Read] = field(default_factory=dict)  # partition, entry -> what to tell its provider
    told: list[Call[int]] = field(default_factory=list)  # the same, of those that were committed
    spoiled: set[str] = field(default_factory=set)  # contacts with an event that failed: the rest of theirs waits
    commits: list[Sent] = field(default_factory=list)  # of the present chunk
    outcome: Outcome = field(default_factory=Outcome)

    def advance(self, arrivals: Iterable[Arrival]) -> Outcome:
        """Apply the events in order, as far as they can be; what is left comes again with the next take."""
        arrivals = list(arrivals)
        chosen = runnable(arrivals)
        if len(chosen) < len(arrivals):
            self.outcome.left.update(arrival.place.partition for arrival in arrivals)
        records = self._load(chosen)
        flying: list[Flying] = []
        try:
            for chunk in chunks(chosen, CHUNK):
                flying.append(self._run(chunk, records))
        finally:  # what was sent has to be heard, whatever happened since
            for sent, finish in flying:
                self._settle(sent, finish())
        if self.told:  # best effort: a message whose reading is never told of was read all the same
            self.store.run_all(self.told)
        return self.outcome

    def _run(self, chunk: list[Arrival], records: Records) -> Flying:
        """The turns of one chunk; the store commits them while the next chunk is run."""
        self.commits = []
        for arrival in chunk:
            if arrival.contact_id not in self.spoiled:
                self._try(arrival, records)
        if self.commits:
            crash.point("worker.before_commit")
        return self.commits, self.store.start([turns.commit(commit) for _, commit, _ in self.commits])

    def _load(self, arrivals: list[Arrival]) -> Records:
        """Recalls where the contacts stand, and reads the records of those that are not remembered."""
        missing = []
        for pair in dict.fromkeys((one.contact_id, one.channel_key) for one in arrivals):
            known = self.memory.recall(*pair)
            if known:
                self.standing[pair] = known
            else:
                missing.append(pair)
        return dict(zip(missing, sessions.read(self.store, missing), strict=True)) if missing else {}

    def _try(self, arrival: Arrival, records: Records) -> None:
        """One turn in memory. Whatever goes wrong stays with this contact: its attempts are counted at the take."""
        try:
            self._turn(arrival, records)
        except StoreUnavailable:
            raise  # it was the store's fault, not the event's
        except Exception as error:
            self.spoiled.add(arrival.contact_id)
            self.outcome.words["failed"] += 1
            self.outcome.left.add(arrival.place.partition)
            code = error.code if isinstance(error, FlowbotError) else type(error).__name__
            logger.exception("turn.failed", extra={"contact": arrival.contact_id, "code": code})

    def _turn(self, arrival: Arrival, records: Records) -> None:
        arrival = arrival.opened(self.store.ring)
        key = (arrival.contact_id, arrival.channel_key)
        channel = self._channel(arrival.channel_key)
        before = self.standing.get(key) or self._standing(arrival, records[key])
        what = _event(arrival, before.session.skew)
        if isinstance(what, SendRequested) and what.forward:
            forward(self.store, what, arrival.channel_key)
        turn = self._apply(before, what, channel, arrival)
        commit, after = plan(arrival.place, channel, before, what, turn)
        self.standing[key] = after
        if isinstance(what, MessageReceived) and GATEWAYS[channel.gateway].LIMITS.consumed:
            read = Read(channel.key, what.inbound.id, after.session.reply_to)
            self.heard[arrival.place.partition, arrival.place.entry_id] = read
        self.commits.append((arrival, commit, after))

    def _channel(self, key: str) -> Channel:
        account, _, name = key.partition("/")
        found = self.live.account(account).channels.get(name)
        if found is None:
            raise NotFound(f"no channel {name} in account {account}")
        return found

    def _standing(self, arrival: Arrival, found: sessions.Found) -> Standing:
        if isinstance(found, ParseError):
            raise found
        session, contact = found
        account = self.live.account(arrival.channel_key.partition("/")[0])
        return Standing(
            session=session or new_session(arrival.channel_key, arrival.contact_id),
            contact=contact or new_contact(arrival.contact_id, account, arrival.place.now),
            known=contact is not None,
        )

    def _apply(self, before: Standing, what: Event, channel: Channel, arrival: Arrival) -> Turn:
        contact = introduced(before.contact, what)
        now = arrival.place.now + before.session.skew
        book = self.live.book(channel)
        if isinstance(what, ClockAdvanced):
            return clock.advance(before.session, contact, what, channel, book, now)
        if isinstance(what, MessageReceived) and what.inbound.group:
            return Turn(session=replace(before.session, version=before.session.version + 1), contact=before.contact)
        session, partition = before.session, arrival.place.partition
        return attempts.told(
            lambda known: run_turn(session, contact, what, book, now, partition=partition, attempts=known), self._place
        )

    def _place(self, attempt: Attempt) -> bool:
        """Taken before the commit: a turn that is run again, here or elsewhere, finds the place it has."""
        return self.store.run(places.take(attempt))

    def _settle(self, sent: list[Sent], answers: list[str | StoreError]) -> None:
        if sent:
            crash.point("worker.after_commit")
        for (arrival, commit, after), answer in zip(sent, answers, strict=True):
            self._judge(arrival, commit, after, answer)
            heard = self.heard.pop((arrival.place.partition, arrival.place.entry_id), None) if self.heard else None
            if heard is not None and answer == "ok":
                self.told.append(reads.push(arrival.place.partition, [heard]))

    def _judge(self, arrival: Arrival, commit: Commit, after: Standing, answer: str | StoreError) -> None:
        word = answer.code if isinstance(answer, StoreError) else answer
        self.outcome.words[word] += 1
        partition = arrival.place.partition
        if word == "ok":
            counts = self.outcome.counts[partition]
            counts["in"] += 1
            counts["out"] += len(commit.messages)
            self.memory.keep(arrival.contact_id, arrival.channel_key, after)
            if commit.errands:
                self.outcome.left.add(partition)
            for _, at in commit.timers_set:
                self.outcome.timers[partition] = min(at, self.outcome.timers.get(partition, at))
            return
        self.memory.forget(arrival.contact_id)
        self.outcome.left.add(partition)
        if word == "fenced":
            self.outcome.fenced.add(partition)
        logger.warning("turn.refused", extra={"contact": arrival.contact_id, "partition": partition, "reason": word})


def _event(arrival: Arrival, skew: int) -> Event:
    if arrival.timer:
        return timer_event(arrival.timer, arrival.due, skew)
    return event.from_bytes(arrival.place.body)
