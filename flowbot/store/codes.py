"""One-time codes at rest: how many may be sent, what a code is checked against, and the one check that uses it up.

A code's place holds a seal (model/code.py), never the code; it knows when it ends and how many wrong tries are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..model import event, ids
from ..model.event import CallAnswered
from ..model.outbound import OutboxEntry
from ..model.project import CodeRules
from ..model.queued_call import QueuedCall
from . import keys, outbox
from .call import Call, Part, as_text, command
from .scripts import fcall

DAY = 86_400_000  # ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """ok, or the limit in the way: soon (the cool-down), number, day, prefix."""

    word: str
    wait: int  # ms until it could be otherwise


def reserve(account: str, call: str, veiled: str, prefix: str, rules: CodeRules, *, now: int) -> Call[Place]:
    """Takes a code's place in the account's limits; `now` is ms UTC. The same call again has its place already.

    It comes before the code is made: a place that is taken for a code that was never sent only lowers the limit.
    """
    day = now // DAY
    where = [keys.codes_to(account, veiled), keys.codes_of(account, day), keys.codes_of(account, day, prefix or "-")]
    limits: list[Part] = [rules.cooldown, rules.per_number, rules.period, rules.per_day]
    args: list[Part] = [call, now, *limits, rules.per_prefix if prefix else 0]
    return fcall("reserve_code", where, args, read=_place, repeatable=True)


def issue(
    call: QueuedCall,
    name: str,
    seal: str,
    *,
    valid_for: int,
    attempts: int,
    flow: str,
    message: OutboxEntry | None,
    shown: bytes = b"",
    now: int = 0,
) -> Call[str]:
    """Keeps the seal, queues the message that carries the code and answers the call `sent`: all of it, or nothing.

    Without a message the code is held: whoever sends it by other ways answers. Gives sent; locked (answered
    `rejected`); held; again: it was held for this call before; gone: nobody waits for it.

    `shown` is what the history of a simulated contact keeps of the message: the simulator draws that; else nothing.
    """
    answer = _answer(call)
    sent = replace(answer, outcome="sent", result={"valid_for": valid_for})
    locked = replace(answer, outcome="rejected", result={"left": 0}, reason="locked")
    args: list[Part] = [keys.tag(_partition(call)), call.id, call.contact_id, call.channel_key, now, seal]
    args += [valid_for, attempts, flow, event.to_bytes(sent), event.to_bytes(locked)]
    args += outbox.queued(message) if message else []
    args += [shown] if message and shown else []
    where = [*_where(call, name), keys.history(_partition(call), call.contact_id)]
    return fcall("issue_code", where, args, as_text)


def release(call: QueuedCall, name: str) -> Call[int]:
    """The code that was held surely did not go out: the call may hold another."""
    return command("HDEL", keys.code(_partition(call), call.contact_id, name), "call", read=int, repeatable=True)


def check(call: QueuedCall, name: str, seal: str, *, attempts: int, flow: str, now: int = 0) -> Call[str]:
    """Compares, and uses the code up when it is the one; the call is answered in the same script.

    Gives verified; wrong, with the tries left in the answer; locked (answered `rejected`); expired; gone.
    """
    answer = _answer(call)
    answers = [
        replace(answer, outcome="verified"),
        replace(answer, outcome="expired", reason="expired"),
        replace(answer, outcome="rejected", result={"left": 0}, reason="locked"),
        *(replace(answer, outcome="wrong", result={"left": left}) for left in range(1, attempts)),
    ]
    args: list[Part] = [call.id, call.contact_id, call.channel_key, now, seal, flow]
    return fcall("check_code", _where(call, name), [*args, *map(event.to_bytes, answers)], as_text)


def valid_until(call: QueuedCall, name: str) -> Call[int]:
    """When the code that is there ends, ms UTC; 0 when there is none, or it is locked."""
    key = keys.code(_partition(call), call.contact_id, name)
    return command("HMGET", key, "until", "left", read=_until, repeatable=True)


def _answer(call: QueuedCall) -> CallAnswered:
    return CallAnswered(call=call.id, kind=call.kind, visit=call.visit, outcome="")


def _partition(call: QueuedCall) -> int:
    return ids.split(call.id)[1]


def _where(call: QueuedCall, name: str) -> list[str]:
    partition = _partition(call)
    return [
        keys.calls(partition),
        keys.call_records(partition),
        keys.call_tries(partition),
        keys.inbox(partition, call.channel_key),
        keys.wake(partition),
        keys.code(partition, call.contact_id, name),
        keys.counters(partition),
    ]


def _place(reply: Any) -> Place:
    return Place(word=as_text(reply[0]), wait=int(reply[1]))


def _until(reply: Sequence[bytes | None]) -> int:
    until, left = reply
    return int(until) if until and int(left or 0) > 0 else 0
