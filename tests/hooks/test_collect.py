"""Flow versions that nobody has a use for any more; on a single node and on a cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowbot.hooks.collect import IDLE, collect
from flowbot.store import flows, keys, publications
from flowbot.store.call import command
from flowbot.store.client import AsyncStore, Store
from tests.worker.test_shelf import NEWER, look_again
from tests.worker.world import World

HOUR = 3_600_000
ANA = "573000000001"
InLoop = Callable[[Callable[[AsyncStore], Awaitable[Any]]], Any]


@pytest.fixture
def world(any_store: Store, tmp_path: Path) -> World:
    return World(any_store, tmp_path / "project")


@pytest.fixture
def collected(any_store: Store, in_loop: InLoop) -> Callable[[int], list[str]]:
    """What is gone when it is so many ms later."""
    start = any_store.now()
    return lambda later: in_loop(lambda store: collect(store, start + later))


def there(store: Store, version: str) -> bool:
    return store.run(flows.get(version)) is not None


def test_a_version_that_is_not_used_goes_after_two_days(world: World, collected: Callable[[int], list[str]]) -> None:
    """It counts from the last time that a use was seen; again and again it is the same."""
    worker = world.worker()
    old = worker.parts.shelf.current().library.flows["talk"].version
    world.say(ANA, "start")
    world.settle(worker)
    world.write(NEWER)
    look_again(worker)
    new = worker.parts.shelf.current().library.flows["talk"].version
    assert collected(IDLE + HOUR) == [new]  # for two days nobody has said that a project has it
    assert there(world.store, old) and not there(world.store, new)
    worker.parts.shelf._said = float("-inf")
    look_again(worker)
    assert there(world.store, new)  # its worker has put it back, before anybody can start it
    world.say(ANA, "one", "two", "three")
    world.settle(worker)
    assert collected(2 * IDLE) == [new] and there(world.store, old)
    assert collected(2 * IDLE + HOUR) == [old] and not there(world.store, old)
    assert collected(9 * IDLE) == []
    assert world.store.run(command("EXISTS", keys.version_used(old), read=int)) == 0


def test_what_is_or_was_published_stays(world: World, collected: Callable[[int], list[str]]) -> None:
    """So that there is a way back, however long nobody starts it; also when no project names the account any more."""
    for version in ("a" * 16, "b" * 16, "c" * 16):
        world.store.all(flows.keep(version, b"{}", 0))
    world.store.run(publications.note_publisher("former"))
    for seen, pair in enumerate((("", "a" * 16), ("a" * 16, "b" * 16))):
        call = publications.publish("former", {"talk": pair}, seen=seen, nonce=str(seen), at=1, who="eva")
        assert world.store.run(call)
    assert collected(9 * IDLE) == ["c" * 16]
    assert there(world.store, "a" * 16) and there(world.store, "b" * 16)


def test_the_last_version_of_one_that_was_taken_out_stays(world: World, collected: Callable[[int], list[str]]) -> None:
    """Somebody may be on the way to it, however much has been published since."""
    world.store.all(flows.keep("a" * 16, b"{}", 0))
    world.store.run(publications.note_publisher("former"))
    pairs = [("", "a" * 16), ("a" * 16, ""), *([("", "")] * publications.KEPT)]
    for seen, pair in enumerate(pairs):
        flow = "talk" if seen < 2 else "other"
        call = publications.publish("former", {flow: pair}, seen=seen, nonce=str(seen), at=1, who="eva")
        assert world.store.run(call)
    assert all("talk" not in one.changes for one in world.store.run(publications.history("former")))
    assert collected(9 * IDLE) == [] and there(world.store, "a" * 16)


def test_a_use_that_is_told_in_the_last_moment_counts(world: World, in_loop: InLoop) -> None:
    """Between the look and the throwing away somebody may publish it: the script looks once more."""
    version, now = "d" * 16, world.store.now()
    world.store.all(flows.keep(version, b"{}", 0))
    world.store.run(flows.touch(version, now + 9 * IDLE))
    assert world.store.run(flows.collect(version, now + 9 * IDLE, IDLE)) is False
    assert world.store.run(flows.collect(version, now + 10 * IDLE, IDLE)) is True


def test_one_that_crashed_halfway_is_found_by_the_next(world: World, collected: Callable[[int], list[str]]) -> None:
    """Thrown away, and still in the list: a worker that died between the two."""
    version = "e" * 16
    world.store.all(flows.keep(version, b"{}", 0))
    assert world.store.run(flows.collect(version, 9 * IDLE, IDLE)) is True
    assert collected(0) == []
    assert collected(IDLE) == [version]
    assert world.store.run(flows.known()) == []
