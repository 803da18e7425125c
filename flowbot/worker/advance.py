"""Loads, runs and commits a batch of events: one round trip to read, one to write, whatever their number."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from .. import crash
from ..engine import attempts
from ..engine.introduction import introduced, new_contact, new_session
from ..engine.turn import Turn
from ..engine.turn import advance as run_turn
from ..errors import FlowbotError, NewerRelease, NotFound, ParseError, StoreError, StoreUnavailable
from ..gateways import GATEWAYS
from ..library.live import Live
from ..model import event, ids
from ..model.attempt import Attempt
from ..model.contact import Contact
from ..model.effect import RecordTrace
from ..model.event import ClockAdvanced, Event, MessageReceived, is_for_another
from ..model.order import ContactForgotten
from ..model.project import Account, Channel
from ..model.quick import replace
from ..store import attempts as places
from ..store import contacts, inbox, reads, sessions, tail, turns
from ..store.call import Call
from ..store.client import Store
from ..store.reads import Read
from ..store.turns import Commit
from . import clock
from .arrival import Arrival, chunks, runnable, timer_event
from .forget import forget
from .forward import forward
from .memory import Memory
from .onlook import lines
from .plan import Standing, plan
from .tiers import Tiers

logger = logging.getLogger(__name__)
CHUNK = 32  # turns whose commits are sent together
Records = dict[sessions.Pair, sessions.Found]
Funnels = dict[tuple[int, str], Counter[str]]
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
    funnel: Funnels = field(default_factory=lambda: defaultdict(Counter))  # what, by partition and flow version


@dataclass(slots=True, kw_only=True)
class Batch:
    """A batch under way: where each contact stands after the turns run so far."""

    store: Store
    live: Live
    memory: Memory
    tiers: Tiers | None = None
    watched: str = ""  # somebody looks on: see store/tail.py
    channels: dict[str, Channel] = field(default_factory=dict)  # by their keys, those seen so far
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)
    heard: dict[tuple[int, str], Read] = field(default_factory=dict)  # partition, entry -> what to tell its provider
    told: list[Call[int]] = field(default_factory=list)  # the same, of those that were committed
    out: dict[str, frozenset[str]] = field(default_factory=dict)  # of strangers, what they opted out of
    spoiled: set[str] = field(default_factory=set)  # contacts with an event that failed: the rest of theirs waits
    commits: list[Sent] = field(default_factory=list)  # of the present chunk
    calls: list[Call[str]] = field(default_factory=list)  # the same, as they go to the store
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
        self.commits, self.calls = [], []
        for arrival in chunk:
            if arrival.contact_id not in self.spoiled:
                self._try(arrival, records)
        if self.commits:
            crash.point("worker.before_commit")
        return self.commits, self.store.start(self.calls)

    def _load(self, arrivals: list[Arrival]) -> Records:
        """Recalls where the contacts stand, and reads the records of those that are not remembered."""
        missing = []
        for pair in dict.fromkeys((one.contact_id, one.channel_key) for one in arrivals):
            known = self.memory.recall(*pair)
            if known:
                self.standing[pair] = known
            else:
                missing.append(pair)
        found = dict(zip(missing, sessions.read(self.store, missing), strict=True)) if missing else {}
        self._meet({pair[0] for pair, one in found.items() if isinstance(one, tuple) and one[1] is None})
        return found

    def _meet(self, strangers: Collection[str]) -> None:
        """What those whom we do not know opted out of, before they were forgotten."""
        order = list(strangers)
        calls = [contacts.opted_out(ids.partition_of(one, self.store.partitions), one) for one in order]
        if calls:
            self.out.update(zip(order, self.store.all(calls), strict=True))

    def _try(self, arrival: Arrival, records: Records) -> None:
        """One turn in memory. Whatever goes wrong stays with this contact: its attempts are counted at the take."""
        try:
            self._turn(arrival, records)
        except StoreUnavailable:
            raise  # it was the store's fault, not the event's
        except NewerRelease as error:
            self._keep(arrival, error)
        except Exception as error:
            self.spoiled.add(arrival.contact_id)
            self.outcome.words["failed"] += 1
            self.outcome.counts[arrival.place.partition]["turn:failed"] += 1
            self.outcome.left.add(arrival.place.partition)
            code = error.code if isinstance(error, FlowbotError) else type(error).__name__
            logger.exception("turn.failed", extra={"contact": arrival.contact_id, "code": code})

    def _keep(self, arrival: Arrival, error: NewerRelease) -> None:
        """During an upgrade: it is no poison, and a worker of the newer release will have it, in its order."""
        self.spoiled.add(arrival.contact_id)
        self.outcome.left.add(arrival.place.partition)
        if any(before.contact_id == arrival.contact_id for before, _, _ in self.commits):
            return  # what is before it has to be in the store first; it comes again with the next take
        place = arrival.place
        entry = inbox.Entry(place.entry_id, arrival.contact_id, arrival.channel_key, None)
        self._count(arrival, self.store.run(inbox.keep(place.partition, place.owner, place.epoch, entry)))
        logger.warning("event.newer", extra={"contact": arrival.contact_id, "error": str(error)})

    def _turn(self, arrival: Arrival, records: Records) -> None:
        arrival = arrival.opened(self.store.ring)
        key = (arrival.contact_id, arrival.channel_key)
        channel = self._channel(arrival.channel_key)
        if event.forgets(arrival.place.body):
            self._forget(arrival)
            return
        before = self.standing.get(key) or self._standing(arrival, records[key])
        what = _event(arrival, before.session.skew)
        if not (before.known or before.session.version or event.may_introduce(what)):
            self._drop(arrival)
            return
        if is_for_another(what):
            forward(self.store, what, arrival.channel_key)
        turn = self._apply(before, what, channel, arrival)
        commit, after = plan(arrival.place, channel, before, what, turn, self.live.tells(channel.account))
        call = turns.commit(commit)
        self.standing[key] = after
        if isinstance(what, MessageReceived) and GATEWAYS[channel.gateway].LIMITS.consumed:
            read = Read(channel.key, what.inbound.id, after.session.reply_to)
            self.heard[arrival.place.partition, arrival.place.entry_id] = read
        _tell_owner(turn, arrival)
        self.calls.append(call)
        self.commits.append((arrival, commit, after))

    def _forget(self, arrival: Arrival) -> None:
        """What of the contact is before it has to be in the store first; what is behind it meets an empty place. So
        both wait for the next take.
        """
        self.spoiled.add(arrival.contact_id)
        self.outcome.left.add(arrival.place.partition)
        if any(before.contact_id == arrival.contact_id for before, _, _ in self.commits):
            return
        what = event.from_bytes(arrival.place.body)
        assert isinstance(what, ContactForgotten)
        self._count(arrival, forget(self.store, self.live, arrival, what))

    def _drop(self, arrival: Arrival) -> None:
        """It is about a contact that is no more, and would make one out of nothing."""
        place = arrival.place
        entry = inbox.Entry(place.entry_id, arrival.contact_id, arrival.channel_key, None)
        self._count(arrival, self.store.run(inbox.drop(place.partition, place.owner, place.epoch, entry)))

    def _count(self, arrival: Arrival, word: str) -> None:
        self.memory.forget(arrival.contact_id)
        self.outcome.words[word] += 1
        if word == "fenced":
            self.outcome.fenced.add(arrival.place.partition)

    def _channel(self, key: str) -> Channel:
        found = self.channels.get(key)
        if found is None:
            account, _, name = key.partition("/")
            found = self.live.account(account).channels.get(name)
            if found is None:
                raise NotFound(f"no channel {name} in account {account}")
            self.channels[key] = found
        return found

    def _standing(self, arrival: Arrival, found: sessions.Found) -> Standing:
        if isinstance(found, ParseError):
            raise found
        session, contact = found
        account = self.live.account(arrival.channel_key.partition("/")[0])
        return Standing(
            session=session or new_session(arrival.channel_key, arrival.contact_id),
            contact=contact or self._stranger(arrival, account),
            known=contact is not None,
        )

    def _stranger(self, arrival: Arrival, account: Account) -> Contact:
        out = self.out.get(arrival.contact_id)
        made = new_contact(arrival.contact_id, account, arrival.place.now)
        return replace(made, opted_out=tuple(sorted(out))) if out else made

    def _apply(self, before: Standing, what: Event, channel: Channel, arrival: Arrival) -> Turn:
        contact = introduced(before.contact, what)
        now = arrival.place.now + before.session.skew
        book = self.live.book(channel)
        if isinstance(what, ClockAdvanced):
            return clock.advance(before.session, contact, what, channel, book, now)
        if isinstance(what, MessageReceived) and what.inbound.group:
            return Turn(session=replace(before.session, version=before.session.version + 1), contact=before.contact)
        session, partition = before.session, arrival.place.partition
        tier = self.tiers.of(channel, arrival.place.now) if self.tiers else None
        return attempts.told(
            lambda known: run_turn(session, contact, what, book, now, partition=partition, attempts=known, tier=tier),
            self._place,
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
            if self.tiers and commit.messages:
                self.tiers.note(self._channel(arrival.channel_key), commit)
            counts = self.outcome.counts[partition]
            counts["in"] += 1
            counts["out"] += len(commit.messages)
            if self.watched and commit.history:
                self.told.append(tail.push(partition, lines(commit, self.watched)))
            for version, what in commit.funnel:
                self.outcome.funnel[partition, version][what] += 1
            self.memory.keep(arrival.contact_id, arrival.channel_key, after)
            if commit.errands:
                self.outcome.left.add(partition)
            for _, at in commit.timers_set:
                self.outcome.timers[partition] = min(at, self.outcome.timers.get(partition, at))
            return
        self.outcome.counts[partition]["turn:refused"] += 1
        self.memory.forget(arrival.contact_id)
        self.outcome.left.add(partition)
        if word == "fenced":
            self.outcome.fenced.add(partition)
        logger.warning("turn.refused", extra={"contact": arrival.contact_id, "partition": partition, "reason": word})


def _tell_owner(turn: Turn, arrival: Arrival) -> None:
    """What went in circles is for the operator's eyes too."""
    for effect in turn.effects:
        if type(effect) is RecordTrace and effect.what == "looped":
            extra = {"contact": arrival.contact_id, "flow": effect.facts.get("flow"), "step": effect.step}
            logger.error("flow.looped", extra=extra)


def _event(arrival: Arrival, skew: int) -> Event:
    if arrival.timer:
        return timer_event(arrival.timer, arrival.due, skew)
    return event.from_bytes(arrival.place.body)
