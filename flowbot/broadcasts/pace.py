"""Work that nobody waits for is done in short bursts, with rests between: replies need the same cores and store.

A burst ends where it may, soon after a millisecond. The rest is in proportion to the time that the burst took,
not to its own work: on a machine that is busy with others it takes longer, and so leaves them more.
"""

from __future__ import annotations

import time
from collections.abc import Callable

BURST = 0.001  # seconds; a rest takes a millisecond at least, as timers go


class Pace:
    """When to rest, and how long.

    >>> clock = iter([0.0, 0.0004, 0.003, 0.005]).__next__
    >>> pace = Pace(rest=0.5, clock=clock)
    >>> [pace.due(), pace.due(), pace.begin()]
    [0.0, 0.0015, None]
    """

    def __init__(self, rest: float, burst: float = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest, self._burst = rest, burst  # seconds for each second of work; seconds of work at least
        self._clock = clock
        self._began = clock()

    def leave(self, rest: float, burst: float = BURST) -> None:
        """From now on so many seconds of rest for each second of work, after bursts of this length."""
        self._rest, self._burst = rest, burst

    def begin(self) -> None:
        """A burst begins now: the rest is over."""
        self._began = self._clock()

    def due(self) -> float:
        """Seconds to rest now; 0 while the burst is a short one."""
        worked = self._clock() - self._began
        return self._rest * worked if worked >= self._burst else 0.0
