"""Processes that wait beside the open one: a contact has one open process and any number of parked ones."""

from __future__ import annotations

from typing import Protocol

from ..errors import NotFound
from ..model.duration import MINUTE
from ..model.session import Process
from . import life, loops
from .draft import Draft
from .flow import Flow
from .live import Live

MOST = 50  # parked at a time: a flow that is started again and again must not fill the session
REAL = 10 * MINUTE  # a shorter wait does not forgive the loop guard


class Flows(Protocol):
    def flow(self, id: str, version: str = "") -> Flow: ...


def park(draft: Draft) -> None:
    """The open process steps aside, the newest of the parked."""
    live = draft.live
    assert live is not None
    life.turn(live, "park")
    live.parked_at = draft.now
    live.began -= draft.visits  # kept as a distance: other processes count visits too
    draft.trace("parked")
    draft.parked = (*draft.parked, live.frozen())
    draft.live = None


def take(draft: Draft, live: Live) -> Live:
    """Make a parked process the open one."""
    draft.parked = tuple(one for one in draft.parked if one.visit != live.visit)
    life.turn(live, "resume")
    if draft.now - live.parked_at >= REAL:
        live.turns, live.began = 0, draft.visits
        loops.forgive(live)
    else:
        live.began += draft.visits
    live.parked_at, live.silent = 0, 0
    draft.live = live
    return live


def keep(draft: Draft, live: Live) -> None:
    """The parked process with what changed of it, in its place."""
    process = live.frozen()
    draft.parked = tuple(process if one.visit == live.visit else one for one in draft.parked)


def lives(draft: Draft, flows: Flows) -> list[Live]:
    """The parked processes whose flows there are, newest first; those that only are invited hear nothing."""
    found = []
    for process in reversed(draft.parked):
        if process.state == "invited":
            continue
        try:
            found.append(live_of(process, flows))
        except NotFound:
            continue
    return found


def live_of(process: Process, flows: Flows, under: tuple[Live, ...] = ()) -> Live:
    """With those above it, the topmost of them below `under`; NotFound when a version of a flow is gone."""
    above = under
    if process.parent is not None:
        parent = live_of(process.parent, flows, under)
        above = (parent, *parent.above)
    return Live.of(process, flows.flow(process.flow, process.flow_version), above)


def crowd_out(draft: Draft, flows: Flows) -> None:
    """The oldest of too many ends as superseded."""
    while len(draft.parked) > MOST:
        oldest, *rest = draft.parked
        draft.parked = tuple(rest)
        open_one = draft.live
        try:
            draft.live = live_of(oldest, flows)
            life.finish(draft, "fail", "superseded", whole=True)
        except NotFound:
            pass
        draft.live = open_one
