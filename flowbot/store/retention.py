"""What is thrown away because it was kept long enough: a bounded piece at a time, each of which may be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import keys
from .call import Call, command
from .scripts import fcall

MANY = 200  # entries of a list in one piece
LEASE = 60_000  # ms that a round is somebody's, unless renewed


def claim(owner: str, ms: int) -> Call[bool]:
    """Whether this round is ours: the others need not look."""
    return command("SET", keys.ROUND, owner, "NX", "PX", ms, read=bool)


def listed(
    partition: int, kind: str, account: str, after: str, until: int, count: int = MANY
) -> Call[list[tuple[str, str]]]:
    """Entry and id of what began before `until`, ms UTC, the oldest first, behind the entry `after`."""
    start, end = f"({after}" if after else "-", max(0, until)
    key = keys.listing(partition, kind, account)
    prefix = "" if kind == "c" else f"{kind}_{partition}_"

    def read(reply: list[Any]) -> list[tuple[str, str]]:
        return [(entry.decode(), prefix + told[1].decode()) for entry, told in reply]

    return command("XRANGE", key, start, end, "COUNT", count, read=read, repeatable=True)


def drop_processes(partition: int, names: Sequence[str]) -> Call[int]:
    return command("UNLINK", *(keys.process(partition, name) for name in names), read=int, repeatable=True)


def trim_history(partition: int, contact_id: str, before: int) -> Call[int]:
    """Forgets the turns before then, ms UTC; how many there were."""
    return fcall("trim_history", [keys.history(partition, contact_id)], [before], int, repeatable=True)
