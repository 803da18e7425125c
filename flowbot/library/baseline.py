"""A baseline: the problems that a project is known to have, so that only new ones fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from ..errors import ProjectError
from ..model.problem import Problem

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Known:
    """What a problem is known by: not its line, which moves with every edit above it."""

    file: str
    code: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    new: tuple[Problem, ...]
    known: tuple[Problem, ...]
    gone: tuple[Known, ...] = field(default=())  # in the baseline, and mended by now


def known(problem: Problem) -> Known:
    """
    >>> one = Problem(file="a.yaml", line=7, code="Y002", message="given in line 3", pointer="/steps/2/say")
    >>> known(one)
    Known(file='a.yaml', code='Y002', pointer='/steps/*/say', message='given in line *')
    """
    pointer = re.sub(r"/[0-9]+(?=/|$)", "/*", problem.pointer)
    message = re.sub(r"\bline [0-9]+", "line *", problem.message)
    return Known(file=problem.file, code=problem.code, pointer=pointer, message=message)


def compare(problems: Iterable[Problem], baseline: Counter[Known]) -> Compared:
    """Each problem as new or known; a problem that is known once and found twice is new once."""
    left = baseline.copy()
    new: list[Problem] = []
    old: list[Problem] = []
    for problem in problems:
        one = known(problem)
        if left[one] > 0:
            left[one] -= 1
            old.append(problem)
        else:
            new.append(problem)
    return Compared(new=tuple(new), known=tuple(old), gone=tuple(sorted(left.elements())))


def to_bytes(problems: Iterable[Problem]) -> bytes:
    """A baseline file: sorted, one problem a line, so that its changes read well in a diff."""
    counts = Counter(known(problem) for problem in problems)
    rows = []
    for one, count in sorted(counts.items()):
        row = {"file": one.file, "code": one.code, "pointer": one.pointer, "message": one.message}
        rows.append(b"  " + orjson.dumps(row | ({"count": count} if count > 1 else {})))
    return b'{"baseline": %d, "problems": [\n%s\n]}\n' % (VERSION, b",\n".join(rows))


def from_bytes(data: bytes) -> Counter[Known]:
    """ProjectError when it is no baseline file.

    >>> from_bytes(to_bytes([])).total()
    0
    """
    try:
        read: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ProjectError(f"this is not JSON: {error}") from None
    if not isinstance(read, dict) or read.get("baseline") != VERSION or not isinstance(read.get("problems"), list):
        raise ProjectError(f"this is not a baseline of version {VERSION}")
    counts: Counter[Known] = Counter()
    for index, row in enumerate(read["problems"], 1):
        try:
            one, count = _row(row)
        except (TypeError, ValueError):
            raise ProjectError(f"problem {index} is not one that --write-baseline writes") from None
        counts[one] += count
    return counts


def _row(row: dict[str, Any]) -> tuple[Known, int]:
    facts = dict(row)
    count = facts.pop("count", 1)
    if type(count) is not int or count < 1 or not all(isinstance(fact, str) for fact in facts.values()):
        raise ValueError
    return Known(**facts), count
