"""How often somebody may go through a flow: what a turn has to know of the store before it starts one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The limits that a flow sets; 0 for none. Either days and months have theirs, or there is one for good."""

    per_day: int = 0
    per_month: int = 0
    ever: int = 0
    say: str = ""  # the entry that is said when one of them is used up


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One start of such a flow: asks for its place, which it has already when it asks again."""

    counted: str  # hash of what is counted: the account, the flow, and whose attempts they are
    name: str  # the same when the event is applied again
    at: int  # ms UTC
    day: int  # ms UTC when the day began there
    month: int
    limits: Attempts
