"""A store that has no room: a turn is applied whole or not at all, and its event is no poison."""

from __future__ import annotations

from pathlib import Path

from flowbot.errors import StoreUnavailable
from flowbot.store.call import as_is, command
from flowbot.store.client import Store
from flowbot.worker.loop import Worker

from .world import World

ANA = "573000000001"


def limit(store: Store, size: str) -> None:
    store.run(command("CONFIG", "SET", "maxmemory", size, read=as_is))


def refuses(worker: Worker) -> bool:
    """Whether a round met a store that takes nothing; the loop waits then, and goes on."""
    try:
        worker.round()
    except StoreUnavailable:
        return True
    return False


def test_a_turn_that_finds_no_room_is_applied_when_there_is(store: Store, tmp_path: Path) -> None:
    """I1, I2, I12: however often it was tried meanwhile."""
    world = World(store, tmp_path / "project")
    worker = world.worker(lease=60_000)
    world.say(ANA, "start", "one")
    world.settle(worker)
    world.say(ANA, "two")
    limit(store, "1")
    try:
        refused = [refuses(worker) for _ in range(12)]
    finally:
        limit(store, "0")
    assert sum(refused) > 5
    world.settle(worker)
    assert world.heard(ANA) == ["start", "one", "two"]
    assert world.said(ANA) == ["What is the first?", "And the second?", "And the third?"]
    assert world.session(ANA).version == 3
