"""How often a flow was started, by whom its limits are counted."""

from __future__ import annotations

from ..model.attempt import Attempt
from . import keys
from .call import Call, Part, command
from .scripts import fcall


def take(attempt: Attempt) -> Call[bool]:
    """Whether there is a place for it, which it has from now on; asked again it has it already."""
    return _ask(attempt, attempt.name)


def look(attempt: Attempt) -> Call[bool]:
    """Whether there is a place, without taking it."""
    return _ask(attempt, "")


def forget(counted: str) -> Call[int]:
    """Nobody counts these starts any more."""
    return command("DEL", keys.starts(counted), read=int, repeatable=True)


def _ask(attempt: Attempt, name: str) -> Call[bool]:
    limits = attempt.limits
    args: list[Part] = [name, attempt.at, attempt.day, attempt.month, limits.per_day, limits.per_month, limits.ever]
    return fcall("take_attempt", [keys.starts(attempt.counted)], args, read=bool, repeatable=True)
