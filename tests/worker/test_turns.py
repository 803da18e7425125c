"""Events become turns: in order per contact, once each, whatever else happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowbot import crash
from flowbot.store import counters, inbox, leases
from flowbot.worker.loop import Worker

from .world import World

ANA, BEN = "573000000001", "573000000002"
HOUR = 3_600_000


def before_commit(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Have `act` happen once, between a turn and its commit."""
    left = [act]

    def point(name: str) -> None:
        if name == "worker.before_commit" and left:
            left.pop()()

    monkeypatch.setattr(crash, "point", point)


def test_a_conversation_from_start_to_end(world: World) -> None:
    worker = world.worker()
    world.say(ANA, "start", "one", "two", "three")
    world.settle(worker)
    assert world.said(ANA) == ["What is the first?", "And the second?", "And the third?", "Thank you"]
    assert world.session(ANA).process is None
    assert world.session(ANA).version == 4


def test_events_of_one_contact_are_chained_in_one_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = world.worker()
    world.settle(worker)
    world.say(ANA, "start", "one")
    points: list[str] = []
    monkeypatch.setattr(crash, "point", points.append)
    world.settle(worker)
    assert [record["version"] for record in world.history(ANA, "in")] == [1, 2]
    assert points.count("worker.before_commit") == 1


def test_order_per_contact_over_many_batches(world: World) -> None:
    """R058"""
    worker = world.worker()
    texts = [f"text {n}" for n in range(150)]
    world.say(ANA, *texts)
    world.say(BEN, *texts[:70])
    world.settle(worker)
    assert world.heard(ANA) == texts
    assert world.heard(BEN) == texts[:70]
    assert [record["version"] for record in world.history(ANA, "in")] == list(range(1, 151))


def test_a_new_contact_is_made_from_who_wrote(world: World) -> None:
    world.say("5215512345678", "hi", name="Eva")
    world.settle(world.worker())
    contact = world.contact("525512345678")
    assert (contact.number, contact.reply_to, contact.name) == ("525512345678", "5215512345678", "Eva")
    assert contact.created_at > 0


def test_two_channels_of_one_contact_each_have_a_session(world: World) -> None:
    world.say(ANA, "start", channel="main")
    world.say(ANA, "start", channel="real")
    world.say(ANA, "one", channel="main")
    world.settle(world.worker())
    assert world.session(ANA, "main").version == 2
    assert world.session(ANA, "real").version == 1
    assert world.contact(ANA).sequence == 2  # two processes were started


def test_a_message_in_a_group_is_recorded_only(world: World) -> None:
    world.say(ANA, "start", group="g1")
    world.settle(world.worker())
    assert world.heard(ANA) == ["start"]
    assert world.said(ANA) == []
    assert world.session(ANA).version == 1


def test_a_repetition_has_no_effect(world: World) -> None:
    """R061"""
    assert world.push(ANA, b"{}", dedupe="same")
    assert not world.push(ANA, b"{}", dedupe="same")


def test_a_stale_session_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody with our own lease applies the first event while we are about to."""
    worker = world.worker()
    world.settle(worker)
    world.say(ANA, "start", "one")

    def other() -> None:
        twin = world.worker()
        twin.round()
        twin.round()

    before_commit(monkeypatch, other)
    world.settle(worker)
    assert world.heard(ANA) == ["start", "one"]
    assert world.session(ANA).version == 2
    assert world.said(ANA) == ["What is the first?", "And the second?"]


def test_who_lost_the_lease_is_fenced_and_does_no_harm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R058: two workers with the same message, one turn."""
    worker, other = world.worker("a#1"), world.worker("b#1")
    world.settle(worker)
    partition = world.partition(ANA)

    def steal() -> None:
        world.store.run(leases.release("w", partition, "a#1"))
        assert world.store.run(leases.take("w", partition, "b#1", 60_000))

    before_commit(monkeypatch, steal)
    world.say(ANA, "start")
    worker.round()
    worker.round()
    assert partition not in worker.partitions.held
    assert world.waiting() == 1
    other.partitions.held[partition] = world.store.run(leases.take("w", partition, "b#1", 60_000))
    other.partitions.due = float("inf")
    world.settle(other)
    assert world.said(ANA) == ["What is the first?"]
    assert world.session(ANA).version == 1


def test_an_entry_taken_away_meanwhile_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = world.worker()
    world.settle(worker)
    world.say(ANA, "start")

    def drop() -> None:
        partition = world.partition(ANA)
        taken = world.store.run(inbox.take(partition, "w#1", worker.partitions.held[partition], 1))
        assert world.store.run(inbox.drop(partition, "w#1", worker.partitions.held[partition], taken.entries[0]))

    before_commit(monkeypatch, drop)
    world.settle(worker)
    assert world.history(ANA) == []


@pytest.mark.parametrize("poison", [b"{", b"\xff\x00", b'{"v":99,"k":"message"}', b'{"v":1,"k":"message"}'])
def test_poison_is_parked_after_five_attempts_and_others_go_on(world: World, poison: bytes) -> None:
    worker = world.worker()
    same = next(
        number
        for number in map(str, range(573000000010, 573000000200))
        if world.partition(number) == world.partition(ANA)
    )
    world.say(ANA, "start")
    world.push(ANA, poison)
    world.say(ANA, "one")
    world.say(same, "start", "eins")
    world.say(BEN, "start")
    world.settle(worker)
    assert world.heard(ANA) == ["start"]
    assert world.heard(same) == ["start", "eins"]
    assert world.heard(BEN) == ["start"]
    assert list(world.store.run(inbox.stuck(world.partition(ANA)))) == [world.contact_id(ANA)]


def test_an_event_for_a_channel_that_is_gone_is_parked(world: World) -> None:
    world.say(ANA, "start", channel="gone")
    world.say(BEN, "start")
    world.settle(world.worker())
    assert world.heard(BEN) == ["start"]
    assert list(world.store.run(inbox.stuck(world.partition(ANA)))) == [world.contact_id(ANA)]


def expire(world: World, worker: Worker) -> None:
    world.say(ANA, "start")
    world.settle(worker)
    world.advance_clock(ANA, 3 * HOUR)
    world.settle(worker)
    world.settle(worker)


def test_a_timer_fires_once_on_a_simulated_clock(world: World) -> None:
    worker = world.worker()
    expire(world, worker)
    fired = [record["event"] for record in world.history(ANA, "in") if record["event"]["k"] == "timer"]
    assert [event["name"] for event in fired] == ["expire"]
    assert world.session(ANA).process is None
    assert world.session(ANA).skew == 3 * HOUR
    ended = [record for record in world.history(ANA, "trace") if record.get("detail") == "process.expired"]
    assert len(ended) == 1


def test_a_real_channel_has_a_real_clock(world: World) -> None:
    worker = world.worker()
    world.say(ANA, "start", channel="real")
    world.advance_clock(ANA, 3 * HOUR, channel="real")
    world.settle(worker)
    assert world.session(ANA, "real").skew == 0
    assert world.session(ANA, "real").process is not None
    assert world.session(ANA, "real").version == 2


def test_the_next_worker_fires_the_timers_that_it_finds(world: World) -> None:
    first = world.worker("a#1")
    world.say(ANA, "start")
    world.settle(first)
    world.advance_clock(ANA, 3 * HOUR)
    first.round()
    first.partitions.release()
    second = world.worker("b#1")
    world.settle(second)
    world.settle(second)
    assert world.session(ANA).process is None


def test_what_came_and_went_is_counted(world: World) -> None:
    worker = world.worker()
    world.say(ANA, "start", "one")
    world.settle(worker)
    worker.leave()
    assert world.store.run(counters.read(world.partition(ANA))) == {"in": 2, "out": 2, "process.started:talk": 1}


def test_a_contact_seen_again_within_the_minute_is_not_written_again(world: World) -> None:
    worker = world.worker()
    world.say(ANA, "start")
    world.settle(worker)
    seen = world.contact(ANA).last_seen_at
    world.say(ANA, "one")
    world.settle(worker)
    assert world.contact(ANA).last_seen_at == seen
    world.advance_clock(ANA, 61_000)
    world.say(ANA, "two")
    world.settle(worker)
    assert world.contact(ANA).last_seen_at > seen + 60_000


def test_a_partition_that_was_given_up_is_not_taken_from(world: World) -> None:
    """A second worker joins while the first has every inbox on its list: it goes on with those that stay its own."""
    first = world.worker("a#1")
    first.round()
    first.ready = dict.fromkeys(range(world.store.partitions), 1)
    second = world.worker("b#1")
    second.partitions.refresh()  # half are no longer the first one's
    first.partitions.due = 0.0
    first.round()
    assert len(first.partitions.held) == world.store.partitions // 2
    assert first.ready.keys() <= first.partitions.held.keys()
