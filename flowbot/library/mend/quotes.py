"""Quotes around texts that YAML cannot read without them: `say: Hello: you`, `name: {{ inputs.name }}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ...engine.entry import FIELDS, PLURALS
from ...model.problem import Path, Problem, Source
from ...steps import VERBS
from ..yaml import read_yaml
from .fix import Fix, cut

MAX_QUOTES = 30  # of one file
_BLOCK = re.compile(r"(?P<head>\s*(?:- +)*[\w.-]+:[ \t]+)(?P<text>\S.*?)(?P<tail>\s*)\Z")
_ITEM = re.compile(r"(?P<head>\s*(?:- +)+)(?P<text>(?:\{\{|[@`%]).*?)(?P<tail>\s*)\Z")
_TOP = ("flow", "start", "languages", "settings", "defaults", "inputs", "steps", "next", "then", "on", "id", "title")
_SIGNS = ("@", "`", "%", "{{")  # what a text may start with by mistake; ! & * [ may be meant


def readable(file: str, text: str) -> tuple[str, tuple[Fix, ...]]:
    """The text with all the quotes that it lacks; as it was when these are not enough, or may be meant otherwise."""
    first = read_yaml(file, text.encode()).source
    now = text
    fixes: list[Fix] = []
    said: list[tuple[int, str]] = []
    for _ in range(MAX_QUOTES):
        read = read_yaml(file, now.encode())
        wrong = next((one for one in read.problems if _wants_quotes(one)), None)
        if wrong is None:
            kept = fixes and read.source is not None and _nothing_else(first, read.source, said)
            return (now, tuple(fixes)) if kept and read.sound else (text, ())
        parts = cut(now)
        found = quote_line(parts[2 * wrong.line - 2])
        if found is None:
            break
        parts[2 * wrong.line - 2], words = found
        now = "".join(parts)
        said += [(wrong.line, word) for word in words]
        fixes.append(Fix(file=file, line=wrong.line, column=wrong.column, what="quotes around " + " and ".join(words)))
    return text, ()


def quote_line(line: str) -> tuple[str, list[str]] | None:
    """The line with quotes around what needs them, and those texts; None when that is not clear.

    >>> quote_line("  greet: {say: Hello: you, next: b}")
    ('  greet: {say: "Hello: you", next: b}', ['Hello: you'])
    >>> quote_line("hello: Note: x  "), quote_line("a: {say: Hello: you, and me}")
    (('hello: "Note: x"  ', ['Note: x']), None)
    """
    if re.search(r"\s#", line):
        return None  # a comment, or a part of the text: only its author knows
    found = _BLOCK.match(line) or _ITEM.match(line)
    if found and not re.match(r"""['"|>!&*\[]|\{(?!\{)""", found["text"]):
        text = found["text"]
        return None if _holds_key(text) else (found["head"] + quoted(text) + found["tail"], [text])
    places = _places(line)
    wrong = [(start, end) for start, end in places or () if _needs_quotes(line[start:end])]
    words = [line[start:end] for start, end in wrong]
    if any(_holds_key(word) for word in words):
        return None
    for start, end in reversed(wrong):
        line = line[:start] + quoted(line[start:end]) + line[end:]
    return (line, words) if words else None


def quoted(text: str) -> str:
    """
    >>> print(quoted("it's: b"), quoted('say: "x"'))
    "it's: b" 'say: "x"'
    """
    return "'" + text.replace("'", "''") + "'" if '"' in text or "\\" in text else f'"{text}"'


def _places(line: str) -> list[tuple[int, int]] | None:
    """Where the plain values within { } and [ ] begin and end; None when a part of a { } has no key of its own."""
    found: list[tuple[int, int]] = []
    open_: list[str] = []
    at = 0
    while at < len(line):
        sign = line[at]
        if line.startswith("{{", at) and open_ and open_[-1] == "[":
            found.append((at, at := _end(line, at)))
            if found[-1][0] == at:
                return None  # its braces are never closed
        elif sign in "{[":
            open_.append(sign)
            at += 1
            if sign == "{" and (at := _key(line, at, found)) < 0:
                return None
        elif sign in "}]":
            if not open_ or open_.pop() != {"}": "{", "]": "["}[sign]:
                return None
            at += 1
        elif sign == "," and open_ and open_[-1] == "{":
            if (at := _key(line, at + 1, found)) < 0:
                return None
        elif sign in "\"'":
            at = _quote(line, at)
        elif sign in "@`%" and open_ and open_[-1] == "[":
            found.append((at, at := _end(line, at)))
        else:
            at += 1
    return None if open_ else found


def _key(line: str, at: int, found: list[tuple[int, int]]) -> int:
    """Behind the key at `at`, and behind its value when that is plain; -1 when there is no key."""
    key = re.compile(r"\s*(?:[\w.-]+|'[^']*'|\"[^\"]*\")\s*:\s+|\s*(?=\})").match(line, at)
    if key is None:
        return -1
    at = key.end()
    if at >= len(line) or line[at] in "}[\"'" or (line[at] == "{" and not line.startswith("{{", at)):
        return at
    end = _end(line, at)
    found.append((at, len(line[:end].rstrip())))
    return end


def _end(line: str, at: int) -> int:
    """Behind the plain text at `at`: before the next , } or ] outside of {{ }}."""
    while at < len(line) and line[at] not in ",{}[]":
        at += 1
    if line.startswith("{{", at) and (close := line.find("}}", at)) > 0:
        return _end(line, close + 2)
    return at


def _quote(line: str, at: int) -> int:
    close = line.find(line[at], at + 1)
    return close + 1 if close > 0 else len(line)


def _holds_key(text: str) -> bool:
    """Whether a comma or a new line may have been forgotten, and not quotes: `say: Hello next: close`."""
    words = re.findall(r"([\w-]+):(?=\s|$)", text)
    return bool(re.match(r"[a-z_]+:\s", text)) or not _known_keys().isdisjoint(words)


@cache
def _known_keys() -> frozenset[str]:
    found = {*FIELDS, *PLURALS, *_TOP, "anytime", "timeout", "check", *VERBS}
    for verb in VERBS.values():
        found.update(field.data_key or name for name, field in verb.Schema().fields.items())
    return frozenset(found)


def _needs_quotes(text: str) -> bool:
    return text.startswith(_SIGNS) or bool(re.search(r":(\s|$)", text))


def _wants_quotes(problem: Problem) -> bool:
    return problem.code in ("Y001", "Y005") and problem.level == "error"


def _nothing_else(before: Source | None, after: Source, said: list[tuple[int, str]]) -> bool:
    """Whether each text is now said as it was written, and the rest of the file says what it said."""
    paths = []
    for line, text in said:
        here = [path for path, place in after.values.items() if place[0] == line and _at(after.data, path) == text]
        if not here:
            return False
        paths += here
    return before is None or _without(before.data, paths) == _without(after.data, paths)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _without(data: Any, paths: list[Path]) -> Any:
    return _pruned(data, (), set(paths))


def _pruned(data: Any, path: Path, out: set[Path]) -> Any:
    if path in out:
        return None
    return dict(_items(data, path, out)) if isinstance(data, (dict, list)) else data


def _items(data: dict[str, Any] | list[Any], path: Path, out: set[Path]) -> Iterator[tuple[str | int, Any]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield key, _pruned(value, (*path, key), out)
