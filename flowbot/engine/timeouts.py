"""A question that nobody answers in time: what its timeouts say, and where they lead."""

from __future__ import annotations

from . import holding, life
from .draft import without
from .live import Live
from .walk import Walk

MAX_SILENT = 20  # timeouts in a row that nobody answered


def due(live: Live, at: int) -> list[tuple[str, int]]:
    """Those of the open step that are due by then, with their times, the earliest first."""
    found = []
    for key, when in live.timers.items():
        name, _, visit = key.rpartition(":")
        if name.startswith("timeout.") and int(visit) == live.visit and when <= at:
            found.append((name, when))
    return sorted(found, key=lambda one: (one[1], int(one[0].partition(".")[2])))


def precede(walk: Walk, at: int) -> bool:
    """An expiry has come, and timeouts of the same moment before it; whether the question is left, or stays open."""
    draft, live = walk.draft, walk.live
    visit, key = live.visit, f"expire:{live.visit}"
    for name, when in due(live, at):
        live.timers = without(live.timers, f"{name}:{visit}")
        fire(walk, name, when)
        if draft.live is not live or live.visit != visit or live.timers.get(key, at) > draft.now:
            return True
    return False


def fire(walk: Walk, name: str, at: int) -> None:
    """One that was due then: held until it may speak, or said and followed."""
    draft, live = walk.draft, walk.live
    number, timeouts = name.partition(".")[2], live.at.timeouts
    if not number.isdigit() or int(number) >= len(timeouts) or holding.timeout(draft, name, at):
        return
    if not walk.count():
        return
    draft.trace("timeout", number)
    live.silent += 1
    if live.silent > MAX_SILENT:
        life.finish(draft, "expire", "expired")
        return
    timeout = timeouts[int(number)]
    if timeout.say:
        walk.attempt(timeout.say)
    if timeout.letter:
        walk.post(timeout.letter, live.visit)
    if timeout.trigger and draft.live is live:
        late = getattr(live.at.main, "late", None)  # of verifications: each leaves a record
        if late is not None:
            late(walk.visit)
        walk.leave(timeout.trigger)
