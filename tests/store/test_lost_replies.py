"""A reply that does not come says nothing about what happened: what is sent again must do no harm."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from flowbot.errors import StoreUnavailable
from flowbot.store import history, inbox, keys, turns
from flowbot.store.call import as_is, command
from flowbot.store.client import Store, connect
from flowbot.store.embedded import Embedded
from tests.store.acting import CONTACT, PARTITION, Acting
from tests.store.relay import Relay


@pytest.fixture
def relay(valkey: Embedded, store: Store) -> Iterator[Relay]:
    with Relay(valkey.socket) as running:
        yield running


@pytest.fixture
def far(relay: Relay) -> Iterator[Store]:
    with contextlib.closing(connect(f"redis://127.0.0.1:{relay.port}", timeout=2)) as connected:
        yield connected


def test_a_commit_whose_reply_was_lost_is_applied_once(relay: Relay, far: Store) -> None:
    worker = Acting(far)
    worker.push()
    commit = turns.commit(worker.commit_of(worker.take().entries[0], history=(("in", b"{}"),), counters={"turns": 1}))
    relay.lose = 1
    assert far.run(commit) == "gone"
    assert relay.lost == 1
    assert worker.raw("HGET", keys.counters(PARTITION), "turns") == b"1"
    assert len(far.run(history.read(PARTITION, CONTACT))) == 1


def test_a_push_whose_reply_was_lost_is_stored_once(relay: Relay, far: Store) -> None:
    worker = Acting(far)
    relay.lose = 1
    assert not worker.push("once")  # the second try finds the first
    assert len(worker.take().entries) == 1


def test_a_batch_whose_replies_were_lost_is_applied_once(relay: Relay, far: Store) -> None:
    worker = Acting(far)
    for number in range(10):
        worker.push(str(number))
    commits = [turns.commit(worker.commit_of(entry, at)) for at, entry in enumerate(worker.take(20).entries)]
    relay.lose = 1
    assert set(far.run_all(commits)) == {"gone"}
    assert far.run(inbox.peek(PARTITION)).waiting == 0


def test_what_may_not_be_repeated_is_not(relay: Relay, far: Store, store: Store) -> None:
    append = command("RPUSH", "{p1}list", "x", read=as_is)
    relay.lose = 1
    with pytest.raises(StoreUnavailable):
        far.run(append)
    assert store.run(command("LLEN", "{p1}list", read=as_is)) == 1
    assert far.run(append) == 2  # and the next goes over a new connection


def test_replies_that_are_lost_again_and_again_are_no_endless_loop(relay: Relay, far: Store) -> None:
    worker = Acting(far)
    relay.lose = 10
    with pytest.raises(StoreUnavailable):
        worker.push()
    assert relay.lost == 2


def test_a_server_that_says_nothing_is_given_up(valkey: Embedded, store: Store) -> None:
    with (
        Relay(valkey.socket) as relay,
        contextlib.closing(connect(f"redis://127.0.0.1:{relay.port}", timeout=0.2)) as far,
    ):
        relay.held = True
        with pytest.raises(StoreUnavailable):
            far.run(command("RPUSH", "{p1}list", "x", read=as_is))
        relay.held = False
        assert far.run(command("LLEN", "{p1}list", read=as_is, repeatable=True)) == 1
