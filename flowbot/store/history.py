"""What happened to a contact, newest kept: messages in and out, traces, notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import keys
from .call import Call, command


@dataclass(frozen=True, slots=True)
class Entry:
    id: str  # by it `after` goes on
    kind: str  # in, out, trace, note
    body: bytes  # JSON

    @property
    def at(self) -> int:
        """When it was committed, ms UTC by the store's clock."""
        return int(self.id.partition("-")[0])


def read(partition: int, contact_id: str, after: str = "", count: int = 100) -> Call[list[Entry]]:
    """Entries in order, those behind the id `after`; from the oldest kept one when it is empty."""
    start = f"({after}" if after else "-"
    where = keys.history(partition, contact_id)
    return command("XRANGE", where, start, "+", "COUNT", count, read=_entries, repeatable=True)


def latest(partition: int, contact_id: str, count: int = 100) -> Call[list[Entry]]:
    """The newest entries, in order."""
    where = keys.history(partition, contact_id)
    return command("XREVRANGE", where, "+", "-", "COUNT", count, read=_backwards, repeatable=True)


def _entries(reply: Any) -> list[Entry]:
    return [Entry(entry_id.decode(), fields[1].decode(), fields[3]) for entry_id, fields in reply]


def _backwards(reply: Any) -> list[Entry]:
    return _entries(reply)[::-1]
