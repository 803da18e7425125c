"""On which versions of flows a session stands: what a turn changes of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model.quick import quick
from ..model.session import Process, Session, processes


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    counts: Mapping[str, int] = field(default_factory=dict)  # version -> how many processes more or fewer
    onto: tuple[str, ...] = ()  # versions that the session stands on now, and did not before
    off: tuple[str, ...] = ()


STILL = Moved()


def moved(before: Session, after: Session) -> Moved:
    """
    >>> on = lambda version: Session(account="a", channel="m", contact_id="c",
    ...                              process=Process(id="p", flow="f", flow_version=version))
    >>> moved(on("v1"), on("v2"))
    Moved(counts={'v2': 1, 'v1': -1}, onto=('v2',), off=('v1',))
    >>> moved(on("v1"), on("v1")) is STILL
    True
    """
    if before.parked is after.parked and _alone(before.process) == _alone(after.process) != "":
        return STILL
    was, is_ = _versions(before), _versions(after)
    more = {version: is_.count(version) - was.count(version) for version in (*is_, *was)}
    counts = {version: change for version, change in more.items() if change}
    onto = tuple(version for version in more if version not in was)
    return Moved(counts=counts, onto=onto, off=tuple(version for version in more if version not in is_))


def _versions(session: Session) -> list[str]:
    return [process.flow_version for process in processes(session)]


def _alone(process: Process | None) -> str:
    """The version of a process that is no part of another, and has none; "" when there is more to look at."""
    if process is None:
        return "-"
    return process.flow_version if process.parent is None and process.aside is None else ""
