"""What waits in each queue, and since when: one cheap look at each partition, for metrics and `doctor`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import keys
from .call import Call, as_text
from .scripts import fcall

# queue -> what waits in it
QUEUES = {
    "inbox": "events that no worker has applied",
    "timers": "timers that are due and have not fired",
    "replies": "contacts with a message that may leave now",
    "bulk": "contacts with a broadcast's message that may leave now",
    "retried": "messages that were tried, and that the provider has not taken yet",
    "unanswered": "messages whose time to be answered is over",
    "calls": "calls of flows that are to be made now",
    "hooks": "events that no endpoint was given",
    "set_aside": "contacts whose event failed five times",
    "forgotten": "contacts whose leftovers are to be looked for",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    count: int = 0
    ms: int = 0  # that the oldest has waited


def look(partition: int, *, now: int = 0) -> Call[Mapping[str, Waiting]]:
    """Of one partition, by queue."""
    return fcall("look_backlog", [keys.inboxes(partition)], [now], _look, repeatable=True)


def total(found: Iterable[Mapping[str, Waiting]]) -> dict[str, Waiting]:
    """Of all: how many in all, and how long the very oldest has waited.

    >>> total([{"inbox": Waiting(1, 50)}, {"inbox": Waiting(2, 20)}])["inbox"]
    Waiting(count=3, ms=50)
    """
    out = dict.fromkeys(QUEUES, Waiting())
    for one in found:
        for queue, waiting in one.items():
            before = out.get(queue, Waiting())
            out[queue] = Waiting(before.count + waiting.count, max(before.ms, waiting.ms))
    return out


def _look(reply: Any) -> Mapping[str, Waiting]:
    now, found = reply
    return {
        as_text(queue): Waiting(int(count), max(0, int(now) - int(at)) if int(at) >= 0 else 0)
        for queue, count, at in found
    }
