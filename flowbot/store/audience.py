"""Recipients of a broadcast whose messages are not queued: who is forgotten leaves only an id among them, and so do
all when it is cancelled.
"""

from __future__ import annotations

from typing import Any

import orjson

from . import keys
from .call import Call, command
from .scripts import fcall
from .sealing import Ring, Sealed


def chunk(id: str, number: int) -> Call[bytes | None]:
    """As it lies there."""
    return command("LINDEX", keys.broadcast(id, "rows"), number, read=lambda reply: reply, repeatable=True)


def without(kept: bytes, contact: str, ring: Ring) -> bytes | None:
    """The chunk with nothing but the contact's id of the contact; None when nothing else of it is there.

    >>> without(b'[["c1","573001112233",{"name":"Ana"},{}],["c2","1",{},{}]]', "c1", Ring())
    b'[["c1"],["c2","1",{},{}]]'
    """
    rows: list[list[Any]] = orjson.loads(ring.open(kept))
    bare = [[contact] if row[0] == contact else row for row in rows]
    return orjson.dumps(bare) if bare != rows else None


def bare(kept: bytes, ring: Ring) -> bytes:
    """The chunk with nothing but the contacts' ids.

    >>> bare(b'[["c1","573001112233",{"name":"Ana"},{}],["c2"]]', Ring())
    b'[["c1"],["c2"]]'
    """
    return orjson.dumps([[row[0]] for row in orjson.loads(ring.open(kept))])


def swap(id: str, number: int, kept: bytes, bare: bytes) -> Call[bool]:
    """Whether it was as it was; else look again."""
    where = [keys.broadcast(id), keys.broadcast(id, "rows")]
    return fcall("swap_chunk", where, [number, kept, Sealed(bare)], bool, repeatable=True, sealed=True)
