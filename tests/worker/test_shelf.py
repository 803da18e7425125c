"""Files that change while conversations are open."""

from __future__ import annotations

import pytest

from flowbot.model.event import EventReceived
from flowbot.store import flows
from flowbot.worker.loop import Worker

from .world import FLOW, World

ANA, BEN = "573000000001", "573000000002"
NEWER = FLOW.replace("And the second?", "Now what is the second?")


def look_again(worker: Worker) -> None:
    """A second later."""
    worker.parts.shelf._looked = 0.0
    worker.parts.shelf.current()


def test_a_saved_file_counts_for_who_starts_next_and_not_for_who_is_on_the_way(world: World) -> None:
    worker = world.worker()
    world.say(ANA, "start")
    world.settle(worker)
    world.write(NEWER)
    look_again(worker)
    world.say(ANA, "one")
    world.say(BEN, "start", "one")
    world.settle(worker)
    assert world.said(ANA)[-1] == "And the second?"
    assert world.said(BEN)[-1] == "Now what is the second?"


def test_another_worker_that_never_saw_the_old_file_goes_on_with_it(world: World) -> None:
    world.say(ANA, "start")
    first = world.worker("a#1")
    world.settle(first)
    first.partitions.release()
    world.write(NEWER)
    second = world.worker("b#1")
    world.say(ANA, "one")
    world.settle(second)
    assert world.said(ANA)[-1] == "And the second?"


def test_a_broken_file_leaves_the_last_good_one(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The log says so, once."""
    worker = world.worker()
    world.settle(worker)
    world.write("flow: talk\nsteps: [")
    look_again(worker)
    (world.folder / "flows" / "other.yaml").write_text(FLOW.replace("talk", "other").replace("start]", "other]"))
    look_again(worker)
    told = [record.__dict__["path"] for record in caplog.records if record.getMessage() == "project.mistakes"]
    assert told == ["flows/talk.yaml:2:9"]
    world.say(ANA, "start")
    world.settle(worker)
    assert world.said(ANA) == ["What is the first?"]


def test_sessions_are_counted_on_their_versions(world: World) -> None:
    worker = world.worker()
    world.say(ANA, "start")
    world.say(BEN, "start", "one", "two", "three")
    world.settle(worker)
    version = worker.parts.shelf.current().library.flows["talk"].version
    counts = world.store.run(flows.standing(world.partition(ANA)))
    assert counts[version] == 1
    assert standing(world, version) == {(world.contact_id(ANA), "acme/main")}
    if world.partition(ANA) != world.partition(BEN):
        assert world.store.run(flows.standing(world.partition(BEN)))[version] == 0


def standing(world: World, version: str) -> set[tuple[str, str]]:
    pages = [world.store.run(flows.who(partition, version)) for partition in range(world.store.partitions)]
    assert {cursor for cursor, _ in pages} == {"0"}
    return {pair for _, pairs in pages for pair in pairs}


def test_parts_and_parked_ones_stand_on_their_versions_too(world: World) -> None:
    """R012, R143: a version is needed as long as any process of a session, however deep, is of it."""
    steps = "steps:\n  a: {run: part}\n  b: {wait: {event: paid}}\n  c: {succeed: {}}\n"
    world.write(f"flow: talk\nstart: {{keywords: [start]}}\n{steps}")
    part = "flow: part\nsteps:\n  q: {ask: Which?}\n  r: {run: inner}\n  d: {succeed: {}}\n"
    (world.folder / "flows" / "part.yaml").write_text(part)
    (world.folder / "flows" / "inner.yaml").write_text("flow: inner\nsteps:\n  q: {ask: Where?}\n  d: {succeed: {}}\n")
    worker = world.worker()
    versions = {name: flow.version for name, flow in worker.parts.shelf.current().library.flows.items()}

    def on() -> set[str]:
        counts = world.store.run(flows.standing(world.partition(ANA)))
        found = {name for name, version in versions.items() if counts.get(version, 0)}
        assert found == {name for name, version in versions.items() if standing(world, version)}
        assert all(counts.get(version, 0) in (0, 1) for version in versions.values())
        return found

    for said, expected in (("start", {"talk", "part"}), ("x", {"talk", "part", "inner"}), ("y", {"talk"})):
        world.say(ANA, said)
        world.settle(worker)
        assert on() == expected
    world.event(ANA, EventReceived(nonce="n", name="paid"))
    world.settle(worker)
    assert on() == set()
