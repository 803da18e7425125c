"""Many callers at once: each gets its own answers, and they share their trips."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from flowbot.errors import StoreUnavailable
from flowbot.store.call import Call, command
from flowbot.store.client import Store
from flowbot.web.together import MOST, Together


class Counted:
    """A real store that counts its round trips, and can be made to break one off."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.trips: list[int] = []
        self.breaks = False

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        self.trips.append(len(calls))
        if self.breaks:
            raise KeyboardInterrupt
        return self._store.run_all(calls)


def append(name: str, value: str) -> Call[int]:
    return command("RPUSH", f"{{t}}{name}", value, read=int)


def test_everybody_gets_its_own_answers(store: Store) -> None:
    counted = Counted(store)
    together = Together(counted)  # type: ignore[arg-type]
    found: dict[int, list[int]] = {}

    def work(number: int) -> None:
        found[number] = [
            answer
            for _ in range(20)
            for answer in together.run_all([append(str(number), "a"), append(str(number), "b")])
        ]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {number: list(range(1, 41)) for number in range(12)}
    assert sum(counted.trips) == 12 * 20 * 2 and max(counted.trips) <= MOST
    assert together.run_all([append("0", "c")]) == [41]


def test_an_error_is_its_callers_alone(store: Store) -> None:
    together = Together(store)
    store.run(command("SET", "{t}text", "x", read=bool))
    wrong, right = together.run_all([append("text", "a"), append("list", "a")])
    assert isinstance(wrong, Exception) and right == 1


def test_a_trip_that_is_broken_off_holds_nobody_up(store: Store) -> None:
    counted = Counted(store)
    together = Together(counted)  # type: ignore[arg-type]
    counted.breaks = True
    with pytest.raises(KeyboardInterrupt):
        together.run_all([append("x", "a")])
    counted.breaks = False
    assert together.run_all([append("x", "a")]) == [1]


def test_a_store_that_is_gone(gone: Store) -> None:
    answers = Together(gone).run_all([append("x", "a"), append("x", "b")])
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 2


class Stopping:
    """A store whose trips wait until they are let go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.let_go = threading.Event()
        self.trips = 0

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        self.trips += 1
        assert self.let_go.wait(20)
        return self._store.run_all(calls)


def test_who_has_waited_too_long_leaves_the_queue(store: Store) -> None:
    slow = Stopping(store)
    together = Together(slow, patience=0.05)  # type: ignore[arg-type]
    first = threading.Thread(target=together.run_all, args=([append("y", "a")],))
    first.start()
    while not slow.trips:
        first.join(0.01)
    (late,) = together.run_all([append("y", "b")])
    assert isinstance(late, StoreUnavailable)
    slow.let_go.set()
    first.join(20)
    assert together.run_all([append("y", "c")]) == [2], "who left the queue was served all the same"


KILLED = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from flowbot.store.call import command
from flowbot.store.client import connect
from flowbot.web.together import Together

store = connect(sys.argv[1], partitions=8)

class Slow:
    def run_all(self, calls):
        gevent.sleep(0.05)
        return store.run_all(calls)

together = Together(Slow())
ask = lambda: together.run_all([command("RPUSH", "{t}z", "a", read=int)])
for rounds in range(30):
    crowd = [gevent.spawn(ask) for _ in range(6)]
    gevent.sleep(0.01 * (rounds % 12))
    dead = [crowd[rounds % 6], crowd[(rounds * 5 + 1) % 6]]
    gevent.killall(dead)
    gevent.joinall(crowd, timeout=5)
    assert all(one.ready() for one in crowd), f"round {rounds}: somebody waits for ever"
    fine = [one.value[0] for one in crowd if one not in dead]
    assert all(isinstance(value, int) or "broken off" in str(value) for value in fine), fine
assert isinstance(ask()[0], int)
"""


def test_a_greenlet_that_is_killed_holds_nobody_up(store_url: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, store_url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
