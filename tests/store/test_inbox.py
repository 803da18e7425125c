"""The inbox: order, repetitions, and an event that cannot be applied."""

from __future__ import annotations

import time

import pytest

from flowbot.errors import Fenced
from flowbot.store import inbox, keys
from flowbot.store.client import Store
from tests.store.acting import CHANNEL, CONTACT, PARTITION, Acting, texts

HOUR, DAY = 3_600_000, 86_400_000
NOW = 1_763_712_000_000


def test_events_come_in_the_order_they_were_pushed(any_store: Store) -> None:
    worker = Acting(any_store)
    for number in range(20):
        worker.push(str(number), contact=f"c{number % 3}")
    assert texts(worker.take(50)) == [str(number) for number in range(20)]


def test_an_entry_carries_what_was_pushed_byte_for_byte(any_store: Store) -> None:
    body = '{"empty":[],"text":"ñ \\u0000 🙂"}'.encode()
    any_store.run(inbox.push(PARTITION, CONTACT, CHANNEL, body, dedupe_id="one", at_ms=0))
    (entry,) = Acting(any_store).take().entries
    assert (entry.contact_id, entry.channel_key, entry.event, entry.timer) == (CONTACT, CHANNEL, body, "")


@pytest.mark.parametrize("at", [0, NOW, NOW - 7 * DAY, NOW - 9 * DAY, NOW + 3 * DAY])
def test_a_repetition_is_known_for_eight_days(any_store: Store, at: int) -> None:
    worker = Acting(any_store)
    assert worker.push(id="wamid.1", at=at, now=NOW)
    assert not worker.push(id="wamid.1", at=at, now=NOW + HOUR)
    assert not worker.push(id="wamid.1", at=at, now=NOW + (0 if at else 8 * DAY - HOUR))
    assert worker.push(id="wamid.2", at=at, now=NOW)
    assert len(worker.take().entries) == 2


def test_what_marks_a_repetition_goes_away_by_itself(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push(id="timed", at=NOW, now=NOW)
    worker.push(id="untimed", now=NOW)
    timed = worker.raw("TTL", keys.seen(PARTITION, str(NOW // HOUR)))
    untimed = worker.raw("TTL", keys.seen(PARTITION, f"d{NOW // DAY}"))
    assert 8 * DAY < timed * 1000 <= 8 * DAY + HOUR
    assert 9 * DAY < untimed * 1000 <= 10 * DAY


def test_two_channels_may_use_the_same_id(any_store: Store) -> None:
    pushes = [inbox.push(PARTITION, CONTACT, f"acme/{one}", b"{}", dedupe_id="1", at_ms=0) for one in ("main", "test")]
    assert any_store.run_all(pushes) == [True, True]


def test_what_was_taken_and_not_committed_comes_again_alone(any_store: Store) -> None:
    worker = Acting(any_store)
    for text in "abc":
        worker.push(text)
    assert texts(worker.take()) == ["a", "b", "c"]
    worker.push("d")
    again = worker.take()
    assert texts(again) == ["a"] and again.entries[0].attempt == 2
    assert worker.commit(again.entries[0]) == "ok"
    assert texts(worker.take()) == ["b"]
    assert worker.commit(worker.take().entries[0], 1) == "ok"
    assert worker.commit(worker.take().entries[0], 2) == "ok"
    assert texts(worker.take()) == ["d"]


def test_after_five_attempts_a_contact_waits_alone(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push("poison", contact="bad")
    worker.push("fine", contact="good")
    worker.push("behind", contact="bad")
    assert texts(worker.take()) == ["poison", "fine", "behind"]
    for attempt in (2, 3, 4, 5):
        (entry,) = worker.take().entries
        assert (entry.contact_id, entry.attempt) == ("bad", attempt)
    assert worker.take().more
    (entry,) = worker.take().entries
    assert entry.contact_id == "good"
    assert worker.commit(entry) == "ok"
    worker.push("late", contact="bad")
    assert worker.take().entries == ()
    assert list(any_store.run(inbox.stuck(PARTITION))) == ["bad"]
    worker.push("fine too", contact="good")
    assert texts(worker.take()) == ["fine too"]


def test_parked_events_go_back_in_order(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push("poison", contact="bad")
    for _ in range(6):
        worker.take()
    worker.push("second", contact="bad")
    worker.take()
    worker.push("third", contact="bad")
    worker.take()
    worker.push("other", contact="good")
    assert worker.commit(worker.take().entries[0]) == "ok"
    assert any_store.run(inbox.unpark(PARTITION, "bad")) == 3
    assert texts(worker.take()) == ["poison", "second", "third"]
    assert any_store.run(inbox.stuck(PARTITION)) == {}
    assert worker.raw("XLEN", keys.parked(PARTITION)) == 0


def test_only_the_owner_takes_and_drops(any_store: Store) -> None:
    first = Acting(any_store)
    first.push()
    entry = first.take().entries[0]
    second = Acting(any_store, owner="w1#b")
    with pytest.raises(Fenced):
        first.take()
    assert any_store.run(inbox.drop(PARTITION, first.owner, first.epoch, entry)) == "fenced"
    assert any_store.run(inbox.drop(PARTITION, second.owner, second.epoch, entry)) == "ok"
    assert any_store.run(inbox.drop(PARTITION, second.owner, second.epoch, entry)) == "gone"


def test_a_look_at_a_partition(any_store: Store) -> None:
    worker = Acting(any_store)
    empty = any_store.run(inbox.peek(PARTITION))
    assert (empty.waiting, empty.next_timer) == (0, None)
    worker.push()
    worker.raw("ZADD", keys.timers(PARTITION), NOW, "c1|acme/main|x|1")
    found = any_store.run(inbox.peek(PARTITION))
    assert (found.waiting, found.next_timer) == (1, NOW)


def test_only_the_first_into_an_empty_inbox_is_announced(any_store: Store) -> None:
    worker = Acting(any_store)
    assert any_store.wait({PARTITION, 5}, 1) == {PARTITION, 5}  # at first, all
    assert any_store.wait({PARTITION, 5}, 0.01) == set()
    worker.push("a")
    worker.push("b")
    assert any_store.wait({PARTITION, 5}, 2) == {PARTITION}
    assert any_store.wait({PARTITION, 5}, 0.05) == set()


def test_accounts_share_what_is_taken(any_store: Store) -> None:
    worker = Acting(any_store)
    for number in range(30):
        worker.push(f"noisy {number}")
    for number in range(3):
        worker.push(f"quiet {number}", contact="c9", channel="quiet/line")
    first = texts(worker.take(8))
    assert first == [*(f"noisy {number}" for number in range(4)), *(f"quiet {number}" for number in range(3))]
    assert any_store.run_all([inbox.waiting(PARTITION, one) for one in ("acme", "quiet", "none")]) == [30, 3, 0]


def test_who_was_served_longest_ago_comes_first(any_store: Store) -> None:
    worker = Acting(any_store)
    accounts = [f"a{number}" for number in range(5)]
    for account in accounts:
        worker.push(account, contact=account, channel=f"{account}/main")
    served: list[str] = []
    while len(served) < 5:
        found = worker.take(2)
        assert found.more or len(served) >= 4
        for entry in found.entries:
            assert worker.commit(entry) == "ok"
        served += texts(found)
    assert sorted(served) == accounts


def test_an_event_that_kills_its_readers_stops_no_other_account(any_store: Store) -> None:
    worker = Acting(any_store)
    worker.push("poison")
    worker.push("behind")
    worker.take()
    worker.push("fine", contact="c9", channel="quiet/line")
    again = worker.take()
    assert sorted(texts(again)) == ["fine", "poison"]
    assert {entry.contact_id: entry.attempt for entry in again.entries} == {"c1": 2, "c9": 1}


def test_what_comes_again_may_be_left_and_be_taken_by_itself(any_store: Store) -> None:
    """Left, it counts no attempt; of two that come again, one comes."""
    worker = Acting(any_store)
    worker.push("a")
    worker.push("b", contact="c9", channel="quiet/line")
    assert not worker.take(only="again").entries, "nothing was taken before"
    assert sorted(texts(worker.take())) == ["a", "b"]
    worker.push("fine", contact="c8", channel="third/line")
    for _ in range(10):
        left = worker.take(only="fresh")
        assert left.again and set(texts(left)) <= {"fine"}
        assert all(worker.commit(entry) == "ok" for entry in left.entries)
    taken = []
    for _ in range(4):
        time.sleep(0.002)  # who was served longest ago is told by the millisecond
        taken.append(worker.take(only="again"))
    assert [(texts(one), one.entries[0].attempt, one.more) for one in taken] == [
        (["a"], 2, True),
        (["b"], 2, True),
        (["a"], 3, True),
        (["b"], 3, True),
    ]
