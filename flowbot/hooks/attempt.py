"""What makes a call is told, and what it says became of it.

It may be run again for the same call, after a crash or when it asks to be: what it does must bear that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model.queued_call import QueuedCall
from .parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One go at a call."""

    call: QueuedCall
    number: int  # from 1; what died without a word counts too
    left: int  # ms until the call's time is over

    @property
    def now(self) -> int:
        """When it was taken, ms UTC by the store's clock."""
        return self.call.until - self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """It is done, well or not: the step goes on with this."""

    outcome: str  # ok, error, expired …
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""  # a stable word


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """It failed in passing: once more after `wait` ms."""

    wait: int
    reason: str = ""
    counts: bool = True  # as an attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """It was made; the answer comes to a door of ours, or not before the call's time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The store has been told already, in the same breath as what was done; or nobody waits any more."""


Outcome = Answered | Again | Awaited | Settled
Maker = Callable[[Parts, Attempt], Awaitable[Outcome]]
