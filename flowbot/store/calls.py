"""Calls of flows to the outside world: asked for by a commit, taken by the hooks process, answered exactly once.

Who takes one holds it for a lease and renews it while it is under way; of who dies with one it comes back. What is done
twice for that is answered once: the answer's event and the end of the call are one script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NewerRelease, ParseError
from ..model import codec, event, ids
from ..model.event import CallAnswered
from ..model.queued_call import QueuedCall
from . import keys
from .call import Call, Part, as_text, command
from .packing import pack, unpack
from .scripts import fcall
from .sealing import Sealed

LEASE = 6_000  # ms until a call that nobody renews comes back
REMEMBERED = 24 * 3600 * 1000  # ms that an answer from outside is known to have come


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A call that is ours to make now."""

    id: str
    partition: int
    attempt: int  # from 1
    call: QueuedCall | None  # None when the record cannot be read
    newer: bool = False  # because a newer release wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    now: int  # ms UTC by the store's clock
    next_at: int  # ms UTC; -1: nothing waits
    calls: tuple[Ours, ...]


def take(partition: int, *, count: int, lease: int = LEASE, now: int = 0) -> Call[Taken]:
    """Takes calls whose time has come, the oldest first."""
    names = [keys.calls(partition), keys.call_records(partition), keys.call_tries(partition)]
    return fcall("take_calls", names, [count, lease, now], lambda reply: _taken(partition, reply), sealed=True)


def renew(partition: int, ids: Sequence[str], *, lease: int = LEASE, now: int = 0) -> Call[int]:
    """They are still under way: how many of them anybody still waits for."""
    names = [keys.calls(partition), keys.call_tries(partition)]
    return fcall("move_calls", names, [lease, 0, now, *ids], int, repeatable=True)


def put_off(partition: int, id: str, wait: int, *, counts: bool = True, now: int = 0) -> Call[int]:
    """It is tried again after `wait` ms; `counts`: this was an attempt."""
    names = [keys.calls(partition), keys.call_tries(partition)]
    return fcall("move_calls", names, [wait, int(not counts), now, id], int)


def await_answer(call: QueuedCall) -> Call[bool]:
    """It was made, and its answer comes by itself, or not before its time is over; False when nobody waits for it."""
    partition = ids.split(call.id)[1]
    names = [keys.calls(partition), keys.call_records(partition)]
    return fcall(
        "await_call", names, [call.id, Sealed(pack(codec.encode(call))), call.until], bool, repeatable=True, sealed=True
    )


def get(id: str) -> Call[QueuedCall | None]:
    """The call, while it waits; ValueError when that is no id of a call."""
    key = keys.call_records(ids.split(id)[1])
    return command("HGET", key, id, read=_record, repeatable=True, sealed=True)


def was_answered(id: str) -> Call[bool]:
    """Whether an answer from outside has come that is remembered; ValueError when that is no id of a call."""
    return command("EXISTS", keys.call_answered(ids.split(id)[1], id), read=bool, repeatable=True)


def waiting(partition: int) -> Call[int]:
    """How many calls of the partition have no answer yet."""
    return command("ZCARD", keys.calls(partition), read=int, repeatable=True)


def answer(call: QueuedCall, what: CallAnswered, *, remember: int = 0) -> Call[str]:
    """The call is done, and the contact's inbox has its answer: ok; again: it was before; gone: nobody waits.

    A first answer that is to be known from a repeated one is remembered for so many ms.
    """
    partition = ids.split(call.id)[1]
    names = [
        keys.calls(partition),
        keys.call_records(partition),
        keys.call_tries(partition),
        keys.call_answered(partition, call.id),
        keys.inbox(partition, call.channel_key),
        keys.inboxes(partition),
        keys.wake(partition),
    ]
    args: list[Part] = [call.id, call.contact_id, call.channel_key, Sealed(event.to_bytes(what)), remember]
    return fcall("answer_call", names, args, as_text, repeatable=True, sealed=True)


def drop(partition: int, id: str) -> Call[int]:
    """Forget a call whose record cannot be read."""
    return command("ZREM", keys.calls(partition), id, read=int, repeatable=True)


def _ours(partition: int, id: bytes, attempt: bytes, kept: bytes) -> Ours:
    newer, call = False, None
    try:
        call = codec.decode(QueuedCall, unpack(kept))
    except NewerRelease:
        newer = True
    except ParseError:
        pass
    return Ours(id=as_text(id), partition=partition, attempt=int(attempt), call=call, newer=newer)


def _record(kept: bytes | None) -> QueuedCall | None:
    try:
        return codec.decode(QueuedCall, unpack(kept)) if kept else None
    except ParseError:
        return None


def _taken(partition: int, reply: Any) -> Taken:
    now, next_at, taken = reply
    found = [_ours(partition, *one) for one in taken]
    return Taken(now=int(now), next_at=int(next_at), calls=tuple(found))
