"""Drafts and what is published, with a real store and a worker that is never restarted."""

from __future__ import annotations

import pytest

from flowbot.store import keys, publications
from flowbot.store.call import Call, as_text
from flowbot.worker.loop import Worker

from .test_shelf import NEWER, look_again
from .world import FLOW, World

ANA, BEN = "573000000001", "573000000002"
OLD, NEW = "And the second?", "Now what is the second?"


def version(worker: Worker) -> str:
    return worker.parts.shelf.current().library.flows["talk"].version


def publish(world: World, worker: Worker, to: str, nonce: str = "") -> int | None:
    """Point the account's flow to a version; the worker sees it a second later."""
    seen = world.store.run(publications.current("acme"))
    changes = {"talk": (seen.flows.get("talk", ""), to)}
    call = publications.publish("acme", changes, seen=seen.number, nonce=nonce or f"n{seen.number}", at=5, who="eva")
    world.store.run(publications.note_publisher("acme"))
    number = world.store.run(call)
    forget(worker)
    return number


def forget(worker: Worker) -> None:
    stage = worker.parts.shelf._stage
    if stage is not None:
        stage._watch._next_look = float("-inf")


def settle(world: World, worker: Worker, number: str, *texts: str, channel: str = "real") -> str:
    """What the contact hears last."""
    world.say(number, *texts, channel=channel)
    world.settle(worker)
    return world.said(number)[-1]


def test_only_what_is_published_takes_real_users(world: World) -> None:
    """R011, R012, R013, R035: a saved draft reaches the simulator at once, and nobody else until it is published."""
    worker = world.worker()
    assert settle(world, worker, ANA, "start", "one") == OLD
    first = version(worker)
    assert publish(world, worker, first) == 1
    world.write(NEWER)
    look_again(worker)
    second = version(worker)
    assert second != first
    assert settle(world, worker, BEN, "start", "one") == OLD
    assert settle(world, worker, "573000000003", "start", "one", channel="main") == NEW
    publish(world, worker, second)
    assert settle(world, worker, "573000000004", "start", "one") == NEW
    assert settle(world, worker, BEN, "two") == "And the third?"
    assert [world.session(one, "real").process.flow_version for one in (ANA, BEN)] == [first, first]  # type: ignore[union-attr]
    publish(world, worker, first)
    assert settle(world, worker, "573000000005", "start", "one") == OLD


def test_a_flow_that_is_not_published_starts_for_nobody(world: World) -> None:
    """Strictly: a store in which nothing was published, and a draft beside what was."""
    worker = world.worker(flows="published")
    world.say(ANA, "start", channel="real")
    world.settle(worker)
    assert world.said(ANA) == []
    publish(world, worker, version(worker))
    (world.folder / "flows" / "other.yaml").write_text(FLOW.replace("talk", "other").replace("start]", "go]"))
    look_again(worker)
    world.say(ANA, "go", channel="real")
    world.settle(worker)
    assert world.said(ANA) == []
    assert settle(world, worker, ANA, "start") == "What is the first?"


def test_files_count_for_all_when_that_is_set(world: World) -> None:
    worker = world.worker(flows="live")
    publish(world, worker, version(worker))
    world.write(NEWER)
    look_again(worker)
    assert settle(world, worker, ANA, "start", "one") == NEW


def test_a_version_that_is_gone_starts_nobody_and_takes_no_other_flow_down(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    worker = world.worker()
    call = publications.publish(
        "acme", {"talk": ("", "0" * 16), "more": ("", version(worker))}, seen=0, nonce="n", at=5, who="eva"
    )
    world.store.run(publications.note_publisher("acme"))
    world.store.run(call)
    forget(worker)
    world.say(ANA, "start", channel="real")
    world.settle(worker)
    assert world.said(ANA) == [] and "flow.missing" in [record.getMessage() for record in caplog.records]


def test_a_publication_is_made_once_and_never_over_anothers(world: World) -> None:
    """Sent again after a lost reply it changes nothing; two people at a time do not undo one another unseen."""
    worker = world.worker()
    assert publish(world, worker, "a" * 16, nonce="one") == 1
    again = publications.publish("acme", {"talk": ("", "a" * 16)}, seen=0, nonce="one", at=6, who="eva")
    assert world.store.run(again) == 1
    late = publications.publish("acme", {"talk": ("", "b" * 16)}, seen=0, nonce="two", at=6, who="ben")
    assert world.store.run(late) is None
    assert publish(world, worker, "", nonce="three") == 2
    assert world.store.run(publications.current("acme")).flows == {}
    found = world.store.run(publications.history("acme"))
    assert [(one.number, one.who, dict(one.changes)) for one in found] == [
        (2, "eva", {"talk": ("a" * 16, "")}),
        (1, "eva", {"talk": ("", "a" * 16)}),
    ]


def test_what_is_published_is_asked_for_once_a_second(world: World) -> None:
    now = [100.0]
    watch = publications.Watch(world.store, clock=lambda: now[0])
    first = watch.current(["acme", "other"])
    assert first["acme"].number == 0
    publish(world, world.worker(), "a" * 16)
    assert watch.current(["acme", "other"]) is first
    now[0] += 1.0
    second = watch.current(["acme", "other"])
    assert second["acme"].flows == {"talk": "a" * 16} and second["other"] is first["other"]
    now[0] += 1.0
    assert watch.current(["acme", "other"]) is second


def test_accounts_that_never_published_are_not_asked_for(world: World) -> None:
    """There may be thousands, and a worker looks once a second."""
    now = [100.0]
    watch = publications.Watch(world.store, clock=lambda: now[0])
    first = watch.current(["acme", "b", "c"])
    before = looks(world)
    for _ in range(5):
        now[0] += 1.0
        assert watch.current(["acme", "b", "c"]) is first
    assert looks(world) == before
    publish(world, world.worker(), "a" * 16)
    now[0] += 1.0
    assert watch.current(["acme", "b", "c"])["acme"].number == 1


def looks(world: World) -> int:
    """HGETs of all nodes so far."""
    found = [world.store.run(Call(("INFO", "commandstats"), keys.timers(one), as_text)) for one in world.store.apart()]
    return sum(int(one.partition("cmdstat_hget:calls=")[2].partition(",")[0] or 0) for one in found)


PART = """
flow: part
languages: [en]
steps:
  more: {ask: And a part of it?, retry: {then: done}}
  done: {succeed: {}}
"""


@pytest.mark.parametrize("way", ["run: part", "jump: part"])
def test_who_is_on_the_way_to_a_flow_that_is_taken_out_still_gets_there(world: World, way: str) -> None:
    """R012: nobody starts it any more, and the version before goes on with it; published again it is the new one."""
    (world.folder / "flows" / "part.yaml").write_text(PART)
    world.write(FLOW.replace("steps:", "steps:\n  zero: {ask: Zero?, retry: {then: on}}\n  on: {" + way + "}", 1))
    worker = world.worker()
    flows = worker.parts.shelf.current().library.flows
    versions = {id: flow.version for id, flow in flows.items()}

    def point(seen: int, **to: str) -> None:
        now = world.store.run(publications.current("acme"))
        changes = {id: (now.flows.get(id, ""), version) for id, version in to.items()}
        call = publications.publish("acme", changes, seen=seen, nonce=f"n{seen}", at=5, who="eva")
        world.store.run(publications.note_publisher("acme"))
        assert world.store.run(call) == seen + 1
        forget(worker)

    point(0, **versions)
    assert settle(world, worker, ANA, "start") == settle(world, worker, BEN, "start") == "Zero?"
    world.write(FLOW)
    (world.folder / "flows" / "part.yaml").unlink()
    look_again(worker)
    point(1, talk=version(worker), part="")
    assert world.store.run(publications.current("acme")).flows == {"talk": version(worker)}
    assert settle(world, worker, ANA, "nothing") == "And a part of it?"
    (world.folder / "flows" / "part.yaml").write_text(PART.replace("And a part", "A new part"))
    look_again(worker)
    point(2, part=worker.parts.shelf.current().library.flows["part"].version)
    assert world.store.run(publications.current("acme")).gone == {}
    assert settle(world, worker, BEN, "nothing") == "A new part of it?"
