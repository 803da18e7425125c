"""Tabs that indent, and spaces at the end of lines."""

from __future__ import annotations

import re
from bisect import bisect_right

from ..scalars import spans
from ..yaml import Read, read_yaml
from .fix import Fix, cut

_INDENT = re.compile(r"^ *\t[ \t]*")
_TABBED = re.compile(r"(?:^|[\r\n\x85\u2028\u2029]) *\t")
_TRAILING = re.compile(r"[ \t]([\r\n\x85\u2028\u2029]|\Z)")
WIDTHS = (2, 4, 8)  # what an author's editor may have shown for a tab


def untabbed(file: str, text: str) -> tuple[str, tuple[Fix, ...]]:
    """The text indented by spaces, if that is all it lacks, and however wide a tab is, it says the same."""
    if not _TABBED.search(text) or read_yaml(file, text.encode()).source is not None:
        return text, ()
    tries = [expand(text, width) for width in WIDTHS]
    found = [(one, read) for one in tries if (read := read_yaml(file, one.encode())).sound]
    if not found or any(_data(read) != _data(found[0][1]) for _, read in found):
        return text, ()
    lines = [number for number, line in enumerate(cut(text)[::2], 1) if _INDENT.match(line)]
    return found[0][0], (Fix(file=file, line=lines[0], column=1, what=f"spaces for tabs{_count(lines)}"),)


def trimmed(file: str, text: str) -> tuple[str, tuple[Fix, ...]]:
    """The text without spaces at the end of lines, but for those that belong to a text."""
    if not _TRAILING.search(text) or not (before := read_yaml(file, text.encode())).sound:
        return text, ()
    parts, texts, lines = cut(text), spans(text), []
    for number, line in enumerate(parts[::2], 1):
        short = line.rstrip(" \t")
        place = (number, len(short) + 1)
        index = bisect_right(texts, place, key=lambda span: span.start) - 1
        if short != line and (index < 0 or texts[index].end <= place):
            parts[2 * number - 2] = short
            lines.append(number)
    after = "".join(parts)
    if not lines or _data(read_yaml(file, after.encode())) != _data(before):
        return text, ()
    column = len(parts[2 * lines[0] - 2]) + 1
    return after, (Fix(file=file, line=lines[0], column=column, what=f"no spaces at the end{_count(lines)}"),)


def expand(text: str, width: int) -> str:
    """The text with spaces for the tabs that indent."""
    parts = cut(text)
    parts[::2] = [_INDENT.sub(lambda found: found[0].expandtabs(width), line) for line in parts[::2]]
    return "".join(parts)


def _count(lines: list[int]) -> str:
    return f" of {len(lines)} lines" if len(lines) > 1 else ""


def _data(read: Read) -> object:
    return (read.source.data, read.source.keys.keys()) if read.source is not None else None
