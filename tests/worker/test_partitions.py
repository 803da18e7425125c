"""Leases: an even share for each, nothing held by two, given back at once."""

from __future__ import annotations

import threading
import time

from flowbot.store.client import Store
from flowbot.worker.loop import Parts, owner_name, run
from flowbot.worker.partitions import Partitions

from .world import World


def of(store: Store, owner: str, lease: int = 5_000) -> Partitions:
    return Partitions(store=store, owner=owner, lease=lease)


def even(*all_of_them: Partitions) -> None:
    """Everybody looks often enough to notice everybody."""
    for _ in range(3):
        for one in all_of_them:
            one.refresh()


def test_one_worker_holds_all(store: Store) -> None:
    alone = of(store, "a#1")
    assert alone.refresh() == set(range(store.partitions))
    assert alone.refresh() == set()


def test_workers_share_evenly_and_nothing_is_held_twice(store: Store) -> None:
    """R058: a contact's partition has one owner, so no two workers read its messages."""
    three = [of(store, name) for name in ("a#1", "b#1", "c#1")]
    for one in three:
        one.refresh()
    even(*three)
    assert sorted(len(one.held) for one in three) == [2, 3, 3]
    assert set().union(*(one.held for one in three)) == set(range(store.partitions))


def test_who_stops_cleanly_leaves_all_to_the_others_at_once(store: Store) -> None:
    first, second = of(store, "a#1"), of(store, "b#1")
    even(first, second)
    first.release()
    second.refresh()
    assert len(second.held) == store.partitions


def test_a_restarted_worker_takes_its_predecessors_leases_at_once(store: Store) -> None:
    before, other = of(store, "a#1"), of(store, "b#1")
    even(before, other)
    after = of(store, "a#2")
    after.refresh()
    assert after.held.keys() == before.held.keys()
    assert all(after.held[partition] > epoch for partition, epoch in before.held.items())


def test_the_leases_of_the_dead_end_by_themselves(store: Store) -> None:
    dead, other = of(store, "a#1", lease=200), of(store, "b#1", lease=200)
    even(dead, other)
    assert len(other.held) == store.partitions // 2
    time.sleep(0.25)
    other.refresh()
    assert len(other.held) == store.partitions


def test_leases_are_renewed_long_before_they_end(store: Store) -> None:
    one, other = of(store, "a#1", lease=300), of(store, "b#1", lease=300)
    even(one, other)
    epochs = dict(one.held)
    for _ in range(10):
        time.sleep(0.06)
        even(one, other)
    assert one.held == epochs


def test_a_slot_keeps_its_name_over_restarts() -> None:
    first, second = owner_name("worker-0"), owner_name("worker-0")
    assert first != second
    assert first.partition("#")[0] == second.partition("#")[0] == "worker-0"


def test_a_worker_that_is_asked_to_stop_finishes_and_gives_its_leases_back(world: World) -> None:
    stop = threading.Event()
    parts = Parts(store=world.store, shelf=world.shelf(), owner="a#1")
    thread = threading.Thread(target=run, args=(parts, stop))
    thread.start()
    deadline = time.monotonic() + 10
    other = World.worker(world, "b#1")
    world.say("573000000001", "start")
    while world.waiting() and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    other.partitions.refresh()
    assert len(other.partitions.held) == world.store.partitions
    assert world.heard("573000000001") == ["start"]
