"""Who owns a partition."""

from __future__ import annotations

import time

from flowbot.store import keys, leases
from flowbot.store.call import command
from flowbot.store.client import Store

P = 2


def take(store: Store, owner: str, ms: int = 60_000) -> int:
    return store.run(leases.take("w", P, owner, ms))


def test_one_owner_at_a_time(any_store: Store) -> None:
    epoch = take(any_store, "w1#a")
    assert epoch > 1_600_000_000_000  # not below the clock, whatever was lost
    assert take(any_store, "w2#b") == 0
    assert take(any_store, "w1#a") == epoch
    assert any_store.run(leases.peek("w", P)) == "w1#a"


def test_roles_do_not_meet(any_store: Store) -> None:
    assert take(any_store, "w1#a")
    assert any_store.run(leases.take("s", P, "s1#a", 60_000))
    assert any_store.run(leases.peek("s", P)) == "s1#a"


def test_an_ended_lease_is_free(any_store: Store) -> None:
    first = take(any_store, "w1#a", 30)
    assert take(any_store, "w2#b") == 0
    time.sleep(0.04)
    assert any_store.run(leases.peek("w", P)) == ""
    assert take(any_store, "w2#b") > first


def test_a_lease_of_before_the_clock_was_set_back_is_free(any_store: Store) -> None:
    first = take(any_store, "w1#a")
    now = any_store.now()
    any_store.run(command("HSET", keys.lease("w", P), "until", now + 110_000, read=int))
    assert take(any_store, "w2#b") == 0  # it may be a longer one
    any_store.run(command("HSET", keys.lease("w", P), "until", now + 3_600_000, read=int))
    assert take(any_store, "w2#b") > first
    assert take(any_store, "w1#a") == 0


def test_a_restarted_owner_takes_over_at_once(any_store: Store) -> None:
    first = take(any_store, "w1#a")
    assert take(any_store, "w1#b") > first
    assert take(any_store, "w11#c") == 0
    assert take(any_store, "w1") == 0  # without an incarnation there is no predecessor


def test_a_released_lease_is_free_at_once_and_its_epoch_is_not_given_again(any_store: Store) -> None:
    first = take(any_store, "w1#a")
    assert not any_store.run(leases.release("w", P, "w2#b"))
    assert any_store.run(leases.release("w", P, "w1#a"))
    assert any_store.run(leases.peek("w", P)) == ""
    assert take(any_store, "w2#b") > first


def test_members_know_each_other(any_store: Store) -> None:
    assert any_store.run(leases.join("w", "w2#a", 60_000)) == ["w2#a"]
    assert any_store.run(leases.join("w", "w1#a", 60_000)) == ["w1#a", "w2#a"]
    assert any_store.run(leases.join("w", "w1#b", 60_000)) == ["w1#b", "w2#a"]  # its earlier self is dead
    assert any_store.run(leases.leave("w", "w2#a"))
    assert any_store.run(leases.join("w", "w1#b", 60_000)) == ["w1#b"]
    time.sleep(0.03)
    assert any_store.run(leases.join("w", "w3#a", 20)) == ["w3#a"]
    assert any_store.run(leases.join("s", "s1#a", 60_000)) == ["s1#a"]
