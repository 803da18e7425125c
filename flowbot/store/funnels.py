"""Where people leave: of each flow version, how many were asked what, answered how soon, and gave up where.

Counted beside the commits, a moment later: what a worker that dies has not told yet is not counted. Times are kept as
how many fell into which of some sixty classes, each a quarter wider than the one before.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from . import keys
from .call import Call, command
from .counters import add_all, read_counts

WIDER = 1.25
LEAST = 1_000  # ms: all that is quicker is of one class
_LOG = math.log(WIDER)


@dataclass(slots=True)
class Question:
    """One step of a flow version."""

    step: str
    asked: int = 0
    answered: int = 0
    left: Counter[str] = field(default_factory=Counter)  # reason -> how many ended here
    times: Counter[int] = field(default_factory=Counter)  # class -> how many


@dataclass(slots=True)
class Funnel:
    """One flow version."""

    started: int = 0
    ended: Counter[str] = field(default_factory=Counter)  # succeeded, or the reason -> how many
    times: Counter[int] = field(default_factory=Counter)  # of those that succeeded
    steps: dict[str, Question] = field(default_factory=dict)


def whose(account: str, *, simulated: bool) -> str:
    """Simulated contacts are counted apart: nobody's numbers are theirs."""
    return f"~{account}" if simulated else account


def started(whose: str) -> str:
    return f"{whose}|s"


def step(whose: str, step: str, what: str, ms: int) -> str:
    """
    >>> step("acme", "city", "asked", 0), step("acme", "city", "answered", 5_000)
    ('acme|a|city', 'acme|r|city|8')
    """
    return f"{whose}|a|{step}" if what == "asked" else f"{whose}|r|{step}|{class_of(ms)}"


def ended(whose: str, reason: str, step: str, ms: int) -> tuple[str, ...]:
    """How it ended, and how long it took or where it stopped."""
    if reason == "succeeded":
        return f"{whose}|e|succeeded", f"{whose}|d|{class_of(ms)}"
    return (f"{whose}|e|{reason}", f"{whose}|l|{step}|{reason}")


def class_of(ms: int) -> int:
    """
    >>> class_of(0), class_of(1_000), class_of(1_100), class_of(60_000)
    (0, 0, 1, 19)
    """
    return 0 if ms <= LEAST else math.ceil(math.log(ms / LEAST) / _LOG - 1e-9)


def median(times: Mapping[int, int]) -> int | None:
    """ms, to an eighth; None of none.

    >>> median({}), median({0: 1}), median({8: 3, 19: 2})
    (None, 1000, 5331)
    """
    half, seen = sum(times.values()) / 2, 0
    for one in sorted(times):
        seen += times[one]
        if seen >= half:
            return round(LEAST * WIDER ** (one - 0.5)) if one else LEAST
    return None


def add(partition: int, version: str, counts: Mapping[str, int]) -> Call[int]:
    return add_all(keys.funnel(partition, version), counts)


def read(partition: int, version: str) -> Call[dict[str, int]]:
    return command("HGETALL", keys.funnel(partition, version), read=read_counts, repeatable=True)


def forget(partition: int, version: str) -> Call[int]:
    return command("UNLINK", keys.funnel(partition, version), read=int, repeatable=True)


def funnel(found: Iterable[Mapping[str, int]], whose: str) -> Funnel:
    """The counts of all partitions as one.

    >>> counts = [{"acme|s": 2, "acme|a|city": 2, "~acme|s": 9}, {"acme|r|city|8": 1, "acme|l|city|expired": 1}]
    >>> made = funnel(counts, "acme")
    >>> made.started, made.steps["city"].asked, made.steps["city"].answered, dict(made.steps["city"].left)
    (2, 2, 1, {'expired': 1})
    """
    made = Funnel()
    steps: defaultdict[str, Question] = defaultdict(lambda: Question(""))
    for counts in found:
        for name, count in counts.items():
            account, kind, *rest = name.split("|")
            if account == whose:
                _count(made, steps, kind, rest, count)
    made.steps = {name: Question(name, one.asked, one.answered, one.left, one.times) for name, one in steps.items()}
    return made


def _count(made: Funnel, steps: defaultdict[str, Question], kind: str, rest: list[str], count: int) -> None:
    match kind, rest:
        case "s", []:
            made.started += count
        case "e", [reason]:
            made.ended[reason] += count
        case "d", [one]:
            made.times[int(one)] += count
        case "a", [step]:
            steps[step].asked += count
        case "r", [step, one]:
            steps[step].answered += count
            steps[step].times[int(one)] += count
        case "l", [step, reason]:
            steps[step].left[reason] += count
