"""While one batch is run the store looks for the next: nothing is lost, doubled or reordered by that."""

from __future__ import annotations

import pytest

from flowbot.store import inbox, leases
from flowbot.worker import loop
from flowbot.worker.loop import Worker

from .world import World

MANY = [str(number) for number in range(573000000100, 573000000200)]  # more than a batch takes


@pytest.fixture
def worker(world: World, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """There is more to do than a batch takes; it has run one, and has the next on its way."""
    monkeypatch.setattr(loop, "BATCH", 32)
    found = world.worker()
    world.settle(found)
    for number in MANY:
        world.say(number, "start", "one")
    found.partitions.due = found.polled + 3600
    found.polled = 0.0
    for _ in range(5):
        if not found.asked:
            found.round()
    assert found.asked
    return found


def whole(world: World) -> bool:
    return all(world.heard(number) == ["start", "one"] for number in MANY)


def test_the_next_batch_is_of_other_partitions(world: World, worker: Worker) -> None:
    """Those of the present batch are still in their inboxes while it is run."""
    seen = []
    while (one := worker.asked) is not None:
        worker.round()
        seen.append((one.epochs.keys(), worker.asked.epochs.keys() if worker.asked else set()))
    assert seen
    assert all(running.isdisjoint(following) for running, following in seen)
    world.settle(worker)
    assert whole(world)


def test_what_was_taken_is_run_before_the_worker_leaves(world: World, worker: Worker) -> None:
    assert worker.asked
    taken = list(worker.asked.epochs)
    before = world.waiting()
    worker.leave()
    assert worker.asked is None
    assert world.waiting() <= before - len(taken)
    world.settle(world.worker("b#1"))
    assert whole(world)


def test_what_was_taken_is_run_before_its_partition_is_given_away(world: World, worker: Worker) -> None:
    world.worker("b#1").partitions.refresh()  # half are no longer ours
    worker.partitions.due = 0.0
    before = dict(worker.partitions.held)
    worker.round()
    assert worker.asked is None
    assert worker.partitions.held == before
    worker.round()
    assert len(worker.partitions.held) == world.store.partitions // 2


def test_a_partition_that_was_lost_meanwhile_is_left_to_who_has_it(world: World, worker: Worker) -> None:
    """R058"""
    assert worker.asked
    lost = next(iter(worker.asked.epochs))
    left = world.store.run(inbox.waiting(lost, "acme"))
    world.store.run(leases.release("w", lost, "w#1"))
    assert world.store.run(leases.take("w", lost, "b#1", 60_000))
    while worker.ready or worker.asked:
        worker.round()
    assert lost not in worker.partitions.held
    assert world.store.run(inbox.waiting(lost, "acme")) == left > 0
    world.store.run(leases.release("w", lost, "b#1"))
    worker.partitions.due = 0.0
    world.settle(worker)
    assert whole(world)


def test_when_the_store_was_away_it_all_comes_again(world: World, worker: Worker) -> None:
    worker.forget()
    assert worker.asked is None
    world.settle(worker)
    assert whole(world)
