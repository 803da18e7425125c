"""What a gateway found out: of a channel beside its rate, of a contact in the contact's own partition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import keys
from .call import Call
from .scripts import fcall


@dataclass(frozen=True, slots=True)
class Home:
    """Where a fact lies: with `contact`, among that contact's keys, and one fact at a time."""

    channel_key: str
    partition: int = 0
    contact: str = ""

    def key(self, name: str) -> str:
        if self.contact:
            return keys.contact_fact(self.partition, self.contact, self.channel_key)
        return keys.channel_fact(self.channel_key, name)


@dataclass(frozen=True, slots=True)
class Kept:
    value: str
    ms: int  # that it still holds


def get(home: Home, name: str) -> Call[Kept | None]:
    """What was found out before; None when nothing was, or it is too old."""

    def read(reply: Any) -> Kept | None:
        if not reply:
            return None
        kept, _, value = reply[0].decode().partition("\n")
        return Kept(value, int(reply[1])) if kept == name else None

    return fcall("read_fact", [home.key(name)], [], read=read, repeatable=True)


def forget(home: Home, name: str) -> Call[int]:
    key = home.key(name)
    return Call(parts=("DEL", key), slot=key, read=int, repeatable=True)


def keep(home: Home, name: str, value: str, *, ms: int) -> Call[bool]:
    key = home.key(name)
    return Call(parts=("SET", key, f"{name}\n{value}", "PX", ms), slot=key, read=bool, repeatable=True)
