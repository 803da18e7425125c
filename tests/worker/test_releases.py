"""Two releases on one store, as in a rolling upgrade: what the older one cannot read waits for the newer."""

from __future__ import annotations

import orjson
import pytest

from flowbot.model import codec, event
from flowbot.model.event import VersionPublished
from flowbot.store import contacts, inbox, keys
from flowbot.store.call import command
from flowbot.store.packing import pack, unpack

from .world import World

ANA, BEN = "573000000001", "573000000002"


def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that knows nothing of `publish --carry`."""
    monkeypatch.setattr(event, "_KINDS", {word: kind for word, kind in event._KINDS.items() if word != "version"})


def stuck(world: World) -> list[str]:
    return list(world.store.run(inbox.stuck(world.partition(ANA))))


def test_an_event_of_a_kind_that_is_not_known_waits_for_who_knows_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`publish --carry` while older workers still run: nothing is lost, nothing overtakes it, and others go on."""
    with monkeypatch.context() as before:
        older(before)
        worker = world.worker("old#1", lease=60_000)
        world.say(ANA, "start")
        world.event(ANA, VersionPublished(nonce="n", flow="talk", version="0" * 16))
        world.say(ANA, "one")
        world.say(BEN, "start")
        world.settle(worker)
        world.say(ANA, "two")
        world.settle(worker)
        assert world.said(ANA) == ["What is the first?"]
        assert world.said(BEN) == ["What is the first?"]
        assert stuck(world) == [world.contact_id(ANA)]
        worker.leave()
        again = world.worker("old#2", lease=60_000)  # another of the older release takes it over: it waits on
        world.settle(again)
        assert stuck(world) == [world.contact_id(ANA)] and len(world.said(ANA)) == 1
        again.leave()
    newer = world.worker("new#1", lease=60_000)
    world.settle(newer)
    assert stuck(world) == []
    assert [one["event"]["k"] for one in world.history(ANA, "in")] == ["message", "version", "message", "message"]
    assert world.said(ANA) == ["What is the first?", "And the second?", "And the third?"]


def test_a_record_of_a_newer_release_waits_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its second worker is gone already, and what it wrote is not: a roll-back in the middle of an upgrade."""
    worker = world.worker(lease=60_000)
    world.say(ANA, "start")
    world.settle(worker)
    worker.memory.clear()
    who = world.contact_id(ANA)
    known = world.store.run(contacts.get(world.partition(ANA), who))
    record = codec.encode(known).replace(b'{"v":1,', b'{"v":2,')
    world.store.run(command("SET", keys.contact(world.partition(ANA), who), pack(record), read=bool))
    world.say(ANA, "one")
    world.settle(worker)
    assert stuck(world) == [who] and len(world.said(ANA)) == 1
    worker.leave()
    monkeypatch.setattr(codec, "VERSION", 2)
    world.settle(world.worker("new#1", lease=60_000))
    assert stuck(world) == [] and world.said(ANA) == ["What is the first?", "And the second?"]


def test_what_a_newer_release_added_to_a_record_is_passed_over(world: World) -> None:
    """A field that is not known is none of ours: the turn goes on, and what it writes is without that."""
    worker = world.worker(lease=60_000)
    world.say(ANA, "start")
    world.settle(worker)
    worker.memory.clear()
    partition, who = world.partition(ANA), world.contact_id(ANA)
    place = keys.session(partition, who, "acme/main")
    head, _, kept = world.store.run(command("GET", place, read=bytes)).partition(b"\n")
    plain = orjson.loads(unpack(kept))
    plain["mood"] = {"new": [1]}
    plain["process"]["pace"] = "slow"
    record = head + b"\n" + pack(orjson.dumps(plain))
    world.store.run(command("SET", place, record, read=bool))
    world.say(ANA, "one")
    world.settle(worker)
    assert stuck(world) == [] and world.said(ANA) == ["What is the first?", "And the second?"]
    assert world.session(ANA).process is not None and world.session(ANA).process.answers == {"first": "one"}


def test_an_event_with_more_than_is_known_is_applied(world: World) -> None:
    body = event.to_bytes(VersionPublished(nonce="n", flow="talk", version="0" * 16))
    told = {**orjson.loads(body), "why": "new", "more": {"x": 1}}
    worker = world.worker(lease=60_000)
    world.say(ANA, "start")
    assert world.push(ANA, orjson.dumps(told))
    world.say(ANA, "one")
    world.settle(worker)
    assert stuck(world) == [] and world.said(ANA) == ["What is the first?", "And the second?"]
