"""Any order of moves, by two workers that may fall asleep, die and come back: nothing lost, nothing twice, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flowbot.store import history, inbox, keys, leases, sessions, timers, turns
from flowbot.store.call import Call, as_is, command
from flowbot.store.client import Store
from flowbot.store.inbox import Entry
from tests.store.acting import CHANNEL, PARTITION, Acting, message

CONTACTS = ("c1", "c2", "c3")
OWNERS = ("w1#a", "w1#b", "w2#a")
FAR = 9_999_999_999_999


class Promises(RuleBasedStateMachine):
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.pushed: dict[str, list[str]] = defaultdict(list)  # contact -> ids in the order they were stored
        self.number = 0
        self.workers: dict[str, Acting] = {}
        self.taken: dict[str, list[Entry]] = {}
        self.read: dict[str, dict[str, int]] = {}  # the versions that a worker read with its take
        self.holder = ""
        self.applied: list[Any] = []  # commits that went well, to be sent again

    @initialize()
    def empty(self) -> None:
        found = self.store.run(command("KEYS", f"{keys.tag(PARTITION)}*", read=as_is))
        self.store.run_all([command("DEL", key.decode(), read=as_is) for key in found])
        self.store.run(leases.leave("w", "nobody"))
        for owner in OWNERS:
            worker = Acting.__new__(Acting)
            worker.store, worker.owner, worker.epoch, worker.sent = self.store, owner, 0, 0
            self.workers[owner] = worker
            self.taken[owner] = []
        self.take_over(OWNERS[0])
        self.push([CONTACTS[0], CONTACTS[0], CONTACTS[1]], False)

    @rule(contacts=st.lists(st.sampled_from(CONTACTS), min_size=1, max_size=5), again=st.booleans())
    def push(self, contacts: list[str], again: bool) -> None:
        for contact in contacts:
            self.push_one(contact, again)

    def push_one(self, contact: str, again: bool) -> None:
        name = self.pushed[contact][0] if again and self.pushed[contact] else f"e{self.number}"
        fresh = name not in self.pushed[contact]
        self.number += 1
        body = orjson.dumps({"id": name})
        push = inbox.push(PARTITION, contact, CHANNEL, body, dedupe_id=name, at_ms=0, now=1_000)
        assert self.store.run(push) is fresh
        if fresh:
            self.pushed[contact].append(name)

    @rule(owner=st.sampled_from(OWNERS))
    def take_over(self, owner: str) -> None:
        """A restart, or a lease that ended: the one before may still believe that it is the owner."""
        holder = self.store.run(leases.peek("w", PARTITION))
        if holder and holder.split("#")[0] != owner.split("#")[0]:
            self.store.run(leases.release("w", PARTITION, holder))
        assert self.workers[owner].lease()
        self.holder = owner

    @precondition(lambda self: self.holder)
    @rule(count=st.integers(1, 6))
    def take(self, count: int) -> None:
        self.taken[self.holder] = list(self.workers[self.holder].take(count).entries)
        found = self.store.run_all([sessions.get(PARTITION, contact, CHANNEL) for contact in CONTACTS])
        self.read[self.holder] = {who: one.version if one else 0 for who, one in zip(CONTACTS, found, strict=True)}

    @precondition(lambda self: self.holder and self.taken[self.holder])
    @rule()
    def commit(self) -> None:
        self.commit_as(self.holder, 0)

    @precondition(lambda self: self.holder)
    @rule(count=st.integers(2, 6), lost=st.integers(1, 2))
    def lose_the_first(self, count: int, lost: int) -> None:
        """The connection ends behind the first commits of a chain, before they got through."""
        self.take(count)
        self.commit_as(self.holder, lost)

    @precondition(lambda self: self.holder)
    @rule(count=st.integers(1, 6), limit=st.integers(1, 3))
    def work(self, count: int, limit: int) -> None:
        """A round as it goes when nothing happens."""
        self.fire(limit)
        self.take(count)
        self.commit_as(self.holder, 0)

    @precondition(lambda self: self.holder and self.taken[self.holder])
    @rule(owner=st.sampled_from(OWNERS))
    def fall_asleep(self, owner: str) -> None:
        """Between take and commit; another one does its work, and then it wakes up."""
        if owner != self.holder:
            self.take_over(owner)
            self.work(6, 3)
            self.wake_up()

    @precondition(lambda self: any(self.taken[owner] for owner in OWNERS if owner != self.holder))
    @rule()
    def wake_up(self) -> None:
        """One that lost its lease goes on where it fell asleep."""
        for owner in OWNERS:
            if owner != self.holder:
                assert "ok" not in self.commit_as(owner, 0)

    def commit_as(self, owner: str, lost: int) -> list[Any]:
        """Commits a whole take, chained; the first `lost` of them never reach the store."""
        calls = []
        for entry in self.taken[owner]:
            version = self.read[owner][entry.contact_id]
            calls.append(turns.commit(self.change(self.workers[owner], entry, version)))
            self.read[owner][entry.contact_id] += 1
        self.taken[owner] = []
        calls = calls[lost:]
        answers = self.store.run_all(calls)
        assert set(answers) <= {"ok", "fenced", "gone", "stale"}
        self.applied += [call for call, answer in zip(calls, answers, strict=True) if answer == "ok"]
        return answers

    def change(self, worker: Acting, entry: Entry, version: int) -> turns.Commit:
        name = entry.timer or orjson.loads(entry.event or b"")["id"]
        at = 1 if version % 2 else FAR
        member = timers.member(entry.contact_id, CHANNEL, "t", version)
        return worker.commit_of(
            entry,
            version,
            history=(("in", name.encode()),),
            messages=(message(version, contact=entry.contact_id),),
            timers_set=((member, at),) if not entry.timer else (),
            counters={"turns": 1},
        )

    @precondition(lambda self: self.applied)
    @rule(which=st.integers(0, 10_000))
    def send_again(self, which: int) -> None:
        assert self.store.run(self.applied[which % len(self.applied)]) in ("gone", "fenced")

    @precondition(lambda self: self.holder)
    @rule(limit=st.integers(1, 3))
    def fire(self, limit: int) -> None:
        self.store.run(timers.fire(PARTITION, self.holder, self.workers[self.holder].epoch, limit))

    @precondition(lambda self: self.holder)
    @rule()
    def poison(self) -> None:
        """The head is tried again and again."""
        for _ in range(6):
            self.take(1)

    @rule(contact=st.sampled_from(CONTACTS))
    def unpark(self, contact: str) -> None:
        self.store.run(inbox.unpark(PARTITION, contact))

    @invariant()
    def nothing_lost_nothing_twice_in_order(self) -> None:
        parked, inbox_, counted, *looks = self.store.run_all(LOOKS)  # in one go: after every step of thousands
        waiting = _waiting(parked) + _waiting(inbox_)  # parked ones come before the inbox
        total = 0
        for contact, entries, session, queued in zip(CONTACTS, looks[::3], looks[1::3], looks[2::3], strict=True):
            applied = [entry.body.decode() for entry in entries if entry.kind == "in"]
            assert (session.version if session else 0) == len(applied)
            events = [name for name in applied if "|" not in name]
            assert events + [name for whose, name in waiting if whose == contact] == self.pushed[contact]
            fired = [name for name in applied if "|" in name]
            assert len(set(fired)) == len(fired)
            assert queued == len(applied)
            total += len(applied)
        assert counted == total


LOOKS: list[Call[Any]] = [
    command("XRANGE", keys.parked(PARTITION), "-", "+", read=as_is),
    command("XRANGE", keys.inbox(PARTITION, CHANNEL), "-", "+", read=as_is),
    command("HGET", keys.counters(PARTITION), "turns", read=lambda reply: int(reply or 0)),
]
for _contact in CONTACTS:
    LOOKS += [
        history.read(PARTITION, _contact),
        sessions.get(PARTITION, _contact, CHANNEL),
        command("LLEN", keys.queue(PARTITION, "r", _contact, CHANNEL), read=int),
    ]


def _waiting(found: Any) -> list[tuple[str, str]]:
    """Contact and name of each event that is still to be applied."""
    pairs = [dict(zip(fields[::2], fields[1::2], strict=True)) for _, fields in found]
    return [(one[b"c"].decode(), orjson.loads(one[b"e"])["id"]) for one in pairs if b"e" in one]


@pytest.fixture
def machine(any_store: Store) -> Iterator[type[Promises]]:
    yield type("Machine", (Promises,), {"store": any_store})


def test_promises(machine: type[Promises]) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    steps = settings(max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=steps)
