"""Broadcasts: what was asked for, and the recipients in chunks, with a cursor behind those that are queued.

The recipients' numbers lie here, sealed, only until their messages are in the outbox: then a chunk holds contacts' ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..model import codec
from ..model.broadcast import Broadcast, Recipient
from . import keys
from .call import Call, Part, as_text, command
from .scripts import fcall
from .sealing import Sealed

CHUNK = 500  # recipients
KEPT = 62 * 24 * 3600 * 1000  # ms after the last change
UPLOAD = 3600 * 1000  # ms that an audience is kept which nobody goes on with


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A broadcast as the store has it."""

    broadcast: Broadcast
    state: str
    total: int = 0  # recipients, each counted once
    chunks: int = 0
    cursor: int = 0  # chunks whose messages are queued
    edited: int = 0  # and chunks whose contacts have been told what the audience says of them
    duplicates: int = 0
    started_at: int = 0  # ms UTC
    told: str = ""  # the state that all partitions have heard of
    print: str = ""  # of the audience as it was streamed


def make(broadcast: Broadcast) -> Call[int]:
    """A draft; nothing when it is there already."""
    where = [keys.broadcast(broadcast.id)]
    args: list[Part] = [codec.encode(broadcast), KEPT]
    return fcall("make_broadcast", where, args, read=int, repeatable=True)


def list_it(broadcast: Broadcast) -> Call[int]:
    """Into the account's list; before it, nobody sees it there."""
    key = keys.account(broadcast.account, "broadcasts")
    return command("ZADD", key, "NX", broadcast.created_at, broadcast.id, read=int, repeatable=True)


def unlist(account: str, before: int) -> Call[int]:
    """Those made before (ms UTC) are no longer kept, and no longer listed."""
    key = keys.account(account, "broadcasts")
    return command("ZREMRANGEBYSCORE", key, "-inf", f"({before}", read=int, repeatable=True)


def listed(account: str, *, below: int, count: int) -> Call[list[tuple[str, int]]]:
    """The newest ones made before `below` (ms UTC) or then, with their times."""
    key = keys.account(account, "broadcasts")
    parts = ("ZREVRANGEBYSCORE", key, below, "-inf", "WITHSCORES", "LIMIT", 0, count)
    return command(*parts, read=_scored, repeatable=True)


def get(id: str) -> Call[Kept | None]:
    return command("HGETALL", keys.broadcast(id), read=_kept, repeatable=True)


def state(id: str) -> Call[str]:
    """As it was ordered; "" when there is no such."""
    return command("HGET", keys.broadcast(id), "state", read=lambda reply: as_text(reply or b""), repeatable=True)


def seen(id: str, upload: str, contacts: Sequence[str]) -> Call[list[bool]]:
    """Which of these contacts the upload has had before; from now on it has had all."""
    key = keys.broadcast(id, f"seen:{upload}")
    # Not repeatable: after a lost reply all would be duplicates.
    return fcall("note_recipients", [key], [UPLOAD, *contacts], read=lambda reply: [one == 0 for one in reply])


def append(id: str, upload: str, recipients: Sequence[Recipient]) -> Call[int]:
    """A chunk of an upload."""
    rows = [_row(one) for one in recipients]
    key = keys.broadcast(id, f"rows:{upload}")
    return fcall("append_recipients", [key], [Sealed(orjson.dumps(rows)), UPLOAD], read=int, sealed=True)


def accept(id: str, upload: str, *, total: int, duplicates: int, print_: str = "", now: int = 0) -> Call[str]:
    """The upload becomes the draft's audience, and the broadcast runs; the state it was in: `draft`, or nothing was
    changed. "" when there is no such.
    """
    where = [
        keys.broadcast(id),
        keys.broadcast(id, "rows"),
        keys.broadcast(id, f"rows:{upload}"),
        keys.broadcast(id, f"seen:{upload}"),
    ]
    return fcall("accept_audience", where, [total, duplicates, now, KEPT, print_], read=as_text)


def discard(id: str, upload: str) -> Call[int]:
    names = [keys.broadcast(id, f"rows:{upload}"), keys.broadcast(id, f"seen:{upload}")]
    return command("UNLINK", *names, read=int, repeatable=True)


def chunk(id: str, number: int) -> Call[list[Recipient]]:
    """The recipients of a chunk; of one that was edited, their contacts' ids."""
    return command("LINDEX", keys.broadcast(id, "rows"), number, read=read, repeatable=True, sealed=True)


def advance(id: str, number: int, kept: bytes, left: Sequence[Recipient]) -> Call[int]:
    """The chunk's messages are queued: the cursor passes it, and of a recipient the id stays, and what its record is
    still to be told. 0 when the chunk is no longer as it was read: then look again.
    """
    rows = [_row(one) if one.fields or one.sought else [one.contact_id] for one in left]
    more = any(len(row) > 1 for row in rows)
    where = [keys.broadcast(id), keys.broadcast(id, "rows")]
    body = orjson.dumps(rows)
    args: list[Part] = [number, kept, Sealed(body) if more else body, int(more)]
    return fcall("advance_broadcast", where, args, read=int, repeatable=True, sealed=True)


def edited(id: str, number: int, recipients: Sequence[Recipient]) -> Call[int]:
    """The chunk's contacts have been told: of the recipients only the ids stay."""
    bare = orjson.dumps([[one.contact_id] for one in recipients])
    where = [keys.broadcast(id), keys.broadcast(id, "rows")]
    return fcall("edited_broadcast", where, [number, bare], read=int, repeatable=True)


def turn(id: str, state: str, *, before: Sequence[str]) -> Call[str]:
    """Another state, if it is in one of `before`; the state it was in, "" when there is no such."""
    return fcall("turn_broadcast", [keys.broadcast(id)], [state, *before], read=as_text)


def told(id: str, state: str) -> Call[int]:
    """All partitions have heard of the state."""
    return command("HSET", keys.broadcast(id), "told", state, read=int, repeatable=True)


def lease(id: str, owner: str, ms: int, what: str = "lease") -> Call[int]:
    """The right to carry it on; 0 when another process has it. For efficiency: two would queue the same messages.
    `what`: `edits`, to do those.
    """
    return fcall("take_lease", [keys.broadcast(id, what)], [owner, ms], read=int, repeatable=True)


def active() -> Call[list[str]]:
    """Those that something is still to be done for."""
    return command("SMEMBERS", keys.BROADCASTS, read=lambda reply: sorted(map(as_text, reply)), repeatable=True)


def activate(id: str) -> Call[int]:
    return command("SADD", keys.BROADCASTS, id, read=int, repeatable=True)


def deactivate(id: str) -> Call[int]:
    return command("SREM", keys.BROADCASTS, id, read=int, repeatable=True)


def _scored(reply: Any) -> list[tuple[str, int]]:
    return [(as_text(id), int(float(at))) for id, at in zip(reply[::2], reply[1::2], strict=True)]


def _kept(reply: Any) -> Kept | None:
    found = {as_text(name): value for name, value in zip(reply[::2], reply[1::2], strict=True)}
    if not found:
        return None
    numbers = {name: int(found.get(name, 0)) for name in ("total", "chunks", "cursor", "duplicates", "started_at")}
    return Kept(
        broadcast=codec.decode(Broadcast, found["record"]),
        state=as_text(found["state"]),
        told=as_text(found.get("told", b"")),
        print=as_text(found.get("print", b"")),
        edited=int(found.get("edited", numbers["cursor"])),  # an older release did both at once
        **numbers,
    )


def read(chunk: bytes | None) -> list[Recipient]:
    """The recipients of a chunk that lies open."""
    return [_recipient(*row) for row in orjson.loads(chunk)] if chunk is not None else []


def _row(one: Recipient) -> list[Any]:
    return [one.contact_id, one.to, dict(one.params), dict(one.fields), *([one.sought] if one.sought else [])]


def _recipient(id: str, to: str = "", params: Any = None, fields: Any = None, sought: int = 0) -> Recipient:
    return Recipient(contact_id=id, to=to, params=params or {}, fields=fields or {}, sought=sought)
