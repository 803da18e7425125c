"""R079: timers are in the store, and each fires once, in order, a few at a time, late if need be."""

from __future__ import annotations

import pytest

from flowbot.errors import Fenced
from flowbot.store import keys, timers
from flowbot.store.client import Store
from tests.store.acting import CHANNEL, CONTACT, PARTITION, Acting

FAR = 9_999_999_999_999


def put(worker: Acting, name: str, at: int, visit: int = 1) -> str:
    member = timers.member(CONTACT, CHANNEL, name, visit)
    worker.raw("ZADD", keys.timers(PARTITION), at, member)
    return member


def fire(worker: Acting, limit: int = 10) -> int:
    return worker.store.run(timers.fire(PARTITION, worker.owner, worker.epoch, limit))


def test_due_timers_come_once_each_the_earliest_first(any_store: Store) -> None:
    worker = Acting(any_store)
    later, sooner = put(worker, "expire", 2_000), put(worker, "timeout.0", 1_000)
    put(worker, "not_yet", FAR)
    assert fire(worker) == 2
    assert fire(worker) == 0
    entries = worker.take().entries
    assert [(entry.timer, entry.due) for entry in entries] == [(sooner, 1_000), (later, 2_000)]
    assert {(entry.contact_id, entry.channel_key, entry.event) for entry in entries} == {(CONTACT, CHANNEL, None)}
    assert any_store.run(timers.next(PARTITION)) == FAR


def test_a_tick_fires_no_more_than_its_limit(any_store: Store) -> None:
    worker = Acting(any_store)
    for number in range(25):
        put(worker, "late", 1_000 + number, visit=number)
    assert [fire(worker), fire(worker), fire(worker), fire(worker)] == [10, 10, 5, 0]
    assert [entry.due for entry in worker.take(100).entries] == list(range(1_000, 1_025))


def test_only_the_owner_fires(any_store: Store) -> None:
    old = Acting(any_store)
    put(old, "expire", 1_000)
    new = Acting(any_store, owner="w1#b")
    with pytest.raises(Fenced):
        fire(old)
    assert fire(new) == 1


def test_setting_a_timer_again_moves_it_and_cancelling_takes_it_away(any_store: Store) -> None:
    worker = Acting(any_store)
    member = timers.member(CONTACT, CHANNEL, "timeout.0", 4)
    for version, change in enumerate(({"timers_set": ((member, FAR),)}, {"timers_set": ((member, FAR + 5),)})):
        worker.push()
        assert worker.commit(worker.take().entries[0], version, **change) == "ok"
    assert any_store.run(timers.of_contact(PARTITION, CONTACT)) == {member: FAR + 5}
    worker.push()
    assert worker.commit(worker.take().entries[0], 2, timers_cancel=(member, "not there")) == "ok"
    assert any_store.run(timers.next(PARTITION)) is None


def test_a_simulated_clock_brings_timers_nearer(any_store: Store) -> None:
    worker = Acting(any_store)
    near, other = put(worker, "timeout.0", FAR), put(worker, "other", FAR + 1)
    missing = timers.member(CONTACT, CHANNEL, "gone", 1)
    assert any_store.run(timers.shift(PARTITION, 60_000, [near, missing])) == 1
    assert any_store.run(timers.of_contact(PARTITION, CONTACT)) == {near: FAR - 60_000, other: FAR + 1}
