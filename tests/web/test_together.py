"""Many callers at once: each gets its own answers, and they share their trips."""

from __future__ import annotations

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
