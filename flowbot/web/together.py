"""Requests that reach the store at the same time share a round trip.

The first goes at once. Who comes while it is on its way waits, and goes with all the others that came meanwhile: an
idle web gains nothing and loses nothing, a busy one pays for a store's answer once instead of thirty times.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ..errors import StoreError, StoreUnavailable
from ..store.call import Call
from ..store.client import Store

MOST = 512  # calls in one go


class Together:
    """A store's `run_all`, safe for any number of threads or greenlets at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._away = False  # somebody is under way to the store

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any | StoreError]:
        """All values in order, each call's error in its place."""
        ticket = _Ticket(calls)
        with self._guard:
            self._waiting.append(ticket)
            leads = not self._away
            self._away = True
        if not leads:
            ticket.wait()
        if ticket.results is None:  # it is our turn to go, for ourselves and for whoever waits
            self._go()
        assert ticket.results is not None
        return ticket.results

    def _go(self) -> None:
        group = self._group()
        try:
            results = self._store.run_all([call for ticket in group for call in ticket.calls])
        except BaseException:
            results = [StoreUnavailable("the round trip was broken off")] * sum(len(ticket.calls) for ticket in group)
            raise
        finally:
            at = 0
            for ticket in group:
                ticket.results = results[at : at + len(ticket.calls)]
                at += len(ticket.calls)
            self._hand_over()
            for ticket in group[1:]:
                ticket.wake()

    def _group(self) -> list[_Ticket]:
        """The first in the queue, which is our own, and as many more as go in one trip."""
        with self._guard:
            size = taken = 0
            for ticket in self._waiting:
                size += len(ticket.calls)
                if taken and size > MOST:
                    break
                taken += 1
            group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return group

    def _hand_over(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting[0].wake()
            else:
                self._away = False


class _Ticket:
    """One caller's calls, and the bell that wakes it."""

    __slots__ = ("_bell", "calls", "results")

    def __init__(self, calls: Sequence[Call[Any]]) -> None:
        self.calls = calls
        self.results: list[Any | StoreError] | None = None
        self._bell = threading.Lock()
        self._bell.acquire()

    def wait(self) -> None:
        self._bell.acquire()

    def wake(self) -> None:
        self._bell.release()
