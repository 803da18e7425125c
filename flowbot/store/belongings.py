"""What a contact has in its partition under names that do not tell so: messages, records of processes, hooks' bodies.

No index says whose they are: a contact is forgotten or exported so rarely that nobody else should pay for it. They are
looked for, some hundred keys at a time, in the whole of the node that has the partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ..errors import ParseError
from ..model import codec
from ..model.hook import Hook
from . import keys
from .call import Call, command
from .packing import unpack

MANY = 1000  # keys in one look
FOUND = ("m", "pr", "hk")  # whose they are is told by what is in them
NAMED = ("f", "pl", "od", "code", "doubt", "un", "s")  # by their second part


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """One key, and whose it is."""

    key: str
    kind: str  # m a message, pr a process, hk a hook
    contact: str
    at: int  # ms UTC when it was made; 0: not known
    record: Any = None  # of pr and hk


def scan(partition: int, cursor: str = "0") -> Call[tuple[str, list[str]]]:
    """Some of the partition's keys, and the cursor for more; "0" at the end."""
    parts = ("SCAN", cursor, "MATCH", f"{keys.tag(partition)}*", "COUNT", MANY)
    return Call(parts=parts, slot=keys.timers(partition), read=_scanned, repeatable=True)


def looks(names: Iterable[str]) -> list[Call[Belonging | None]]:
    """For those keys that do not tell whose they are."""
    return [_look(name, _kind(name)) for name in names if _kind(name) in FOUND]


def named(names: Iterable[str], contact: str, channels: Sequence[str]) -> list[str]:
    """Those whose name says that they are the contact's; its sessions only on other channels than these.

    >>> named(["{p1}f:c1:acme/main", "{p1}s:c1:acme/main", "{p1}s:c1:acme/old", "{p1}c:c1"], "c1", ["acme/main"])
    ['{p1}f:c1:acme/main', '{p1}s:c1:acme/old']
    """
    found = []
    for name in names:
        kind, _, rest = name.partition("}")[2].partition(":")
        whose, _, where = rest.partition(":")
        if kind in NAMED and whose == contact and not (kind == "s" and where in channels):
            found.append(name)
    return found


def drop(names: Sequence[str]) -> Call[int]:
    """Of one partition."""
    return command("UNLINK", *names, read=int, repeatable=True)


def _kind(name: str) -> str:
    """
    >>> _kind("{p7}pr:pr_7_x"), _kind("{p7}calls:record")
    ('pr', 'calls')
    """
    return name.partition("}")[2].partition(":")[0]


def _look(name: str, kind: str) -> Call[Belonging | None]:
    def message(reply: list[bytes | None]) -> Belonging | None:
        contact, at = reply
        return Belonging(key=name, kind=kind, contact=contact.decode(), at=int(at or 0)) if contact else None

    def process(reply: bytes | None) -> Belonging | None:
        try:
            record = orjson.loads(unpack(reply)) if reply else None
        except ParseError:
            return None  # sealed with a key that is not set here
        if record is None:
            return None
        return Belonging(key=name, kind=kind, contact=record["contact"]["id"], at=_ms(record), record=record)

    def hook(reply: bytes | None) -> Belonging | None:
        try:
            found = codec.decode(Hook, reply) if reply else None
        except ParseError:
            return None
        return Belonging(key=name, kind=kind, contact=found.contact_id, at=found.at, record=found) if found else None

    if kind == "m":
        return command("HMGET", name, "contact", "at", read=message, repeatable=True)
    return command("GET", name, read=process if kind == "pr" else hook, repeatable=True, sealed=True)


def _ms(record: Any) -> int:
    began = record.get("started_at")
    return round(datetime.fromisoformat(began).timestamp() * 1000) if began else 0


def _scanned(reply: Any) -> tuple[str, list[str]]:
    return reply[0].decode(), [one.decode("utf-8", "replace") for one in reply[1]]
