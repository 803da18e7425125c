"""Reading on behind a mistake of YAML, so that one run of `check` names all the others of the file too.

Each broken line is put right in memory as it was most likely meant: quotes, closed brackets, indentation; or left out.
Nothing runs from a file that was read like this, and what is found wrong in a line that had to be guessed is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from ..model.problem import Problem, Source
from .mend.fix import cut
from .mend.layout import WIDTHS, expand
from .mend.quotes import quote_line
from .yaml import Read, read_text

MAX_REPAIRS = 12  # of one file
MAX_SIZE = 32 * 1024  # characters: each try reads the file again
_CLOSING = {"{": "}", "[": "]"}


def read_on(file: str, text: str, first: Read) -> Read:
    """The file as far as it can be read past its mistakes of YAML; `first` is what came of it as it stands.

    >>> text = "a: {say: Hello: you}\\nb: {sya: Hi}\\n"
    >>> read_on("f.yaml", text, read_text("f.yaml", text)).source.data
    {'a': {'say': 'Hello: you'}, 'b': {'sya': 'Hi'}}
    """
    if _broken(first) is None or len(text) > MAX_SIZE:
        return first
    now, read = text, first
    said: list[Problem] = []
    guessed: set[int] = set()
    for _ in range(MAX_REPAIRS):
        wrong = _broken(read)
        if wrong is None:
            return _whole(file, text, now, read, said, guessed)
        said.append(wrong)
        found = _repaired(file, now, wrong)
        if found is None:
            break
        now, read, guess = found
        guessed |= {wrong.line, _owner(text, wrong.line)} if guess else set()
    return Read(first.source, (*said, *(one for one in first.problems if one.line < said[0].line)))


def _broken(read: Read) -> Problem | None:
    """The first thing that is no YAML."""
    found = [one for one in read.problems if one.code in ("Y001", "Y005") and one.line]
    return min(found, key=lambda one: (one.line, one.column), default=None)


def _repaired(file: str, text: str, wrong: Problem) -> tuple[str, Read, bool] | None:
    """The first repair behind which the file can be read further; whether it is a guess."""
    for tried, guess in _tries(text, wrong):
        read = read_text(file, tried)
        left = _broken(read)
        if left is None or left.line > wrong.line:
            return tried, read, guess
    return None


def _tries(text: str, wrong: Problem) -> Iterator[tuple[str, bool]]:
    parts = cut(text)
    at = 2 * wrong.line - 2
    if at >= len(parts):
        return
    line = parts[at]

    def instead(new: str) -> str:
        return "".join([*parts[:at], new, *parts[at + 1 :]])

    if "\t" in line[: len(line) - len(line.lstrip())]:
        yield from ((expand(text, width), False) for width in WIDTHS)
    if (mended := quote_line(line)) is not None:
        yield instead(mended[0]), False
    below = next((one for one in parts[at + 2 :: 2] if one.strip()), "")
    if _indent(below) <= _indent(line):
        yield instead(_closed(line)), True
    if key := re.match(r"\s*(?:- +)*[\w.-]+:(?=\s)", line):
        indents = {_indent(one) for one in parts[:at:2] if one.strip()}
        for indent in sorted(indents, key=lambda other: abs(other - _indent(line))):
            yield instead(" " * indent + line.lstrip()), False
        yield instead(key[0]), True
    yield instead(""), True


def _owner(text: str, line: int) -> int:
    """The line of the key under which a line stands, which may lack what the line held."""
    lines = cut(text)[::2]
    own = _indent(lines[line - 1])
    above = (number for number in range(line - 1, 0, -1) if lines[number - 1].strip())
    return next((number for number in above if _indent(lines[number - 1]) < own), line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _closed(line: str) -> str:
    """
    >>> _closed("  c: {say: Number #5, succeed: {}}"), _closed("a: [b, {c: 'd")
    ('  c: {say: Number }', "a: [b, {c: 'd'}]")
    """
    line = re.split(r"\s#", line)[0] + " " * (" #" in line)
    open_: list[str] = []
    quote = ""
    for sign in line:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'" and open_:
            quote = sign
        elif sign in _CLOSING:
            open_.append(_CLOSING[sign])
        elif open_ and sign == open_[-1]:
            open_.pop()
    return line + quote + "".join(reversed(open_))


def _whole(file: str, text: str, now: str, read: Read, said: list[Problem], guessed: set[int]) -> Read:
    """What was read, with the places of the file as it stands."""
    moved = _Moved(text, now)
    named = {one.line for one in said}
    others = [one for one in read.problems if one.line not in named]
    back = [replace(one, column=moved.back((one.line, one.column))[1]) for one in others]
    source = read.source
    if source is not None:
        keys = {path: moved.back(at) for path, at in source.keys.items()}
        values = {path: moved.back(at) for path, at in source.values.items()}
        source = Source(file=file, text=text, data=source.data, keys=keys, values=values, lost=source.lost)
    return Read(source, tuple(sorted([*said, *back])), guessed=frozenset(guessed), mended=True)


class _Moved:
    """From a place in the mended text to the same place in the file."""

    def __init__(self, text: str, now: str) -> None:
        self.lines = list(zip(cut(text)[::2], cut(now)[::2], strict=True))

    def back(self, place: tuple[int, int]) -> tuple[int, int]:
        line, column = place
        was, now = self.lines[line - 1] if line <= len(self.lines) else ("", "")
        if was == now:
            return place
        for found in SequenceMatcher(None, now, was, autojunk=False).get_matching_blocks():
            if column - 1 < found.a + found.size:
                return line, max(column - 1 - found.a, 0) + found.b + 1
        return line, len(was) + 1
