"""What happens, for who looks on: written only while somebody does, and gone seconds after.

Who looks says so, and again every other second; workers and senders ask now and then whether anybody does. So it costs
nothing while nobody looks, and nothing that was said lies here longer than anybody needs to read it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from . import keys
from .call import Call, as_text, command
from .client import AsyncStore
from .scripts import fcall

KEPT = 10_000  # ms after the last line
LOOKS = 5_000  # ms that a look counts
MOST = 2_000  # lines of a partition
PLAIN, TEXTS = "plain", "texts"


def look(mode: str) -> Call[bool]:
    """Somebody looks on: without what is said, or with the texts."""
    return command("SET", keys.TAIL, mode, "PX", LOOKS, read=bool, repeatable=True)


def mode() -> Call[str]:
    """How they look; "" when nobody does."""
    return command("GET", keys.TAIL, read=as_text, repeatable=True)


def push(partition: int, lines: Sequence[bytes]) -> Call[int]:
    """Lines, in order."""
    return fcall("push_tail", [keys.tail(partition)], [MOST, KEPT, *lines], int)


def read(partition: int, after: str) -> Call[list[tuple[str, bytes]]]:
    """The lines behind an id, and their ids."""
    return command("XRANGE", keys.tail(partition), f"({after}", "+", "COUNT", MOST, read=_lines, repeatable=True)


class Watch:
    """Whether anybody looks, asked at most once a second; for doors that are async."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store
        self._mode, self._until = "", 0.0

    async def mode(self) -> str:
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + 1.0
            (found,) = await self._store.run_all([mode()])
            self._mode = found if isinstance(found, str) else ""
        return self._mode


def _lines(reply: Any) -> list[tuple[str, bytes]]:
    return [(entry.decode(), fields[1]) for entry, fields in reply]
