"""A problem's line with a caret under what is wrong, as far as a terminal shows it."""

from __future__ import annotations

import re
import unicodedata

from ..model.problem import Problem

WIDTH = 110  # characters of a source line that are shown
_INVISIBLE = ("Mn", "Me", "Cf")  # what a terminal draws upon the sign before it, or not at all


def lines_of(text: str) -> list[str]:
    """The lines as YAML counts them."""
    return re.split("\r\n|[\r\n\x85\u2028\u2029]", text)


def excerpt(line: str, problem: Problem) -> tuple[str, str, str]:
    """The line, the space before the caret, the caret.

    >>> excerpt("  greet: {say: hello, nxt: by}", Problem(code="F201", message="", column=23, length=3))
    ('  greet: {say: hello, nxt: by}', '                      ', '^^^')
    """
    start = max(0, problem.column - 1 - WIDTH // 2) if len(line) > WIDTH else 0
    shown = "".join(" " if ord(sign) < 32 else sign for sign in line[start : start + WIDTH])
    before = shown[: problem.column - 1 - start]
    length = max(1, min(problem.length, len(shown) - len(before)))
    caret = "^" * _cells(shown[len(before) : len(before) + length] or " ")
    return shown, " " * _cells(before), caret


def _cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.category(sign) in _INVISIBLE else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
