"""What the commits counted, per partition; summed up when somebody asks."""

from __future__ import annotations

from . import keys
from .call import Call, command


def read(partition: int) -> Call[dict[str, int]]:
    """The partition's counters by name."""
    return command("HGETALL", keys.counters(partition), read=read_counts, repeatable=True)


def add(partition: int, name: str, count: int) -> Call[int]:
    """Count what no commit counts: how much there was of what is too frequent."""
    return command("HINCRBY", keys.counters(partition), name, count, read=int)


def read_counts(reply: list[bytes]) -> dict[str, int]:
    return {name.decode(): int(value) for name, value in zip(reply[::2], reply[1::2], strict=True)}
