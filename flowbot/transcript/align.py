"""Which of the expected lines come true when others are left out, and what lies between those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..testing import Said
from .compare import take


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Neighbouring lines that do not come true, and the messages in their place, one group for each entry."""

    after: int  # the line before it that does; -1 when there is none
    lines: tuple[int, ...] = ()
    expected: tuple[Any, ...] = ()  # what these lines say
    groups: tuple[tuple[Said, ...], ...] = ()


def gaps(expected: Sequence[Any], said: Sequence[Said]) -> list[Gap]:
    """All gaps, so that as many lines as possible stay; none when every line comes true and no message is left."""
    found: list[Gap] = []
    after = -1
    lines: list[int] = []
    groups: list[tuple[Said, ...]] = []

    def close() -> None:
        if lines or groups:
            words = tuple(expected[number] for number in lines)
            found.append(Gap(after=after, lines=tuple(lines), expected=words, groups=tuple(groups)))

    for kind, number, count in _moves(expected, said):
        if kind == "keep":
            close()
            after, lines, groups = number, [], []
        elif kind == "line":
            lines.append(number)
        else:
            groups.append(tuple(said[number : number + count]))
    close()
    return found


def _moves(expected: Sequence[Any], said: Sequence[Said]) -> list[tuple[str, int, int]]:
    """(keep, line, messages it covers), (line, line, 0) for one that fails, (said, message, count) for what is new."""

    @cache
    def best(line: int, message: int) -> tuple[int, tuple[tuple[str, int, int], ...]]:
        ways = []
        if line < len(expected):
            left = list(said[message:])
            if not take(expected[line], left):
                covered = len(said) - message - len(left)
                score, rest = best(line + 1, message + covered)
                worth = not said or expected[line] != "nothing"  # it holds behind any messages, and says little there
                ways.append((score + worth, (("keep", line, covered), *rest)))
            score, rest = best(line + 1, message)
            ways.append((score, (("line", line, 0), *rest)))
        if message < len(said):
            count = _group(said, message)
            score, rest = best(line, message + count)
            ways.append((score, (("said", message, count), *rest)))
        return max(ways, key=lambda way: way[0], default=(0, ()))

    return list(best(0, 0)[1])


def _group(said: Sequence[Said], start: int) -> int:
    """How many messages belong to the entry of the one at `start`."""
    first = said[start]
    end = start + 1
    while (
        first.outbound.key
        and end < len(said)
        and (said[end].outbound.key, said[end].turn) == (first.outbound.key, first.turn)
    ):
        end += 1
    return end - start
