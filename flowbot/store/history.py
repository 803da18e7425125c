"""What happened to a contact, newest kept: messages in and out, traces, notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
        Entry(f"{turn.decode()}.{place}", kind.decode(), SHUT if body.startswith(MARK) else body)
        for turn, fields in reply
        for place, (kind, body) in enumerate(_records(fields))
    ]


def _records(fields: list[bytes]) -> Iterable[tuple[bytes, bytes]]:
    """Kind and record of each; at first every record had two fields, k and b."""
    if fields[0] == b"k":
        return zip(fields[1::4], fields[3::4], strict=True)
    return zip(fields[::2], fields[1::2], strict=True)


def _backwards(reply: Any) -> list[Entry]:
    return _entries(reply[::-1])
