"""Starts of a flow that may not be started as often as one likes.

They are counted in the store, which a turn knows nothing of: it stops at a start whose place it was not told, and is
run again with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from ..model import ids
from ..model.attempt import Attempt
from ..model.contact import Contact
from ..model.project import Account
from .draft import Draft
from .flow import Flow
from .schedule.zone import instant, wall
from .timezone import zone

T = TypeVar("T")
REASON = "too_many_attempts"
SIMULATOR = "simulator"


class Unknown(Exception):
    """Whether this start has a place has to be found out first."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.name)
        self.attempt = attempt


def allowed(draft: Draft, flow: Flow, account_id: str, process_id: str = "") -> bool:
    """Whether the flow may be started once more; Unknown until the draft has been told.

    `process_id` is that of a process which was made before, and begins only now.
    """
    if flow.settings.attempts is None:
        return True
    session, at = draft.session, draft.now
    own = process_id or ids.digest(draft.event.id, draft.started)
    name = ids.digest(session.account, session.channel, session.contact_id, own)
    attempt = attempt_of(flow, draft.account, session.channel, draft.contact, account_id, name=name, at=at)
    if attempt.name not in draft.attempts:
        raise Unknown(attempt)
    return draft.attempts[attempt.name]


def attempt_of(
    flow: Flow, account: Account, channel: str, contact: Contact, account_id: str, *, at: int, name: str = ""
) -> Attempt:
    """Counted for the client's own account, else for the contact; simulated contacts share theirs with nobody."""
    limits, found = flow.settings.attempts, account.channels.get(channel)
    assert limits is not None
    simulated = found is not None and found.gateway == SIMULATOR
    who = f"c:{contact.id}" if simulated or not account_id else f"a:{account_id}"
    where = zone(flow.settings.timezone, contact.timezone, account.timezone)
    today = wall(at, where).replace(hour=0, minute=0, second=0, microsecond=0)

    def begun(day: datetime) -> int:
        return instant(day, where)

    return Attempt(
        counted=ids.digest(account.name, flow.id, who),
        name=name,
        at=at,
        day=begun(today),
        month=begun(today.replace(day=1)),
        limits=limits,
    )


def words(flow: Flow) -> str:
    """The entry that is said when no attempt is left."""
    limits = flow.settings.attempts
    return (limits.say if limits else "") or REASON


def has_place(attempt: Attempt, before: Iterable[int]) -> bool:
    """Whether those `before` (ms UTC) leave room for one more: what the store's script decides.

    >>> from flowbot.model.attempt import Attempts
    >>> asked = Attempt(counted="", name="", at=90, day=50, month=10, limits=Attempts(per_day=2, per_month=3))
    >>> has_place(asked, [5, 20, 60]), has_place(asked, [60, 70]), has_place(asked, [20, 30, 60])
    (True, False, False)
    """
    limits, times = attempt.limits, list(before)
    for most, since in ((limits.per_day, attempt.day), (limits.per_month, attempt.month), (limits.ever, 0)):
        if most and sum(at >= since for at in times) >= most:
            return False
    return True


def told(run: Callable[[Mapping[str, bool]], T], take: Callable[[Attempt], bool]) -> T:
    """Run a turn, again for each start whose place it has to be told; `take` finds it out.

    >>> told(lambda known: "done", lambda attempt: True)
    'done'
    """
    known: dict[str, bool] = {}
    while True:
        try:
            return run(known)
        except Unknown as unknown:
            known[unknown.attempt.name] = take(unknown.attempt)
