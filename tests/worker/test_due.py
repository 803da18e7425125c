"""Very much that comes due at once: who writes meanwhile is answered, and all of it has its turn."""

from __future__ import annotations

from flowbot.store import inbox, keys, timers
from flowbot.store.call import command

from .world import World

ANA = "573000000001"


def come_due(world: World, partition: int, count: int) -> None:
    """Timers of contacts that nobody waits for: each is an event all the same."""
    named = [timers.member(f"c{n}", "acme/main", "p.none", 0) for n in range(count)]
    pairs = [part for at, one in enumerate(named) for part in (at + 1, one)]
    world.store.run(command("ZADD", keys.timers(partition), *pairs, read=int))


def left(world: World, partition: int) -> int:
    return world.store.run(command("ZCARD", keys.timers(partition), read=int))


def test_a_reply_waits_behind_a_few_of_what_came_due(world: World) -> None:
    """As many go into an inbox as are worked off; the others wait where they wait for nobody."""
    worker = world.worker()
    world.settle(worker)
    partition = world.partition(ANA)
    come_due(world, partition, 2000)
    worker.polled = 0.0
    for _ in range(20):
        worker.round()
    world.say(ANA, "start")
    assert world.store.run(inbox.peek(partition)).waiting < 40
    for _ in range(12):
        worker.round()
    assert world.said(ANA) == ["What is the first?"]
    assert left(world, partition) > 1000, "and most of it is still to come"


def test_all_that_is_due_has_its_turn(world: World) -> None:
    worker = world.worker()
    world.settle(worker)
    for partition in range(3):
        come_due(world, partition, 150)
    worker.polled = 0.0
    worker.round()
    world.settle(worker, rounds=600)
    assert [left(world, partition) for partition in range(3)] == [0, 0, 0]
