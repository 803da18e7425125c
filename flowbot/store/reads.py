"""Messages that were processed and whose provider wants to hear of it: best effort, for an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import keys
from .call import Call
from .scripts import fcall

KEPT = 3_600_000  # ms
MOST = 1000  # of a partition
MANY = 64  # at once


@dataclass(frozen=True, slots=True)
class Read:
    """One message: where it came in, the provider's id for it, and who sent it."""

    channel_key: str
    provider_id: str
    to: str


def push(partition: int, found: Sequence[Read]) -> Call[int]:
    """Notes them; how many wait now."""
    notes = ["\x1f".join((one.channel_key, one.provider_id, one.to)) for one in found]
    where = [keys.reads(partition), keys.wake(partition, "out")]
    return fcall("push_reads", where, [KEPT, MOST, *notes], int)


def take(partition: int, count: int = MANY) -> Call[list[Read]]:
    """Takes the oldest: whoever takes them is the one to tell."""
    key = keys.reads(partition)
    return Call(parts=("LPOP", key, count), slot=key, read=_reads)


def _reads(reply: Any) -> list[Read]:
    return [Read(*note.decode().split("\x1f")) for note in reply or ()]
