"""What an account sends again and again, or to a group: when each is due next, and what is under way of it."""

from __future__ import annotations

from typing import Any

from . import keys
from .call import Call, Part, command
from .scripts import fcall

Due = list[tuple[str, int]]  # schedule, ms UTC


def add(account: str, id: str, due: int, record: bytes) -> Call[bool]:
    """False when it is there already; then nothing is changed."""
    where = [keys.account(account, "sch"), keys.account(account, "schedules")]
    return fcall("add_schedule", where, [id, due, record], bool, repeatable=True)


def plan(account: str, id: str, due: int) -> Call[bool]:
    """One of the project's own, which has no record; its time stays when it has one."""
    return command("ZADD", keys.account(account, "sch"), "NX", due, id, read=bool, repeatable=True)


def drop(account: str, *ids: str) -> Call[int]:
    return command("ZREM", keys.account(account, "sch"), *ids, read=int, repeatable=True)


def due(account: str, now: int, count: int = 20) -> Call[Due]:
    """Those whose time has come, the longest waiting first."""
    where = keys.account(account, "sch")
    return command("ZRANGE", where, "-inf", now, "BYSCORE", "LIMIT", 0, count, "WITHSCORES", read=_due, repeatable=True)


def planned(account: str) -> Call[Due]:
    """All that have a next time."""
    return command("ZRANGE", keys.account(account, "sch"), 0, -1, "WITHSCORES", read=_due, repeatable=True)


def take(
    account: str, id: str, due: int, following: int | None, run: str, what: bytes, record: bytes | None = None
) -> Call[bool]:
    """Its run begins, and its next time is set, in one; False when somebody else was quicker, or it was canceled.

    `run`: "" when it comes too late to be worth anything.
    """
    where = [keys.account(account, "sch"), keys.account(account, "schedules"), keys.account(account, "runs")]
    args: list[Part] = [id, due, "" if following is None else following, run, what, record or b""]
    return fcall("take_schedule", where, args, bool, repeatable=True)


def get(account: str, id: str) -> Call[bytes | None]:
    return command("HGET", keys.account(account, "schedules"), id, read=_maybe, repeatable=True)


def records(account: str) -> Call[dict[str, bytes]]:
    return command("HGETALL", keys.account(account, "schedules"), read=_table, repeatable=True)


def rewrite(account: str, id: str, record: bytes) -> Call[bool]:
    return command("HSET", keys.account(account, "schedules"), id, record, read=bool, repeatable=True)


def remove(account: str, id: str) -> Call[int]:
    """Its record is gone; one that still comes due is dropped first."""
    return command("HDEL", keys.account(account, "schedules"), id, read=int, repeatable=True)


def start(account: str, run: str, what: bytes) -> Call[bool]:
    """Begin a run that no schedule stands behind; the same again changes nothing."""
    return command("HSETNX", keys.account(account, "runs"), run, what, read=bool, repeatable=True)


def runs(account: str) -> Call[dict[str, bytes]]:
    """Those under way."""
    return command("HGETALL", keys.account(account, "runs"), read=_table, repeatable=True)


def advance(account: str, run: str, what: bytes) -> Call[bool]:
    """How far it has come."""
    return command("HSET", keys.account(account, "runs"), run, what, read=bool, repeatable=True)


def finish(account: str, run: str) -> Call[int]:
    return command("HDEL", keys.account(account, "runs"), run, read=int, repeatable=True)


def _due(reply: list[bytes]) -> Due:
    return [(name.decode(), int(float(at))) for name, at in zip(reply[::2], reply[1::2], strict=True)]


def _maybe(reply: Any) -> bytes | None:
    return None if reply is None else bytes(reply)


def _table(reply: list[bytes]) -> dict[str, bytes]:
    return {name.decode(): bytes(item) for name, item in zip(reply[::2], reply[1::2], strict=True)}
