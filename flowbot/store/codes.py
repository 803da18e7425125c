"""One-time codes at rest: how many may be sent, what a code is checked against, and the one check that uses it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model.project import CodeRules
from . import keys
from .call import Call, Part, as_text
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


def _place(reply: Any) -> Place:
    return Place(word=as_text(reply[0]), wait=int(reply[1]))
