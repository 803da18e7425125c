"""One change of a file, and a file with all of its changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINES = re.compile("(\r\n|[\r\n\x85\u2028\u2029])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    file: str
    line: int  # from 1
    column: int
    what: str  # "nxt -> next"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    file: str
    before: bytes
    after: bytes
    fixes: tuple[Fix, ...]


def cut(text: str) -> list[str]:
    """Lines and their ends by turns; joined they are the text again.

    >>> cut("a\\r\\nb")
    ['a', '\\r\\n', 'b']
    """
    return _LINES.split(text)
