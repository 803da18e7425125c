"""A broadcast in the partitions: its messages, its counters that change with them, and what is held back of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..model.outbound import OutboxEntry
from . import keys
from .broadcasts import KEPT
from .call import Call, Part, as_text, command
from .outbox import queued
from .scripts import fcall

FINAL = ("sent", "failed", "expired", "suppressed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One message to queue; with a `code`, one that has failed before it could leave."""

    entry: OutboxEntry
    code: str = ""
    reason: str = ""
    start: int = 0  # ms UTC from when on it may leave; 0: at once


def push(partition: int, broadcast: str, messages: Sequence[Bulk], *, now: int = 0) -> Call[int]:
    """Queues a broadcast's messages to one partition's contacts; how many were new. What is there stays as it is."""
    args: list[Part] = [keys.tag(partition), broadcast, now, KEPT]
    for one in messages:
        args += [*queued(one.entry), one.entry.to, one.code, one.reason, one.start]
    return fcall("push_broadcast", [keys.due(partition)], args, read=int, repeatable=True)


def counts(partition: int, broadcast: str) -> Call[dict[str, int]]:
    """made: messages there are; of the states in FINAL how many are in each; delivered, read."""
    return command("HGETALL", keys.broadcast_counts(partition, broadcast), read=_numbers, repeatable=True)


def failures(partition: int, broadcast: str, *, after: str, count: int) -> Call[list[str]]:
    """The contacts whose message has failed, in the order of their ids, behind one."""
    key = keys.broadcast_failures(partition, broadcast)
    parts = ("ZRANGEBYLEX", key, f"({after}" if after else "-", "+", "LIMIT", 0, count)
    return command(*parts, read=lambda reply: [as_text(one) for one in reply], repeatable=True)


def flag(partition: int, broadcast: str, word: str) -> Call[int]:
    """`paused`: the claim puts its messages aside; `cancelled`: it ends them."""
    return command("HSET", keys.broadcast_flags(partition), broadcast, word, read=int, repeatable=True)


def unflag(partition: int, broadcast: str) -> Call[int]:
    return command("HDEL", keys.broadcast_flags(partition), broadcast, read=int, repeatable=True)


def end(partition: int, messages: Sequence[str], *, now: int = 0) -> Call[int]:
    """Those of a cancelled broadcast's messages that wait end here; how many did."""
    args: list[Part] = [keys.tag(partition), now, *messages]
    return fcall("end_messages", [keys.due(partition)], args, read=int, repeatable=True)


def release(partition: int, broadcast: str, *, cancel: bool = False, limit: int = 500, now: int = 0) -> Call[int]:
    """What was put aside goes back into its queues, or ends; how many did: ask again while that is `limit`."""
    args: list[Part] = [keys.tag(partition), now, limit, "cancel" if cancel else "resume"]
    return fcall("release_held", [keys.broadcast_held(partition, broadcast)], args, read=int)


def _numbers(reply: Any) -> dict[str, int]:
    return {as_text(name): int(value) for name, value in zip(reply[::2], reply[1::2], strict=True)}
