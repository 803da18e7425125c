"""Timers of sessions: kept by the commit, moved to the inbox when due, once each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import Fenced
from . import keys
from .call import Call, command
from .scripts import fcall


def member(contact_id: str, channel_key: str, name: str, visit: int) -> str:
    """What a timer is known by: setting it again moves it.

    >>> member("c1", "acme/main", "timeout.0", 7)
    'c1|acme/main|timeout.0|7'
    """
    return f"{contact_id}|{channel_key}|{name}|{visit}"


def parts_of(timer: str) -> tuple[str, str, str, int]:
    """Contact, channel, name and visit again.

    >>> parts_of("c1|acme/main|timeout.0|7")
    ('c1', 'acme/main', 'timeout.0', 7)
    """
    contact_id, channel_key, rest = timer.split("|", 2)
    name, _, visit = rest.rpartition("|")
    return contact_id, channel_key, name, int(visit)


def fire(partition: int, owner: str, epoch: int, limit: int) -> Call[int]:
    """Move due timers to the inbox, the earliest first, at most `limit`: how many; Fenced without the lease."""
    where = [keys.lease("w", partition), keys.inboxes(partition), keys.timers(partition)]
    return fcall("fire_timers", where, [owner, epoch, limit], _fired, repeatable=True)


def next(partition: int) -> Call[int | None]:
    """When the partition's earliest timer is due, ms UTC; None when there is none."""
    return command("ZRANGE", keys.timers(partition), 0, 0, "WITHSCORES", read=_first, repeatable=True)


def shift(partition: int, by: int, timers: Iterable[str]) -> Call[int]:
    """Bring timers nearer by `by` ms, for clocks that are simulated: how many there were."""
    return fcall("shift_timers", [keys.timers(partition), keys.wake(partition)], [by, *timers], int)


def of_contact(partition: int, contact_id: str) -> Call[dict[str, int]]:
    """A contact's timers: member -> due, ms UTC. For a person who looks: it walks over the whole partition."""
    match = ("MATCH", f"{contact_id}|*", "COUNT", 1_000_000)
    return command("ZSCAN", keys.timers(partition), 0, *match, read=_scanned, repeatable=True)


def _fired(reply: Any) -> int:
    if reply == b"fenced":
        raise Fenced
    return int(reply)


def _first(reply: list[bytes]) -> int | None:
    return int(float(reply[1])) if reply else None


def _scanned(reply: Any) -> dict[str, int]:
    found = reply[1]
    return {name.decode(): int(float(at)) for name, at in zip(found[::2], found[1::2], strict=True)}
