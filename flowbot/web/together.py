"""Requests that reach the store at the same time share a round trip.

The first goes at once. Who comes while it is on its way waits, and goes with all the others that came meanwhile: an
idle web gains nothing and loses nothing, a busy one pays for a store's answer once instead of thirty times.

Whoever is taken away in the middle, a greenlet killed while it goes or waits, leaves the way free for the others.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ..errors import StoreError, StoreUnavailable
from ..store.call import Call
from ..store.client import Store

MOST = 512  # calls in one go
PATIENCE = 20.0  # seconds in the queue: a store that answers at all has done so by then


class Together:
    """A store's `run_all`, safe for any number of threads or greenlets at once."""

    def __init__(self, store: Store, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience
        # held for a few steps that never wait: neither a greenlet's switch nor its death falls between them
        self._guard = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._leader: _Ticket | None = None  # whose turn it is to go to the store

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any | StoreError]:
        """All values in order, each call's error in its place."""
        ticket = _Ticket(calls)
        try:
            self._enter(ticket)
            if ticket.results is None and self._leader is ticket:
                self._go(ticket)
        finally:
            self._leave(ticket)
        if ticket.results is None:
            return [StoreUnavailable("the store was too slow for all who waited")] * len(calls)
        return ticket.results

    def _enter(self, ticket: _Ticket) -> None:
        """Returns when the ticket is served, may go itself, or has waited too long."""
        with self._guard:
            if self._leader is None:
                self._leader = ticket
                return
            self._waiting.append(ticket)
        ticket.bell.wait(self._patience)

    def _go(self, ticket: _Ticket) -> None:
        group = self._group(ticket)
        results: list[Any | StoreError] = [StoreUnavailable("the round trip was broken off")]
        results *= sum(len(one.calls) for one in group)
        try:
            results = self._store.run_all([call for one in group for call in one.calls])
        finally:
            at = 0
            for one in group:
                one.results = results[at : at + len(one.calls)]
                at += len(one.calls)
                one.bell.set()

    def _group(self, ticket: _Ticket) -> list[_Ticket]:
        """The one whose turn it is, and as many of those who wait as go in one trip."""
        with self._guard:
            size, taken = len(ticket.calls), 0
            for one in self._waiting:
                size += len(one.calls)
                if size > MOST:
                    break
                taken += 1
            group, self._waiting = [ticket, *self._waiting[:taken]], self._waiting[taken:]
        return group

    def _leave(self, ticket: _Ticket) -> None:
        """Out of the queue; and when it was this one's turn, it is the next one's."""
        with self._guard:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            if self._leader is ticket:
                self._leader = self._waiting.pop(0) if self._waiting else None
                if self._leader:
                    self._leader.bell.set()


class _Ticket:
    """One caller's calls, and the bell that wakes it."""

    __slots__ = ("bell", "calls", "results")

    def __init__(self, calls: Sequence[Call[Any]]) -> None:
        self.calls = calls
        self.results: list[Any | StoreError] | None = None
        self.bell = threading.Event()
