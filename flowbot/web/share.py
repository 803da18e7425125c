"""How much of one account may wait: past that its calls are refused, so that its flood stays its own.

A web process counts what it lets in, and asks the store how much of the account waits only now and then: after so much
has come in that the share may be used up, or, while it is, once a second. So a refusal costs nothing but the answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import AccountBusy, StoreError
from ..store import inbox
from ..store.client import Store

PAUSE = 1.0  # seconds between two looks at an account that is full
STEPS = 100  # looks at least as often as a part of the share has come in: other processes let in as much
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Seen:
    """What is known of an account."""

    waiting: int = 0  # at the last look
    since: int = 0  # events let in since then
    full: bool = False
    again: float = 0.0  # monotonic seconds: when to look again, while it is full


class Shares:
    def __init__(self, store: Store, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._most = most  # events of one account
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    def admit(self, account: str, count: int = 1) -> None:
        """Lets so many events in; AccountBusy when the account has its share waiting already."""
        seen = self._seen.setdefault(account, _Seen(since=self._most))
        if seen.full:
            if self._clock() < seen.again:
                raise AccountBusy
            self._look(account, seen)
        elif seen.since * STEPS >= self._most or seen.waiting + seen.since >= self._most:
            self._look(account, seen)
        if seen.full:
            raise AccountBusy
        seen.since += count

    def _look(self, account: str, seen: _Seen) -> None:
        """Count what waits in all partitions. A store that does not answer is told to the caller by the push."""
        seen.again = self._clock() + PAUSE  # whoever comes while we look need not look too
        since, seen.since = seen.since, 0
        found = self._store.run_all([inbox.waiting(one, account) for one in range(self._store.partitions)])
        if any(isinstance(one, StoreError) for one in found):
            seen.since += since
            return
        seen.waiting = sum(one for one in found if isinstance(one, int))
        was, seen.full = seen.full, seen.waiting >= self._most
        if seen.full or was:
            word = "account.full" if seen.full else "account.free"
            logger.warning(word, extra={"account": account, "count": seen.waiting, "limit": self._most})
