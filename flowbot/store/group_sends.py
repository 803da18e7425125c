"""What groups are sent: the runs that are over, and what waits of rules on events, which lies with single contacts."""

from __future__ import annotations

from typing import Any

from ..model import codec
from ..model.quick import replace
from ..model.schedule import Run
from . import keys
from .call import Call, as_text, command
from .client import Store

KEPT = 1000  # runs of a group, the last ones


def note(run: Run, account: str) -> tuple[Call[int], Call[int]]:
    """A run is over; noted again, it is the same line. Who was reached, and what it said, is not in it."""
    send = {name: run.send[name] for name in ("template", "flow") if name in run.send}
    line = replace(run, to="", send=send, event={}, subject={}, after="", about="")
    key = keys.account(account, f"sent:{run.group}")
    added = command("ZADD", key, "NX", run.at, codec.encode(line), read=int, repeatable=True)
    return added, command("ZREMRANGEBYRANK", key, 0, -KEPT - 1, read=int, repeatable=True)


def past(account: str, group: str) -> Call[list[Run]]:
    """Those that are over, the newest first."""
    key = keys.account(account, f"sent:{group}")
    return command("ZREVRANGE", key, 0, -1, read=_runs, repeatable=True)


def waiting(store: Store, account: str, group: str) -> list[tuple[str, int]]:
    """Plans of contacts that go to the group, by their public ids, with the times when they are due."""
    calls = [_waiting(partition, account, group) for partition in range(store.partitions)]
    return [one for found in store.all(calls) for one in found]


def _waiting(partition: int, account: str, group: str) -> Call[list[tuple[str, int]]]:
    key = keys.group_plans(partition, account, group)
    return command("ZREVRANGE", key, 0, KEPT - 1, "WITHSCORES", read=_scored, repeatable=True)


def _runs(reply: Any) -> list[Run]:
    return [codec.decode(Run, one) for one in reply]


def _scored(reply: Any) -> list[tuple[str, int]]:
    return [(as_text(name), int(float(at))) for name, at in zip(reply[::2], reply[1::2], strict=True)]
