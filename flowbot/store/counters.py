"""What the commits counted, per partition; summed up when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping

from . import keys
from .call import Call, Part, command
from .scripts import fcall


def read(partition: int) -> Call[dict[str, int]]:
    """The partition's counters by name."""
    return command("HGETALL", keys.counters(partition), read=read_counts, repeatable=True)


def get(partition: int, name: str) -> Call[int]:
    """One of them; 0 when nothing of it was counted."""
    return command("HGET", keys.counters(partition), name, read=lambda reply: int(reply or 0), repeatable=True)


def add(partition: int, name: str, count: int) -> Call[int]:
    """Count what no commit counts: how much there was of what is too frequent."""
    return command("HINCRBY", keys.counters(partition), name, count, read=int)


def add_all(key: str, counts: Mapping[str, int]) -> Call[int]:
    """The same of many in one go, in the partition's counters or a funnel."""
    args: list[Part] = [part for one in counts.items() for part in one]
    return fcall("add_counts", [key], args, int)


def read_counts(reply: list[bytes]) -> dict[str, int]:
    return {name.decode(): int(value) for name, value in zip(reply[::2], reply[1::2], strict=True)}
