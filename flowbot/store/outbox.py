"""The outbox: what waits to be sent, what is on its way, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import NewerRelease, ParseError
from ..model import codec, ids
from ..model.outbound import OutboxEntry
from . import keys
from .call import Call, Part, as_text, command
from .scripts import fcall
from .sealing import MARK, Sealed

LANES = ("r", "b")  # replies before bulk
NOTED = 24 * 3600 * 1000  # ms; its turn writes the lasting record


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that is ours to send now."""

    id: str
    partition: int
    attempt: int
    tries: int  # times the provider had trouble with it
    slows: int  # times it was throttled
    drops: int  # times the provider was not reached
    entry: OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    now: int  # ms UTC by the store
    next_at: int  # ms UTC when something of this lane and channel is ready; -1: nothing waits
    claimed: tuple[Claimed, ...]
    ended: tuple[tuple[str, str], ...]  # message, state: expired or suppressed instead
    newer: tuple[tuple[str, int], ...] = ()  # message, attempt: of a newer release, to be put back for its sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An inbox entry that has waited."""

    id: str
    at: int  # ms UTC
    channel: str  # account/channel
    event: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    now: int
    due: tuple[tuple[str, str, int], ...]  # lane, channel, ready at
    deadline: int  # the next one to sweep; -1: none
    late: tuple[Late, ...]


def push(partition: int, entries: Sequence[OutboxEntry], *, now: int = 0, sealed: bool = False) -> Call[int]:
    """Queues messages of one partition's contacts; how many were new. (The turns' own go in with their commit.)"""
    args: list[Part] = [keys.tag(partition), now]
    for entry in entries:
        args += queued_sealed(entry) if sealed else queued(entry)
    return fcall("push_messages", [keys.due(partition)], args, read=int, repeatable=True, sealed=sealed)


def note(message_id: str, channel_key: str, contact_id: str, *, now: int = 0) -> Call[int]:
    """A message that lies in its contact's inbox: a client that asks at once finds it. Nothing when it is further."""
    key = keys.message(ids.split(message_id)[1], message_id)
    return fcall("note_message", [key], [channel_key, contact_id, now, NOTED], read=int, repeatable=True)


def queued(entry: OutboxEntry) -> list[Part]:
    """A message as the scripts take it: id, lane, channel, contact, purpose, policy, expires, body."""
    return [
        entry.id,
        entry.lane,
        f"{entry.account}/{entry.channel}",
        entry.contact_id,
        entry.purpose,
        entry.policy,
        entry.expires_at,
        codec.encode(entry),
    ]


def queued_sealed(entry: OutboxEntry) -> list[Part]:
    """The same with a sealed body; what scripts look at stands in a line before it."""
    *parts, body = queued(entry)
    assert isinstance(body, bytes)
    told: dict[str, Any] = {"topic": entry.topic, "scrub": entry.scrub, "process_id": entry.process_id}
    if entry.outbound.template is not None:
        told["outbound"] = {"template": {"category": entry.outbound.template.category}}
    if entry.unasked:
        told["unasked"] = True
    if entry.waits >= 0:
        told["waits"] = entry.waits
    if entry.tell:
        told["tell"] = entry.tell
    if entry.wakes:
        told["wakes"] = entry.wakes
    return [*parts, Sealed(body, orjson.dumps(told) + b"\n")]


def look(partition: int, *, late_ms: int = 1000, late_count: int = 8, now: int = 0) -> Call[Look]:
    """What waits in a partition: one cheap read, for the poll."""
    names = [keys.due(partition), keys.deadlines(partition), keys.inboxes(partition)]
    return fcall("look_outbox", names, [now, late_ms, late_count], read=_look, repeatable=True, sealed=True)


def claim(
    partition: int,
    lane: str,
    channel_key: str,
    *,
    tokens: int,
    hold: int = 8000,
    pair_interval: int = 6000,
    pair_burst: int = 45,
    waits: int = 0,
    now: int = 0,
) -> Call[Claims]:
    """Takes up to `tokens` messages to send now; each must be recorded within `hold` ms, or it becomes unknown.

    With `waits`, a contact's next message stays until the one before is delivered, at most so many ms; what a message
    says itself goes before that.
    """
    args: list[Part] = [keys.tag(partition), lane, channel_key, tokens, now, hold, pair_interval, pair_burst, waits]
    # Not repeatable: what a lost reply had claimed must run into its deadline.
    return fcall("claim_messages", [keys.due(partition)], args, lambda reply: _claims(partition, reply), sealed=True)


def record(
    message_id: str,
    attempt: int,
    outcome: str,
    *,
    provider_id: str = "",
    code: str = "",
    reason: str = "",
    wait: int = 0,
    counter: str = "",
    pause: str = "",
    now: int = 0,
) -> Call[str]:
    """What became of an attempt: sent, failed, again (after `wait` ms), leave (nobody knows).

    Answers the message's state; "stale" when the attempt is not the present one, "gone" when the record has expired.
    """
    partition = ids.split(message_id)[1]
    args: list[Part] = [keys.tag(partition), message_id, attempt, outcome, now]
    args += [provider_id, code, reason, wait, counter, pause]
    return fcall("record_send", [keys.message(partition, message_id)], args, read=as_text, repeatable=True)


def sweep(
    partition: int,
    *,
    reply_grace: int = 12_000,
    fail_grace: int = 82_000,
    attempts: int = 5,
    limit: int = 100,
    now: int = 0,
) -> Call[list[tuple[str, str]]]:
    """Moves on what got no answer in time; (message, state) of each."""
    args: list[Part] = [keys.tag(partition), now, limit, reply_grace, fail_grace, attempts]
    return fcall("sweep_messages", [keys.deadlines(partition)], args, read=_pairs, repeatable=True)


def read(message_id: str) -> Call[dict[str, str]]:
    """Everything that is known of a message; empty when nothing is. `body` is left out once it was sent.

    `private` is 1 where it lies encrypted, for a sensitive answer may stand in it.
    """
    key = keys.message(ids.split(message_id)[1], message_id)
    return Call(parts=("HGETALL", key), slot=key, read=_message, repeatable=True, sealed=True)


def made_at(message_id: str) -> Call[int]:
    """ms UTC when the message was queued; 0 when nothing is known of it."""
    key = keys.message(ids.split(message_id)[1], message_id)
    return command("HGET", key, "at", read=lambda at: int(at or 0), repeatable=True)


def _look(reply: Any) -> Look:
    now, due, deadline, late = reply
    pairs = []
    for member, at in _twos(due):
        lane, _, channel = as_text(member).partition("|")
        pairs.append((lane, channel, int(float(at))))
    return Look(now=int(now), due=tuple(pairs), deadline=int(deadline), late=tuple(filter(None, map(_late, late))))


def _late(entry: Any) -> Late | None:
    entry_id, fields = as_text(entry[0]), dict(_twos(entry[1]))
    if b"e" not in fields:
        return None
    return Late(id=entry_id, at=int(entry_id.partition("-")[0]), channel=as_text(fields[b"h"]), event=fields[b"e"])


def _claims(partition: int, reply: Any) -> Claims:
    now, next_at, claimed, ended = reply
    found, newer = [], []
    for message, attempt, tries, slows, drops, body in claimed:
        try:
            entry = codec.decode(OutboxEntry, body.rpartition(b"\n")[2])
        except NewerRelease:
            newer.append((as_text(message), int(attempt)))
            continue
        except ParseError:
            continue  # damaged, or sealed with a key that is not set here: it is swept when its time is over
        counts = {"attempt": int(attempt), "tries": int(tries), "slows": int(slows), "drops": int(drops)}
        found.append(Claimed(id=as_text(message), partition=partition, entry=entry, **counts))
    told = tuple(_pairs(ended))
    return Claims(now=int(now), next_at=int(next_at), claimed=tuple(found), ended=told, newer=tuple(newer))


def _pairs(reply: Any) -> list[tuple[str, str]]:
    return [(as_text(first), as_text(second)) for first, second in reply]


def _message(reply: Any) -> dict[str, str]:
    found = dict(reply.items() if isinstance(reply, dict) else _twos(reply))
    body = found.pop(b"body", None)
    if body is not None:
        found[b"body"] = _body(body)
    if body is not None and b"\n" in body:
        found[b"private"] = b"1"
    return {as_text(name): as_text(value) for name, value in found.items()}


def _body(kept: bytes) -> bytes:
    """The message itself; nothing for one that is sealed with a key that is not set here."""
    body = kept.rpartition(b"\n")[2]
    return b"" if MARK in kept else body


def _twos(flat: Any) -> list[tuple[Any, Any]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
