"""What happened to a contact, newest kept: messages in and out, traces, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..model import codec
from . import keys
from .call import Call, command
from .sealing import MARK

SHUT = b'{"sealed":true}'  # stands for what is sealed with a key that is not set here
KEPT = 400  # turns at most: the stream is cut at about 200


@dataclass(frozen=True, slots=True)
class Entry:
    id: str  # the turn's, and the place in it; by it `after` goes on
    kind: str  # in, out, trace, note
    body: bytes  # JSON

    @property
    def at(self) -> int:
        """When it was committed, ms UTC by the store's clock."""
        return int(self.id.partition("-")[0])


def written(records: Sequence[tuple[str, Any]]) -> tuple[str, bytes]:
    """What a turn recorded as it is kept: its kinds, and one JSON.

    >>> written([("in", {"at": 1}), ("out", {"at": 2})])
    ('in,out', b'[{"at":1},{"at":2}]')
    >>> written([("note", {"at": 1})])
    ('note', b'{"at":1}')
    """
    if len(records) == 1:
        return records[0][0], codec.dump(records[0][1])
    return ",".join([kind for kind, _ in records]), codec.dump([record for _, record in records])


def apart(kinds: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Each record of it again, with its kind; SHUT for what is sealed.

    >>> list(apart("in,out", b'[{"at":1},{"at":2}]'))
    [('in', b'{"at":1}'), ('out', b'{"at":2}')]
    """
    if body.startswith(MARK):
        yield from ((kind, SHUT) for kind in kinds.split(","))
    elif "," in kinds:
        yield from zip(kinds.split(","), map(orjson.dumps, orjson.loads(body)), strict=True)
    else:
        yield kinds, body


def read(partition: int, contact_id: str, after: str = "", count: int = 100) -> Call[list[Entry]]:
    """The entries of `count` turns in order, behind the id `after`; from the oldest kept one when it is empty."""
    start = f"({after.partition('.')[0]}" if after else "-"
    where = keys.history(partition, contact_id)
    return command("XRANGE", where, start, "+", "COUNT", count, read=_entries, repeatable=True, sealed=True)


def latest(partition: int, contact_id: str, count: int = 100) -> Call[list[Entry]]:
    """The entries of the newest `count` turns, in order."""
    where = keys.history(partition, contact_id)
    return command("XREVRANGE", where, "+", "-", "COUNT", count, read=_backwards, repeatable=True, sealed=True)


def _entries(reply: Any) -> list[Entry]:
    return [
        Entry(f"{turn.decode()}.{place}", kind, body)
        for turn, fields in reply
        for place, (kind, body) in enumerate(_records(fields))
    ]


def _records(fields: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Of one turn, in order. At first each record had two fields, k and b; then one of its own."""
    pairs = (
        zip(fields[1::4], fields[3::4], strict=True)
        if fields[0] == b"k"
        else zip(fields[::2], fields[1::2], strict=True)
    )
    for kinds, body in pairs:
        yield from apart(kinds.decode(), body)


def _backwards(reply: Any) -> list[Entry]:
    return _entries(reply[::-1])
