"""Bodies of providers' calls that could not be read whole: kept for a day, for whoever has to find out why.

A body may hold anything, so it lies in a partition, like all that is about people, and encrypted; its channel has only
the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import ParseError
from ..model import ids
from . import keys
from .call import Call, as_text, command
from .scripts import fcall
from .sealing import MARK, Sealed

KEPT = 24 * 3600 * 1000  # ms
MOST = 100  # of a channel
LONGEST = 256 * 1024  # bytes kept of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A body set aside."""

    at: int  # ms UTC
    channel: str  # account/channel
    why: tuple[str, ...]  # a word for each thing in it that could not be read
    size: int  # bytes, before it was cut
    body: bytes


def name(partitions: int, channel_key: str, body: bytes) -> str:
    """The same id for the same body: what the provider sends again is kept once.

    >>> name(8, "acme/main", b"{}") == name(8, "acme/main", b"{}"), name(8, "acme/main", b"{}")[:3]
    (True, 'qr_')
    """
    marked = ids.digest(channel_key, body.decode("latin-1"))
    return ids.make("qr", ids.partition_of(marked, partitions), marked)


def keep(
    id: str, channel_key: str, why: Sequence[str], body: bytes, *, now: int, kept: int = KEPT
) -> tuple[Call[bool], Call[int]]:
    """Keeps the body for a day, and its id beside its channel."""
    head = orjson.dumps({"at": now, "channel": channel_key, "why": list(why), "size": len(body)})
    key, beside = keys.quarantine(ids.split(id)[1], id), keys.channel(channel_key, "aside")
    record = Sealed(head + b"\n" + body[:LONGEST])
    held = command("SET", key, record, "PX", kept, read=bool, repeatable=True, sealed=True)
    return held, fcall("note_aside", [beside], [id, now, kept, MOST], int, repeatable=True)


def find(id: str) -> Call[Aside | None]:
    key = keys.quarantine(ids.split(id)[1], id)
    return command("GET", key, read=_aside, repeatable=True, sealed=True)


def drop(id: str, channel_key: str) -> tuple[Call[int], Call[int]]:
    """It may be kept no longer."""
    key, beside = keys.quarantine(ids.split(id)[1], id), keys.channel(channel_key, "aside")
    return command("DEL", key, read=int, repeatable=True), command("ZREM", beside, id, read=int, repeatable=True)


def latest(channel_key: str, since: int) -> Call[list[str]]:
    """The ids of the channel's bodies set aside since then (ms UTC), the latest first."""
    key = keys.channel(channel_key, "aside")
    parts = ("ZRANGE", key, "+inf", since, "BYSCORE", "REV")
    return Call(parts=parts, slot=key, read=lambda reply: [as_text(one) for one in reply], repeatable=True)


def _aside(reply: Any) -> Aside | None:
    if not reply:
        return None
    if reply.startswith(MARK):
        raise ParseError("it is sealed with a key that is not set here: see FLOWBOT_SECRET_KEY")
    head, _, body = reply.partition(b"\n")
    known = orjson.loads(head)
    return Aside(at=known["at"], channel=known["channel"], why=tuple(known["why"]), size=known["size"], body=body)
