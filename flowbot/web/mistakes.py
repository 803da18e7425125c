"""The mistakes of a request, each with a JSON pointer to its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

Mistakes = list[tuple[str, str]]  # where: a JSON pointer, or ?name for a parameter; and why
MAX_DEPTH = 8  # nesting that our records take
_LONE = re.compile("[\ud800-\udfff]")


def flat(messages: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """marshmallow's tree of messages as (pointer, message).

    >>> list(flat({"to": ["Missing."], "rows": {0: {"a/b": ["Odd."]}}}))
    [('/to', 'Missing.'), ('/rows/0/a~1b', 'Odd.')]
    """
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            skip = name in ("_schema", "value")
            yield from flat(inner, pointer if skip else f"{pointer}/{escape(str(name))}")
    elif isinstance(messages, list):
        for message in messages:
            yield from flat(message, pointer)
    else:
        yield pointer, str(messages)


def escape(name: str) -> str:
    """A name as a part of a JSON pointer."""
    shown = name if name.isascii() else name.encode("utf-8", "replace").decode()
    return shown.replace("~", "~0").replace("/", "~1")


def unknown(name: str, known: Iterable[str]) -> str:
    """What is said of a name that there is not.

    >>> unknown("limt", ["after", "limit"]), unknown("x", ["to", "text"]), unknown("x", [])
    ('is unknown: did you mean `limit`?', 'is unknown: there are text, to', 'is unknown: there are none')
    """
    names = sorted(known)
    near = get_close_matches(name, names, 1)
    return f"is unknown: did you mean `{near[0]}`?" if near else f"is unknown: there are {', '.join(names) or 'none'}"


def unclean(pointer: str, value: Any, depth: int = MAX_DEPTH) -> Iterator[tuple[str, str]]:
    """Text and numbers that could not be kept or shown as they are, and nesting that our records don't take.

    >>> list(unclean("", {"name": "a\\x00", "half": "\\ud83d", "sum": float("nan"), "id": 10**20}))
    [('/name', 'may not hold a NUL'), ('/half', 'holds half of a character: a lone surrogate'), \
('/sum', 'is no number of JSON'), ('/id', 'has more digits than a number may: write it as text')]
    """
    if isinstance(value, (dict, list)):
        if depth == 0:
            yield pointer, f"nests deeper than {MAX_DEPTH}"
            return
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            if isinstance(name, str) and (why := _unclean(name)):
                yield pointer, f"has a name that {why}"
            yield from unclean(f"{pointer}/{escape(str(name))}", inner, depth - 1)
    elif why := _unclean(value):
        yield pointer, why


def cleaned(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The same without what `unclean` names, so that the rest can be looked at.

    >>> cleaned({"name": "a\\x00", "to": ["+57"]})
    {'name': None, 'to': ['+57']}
    """
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if not _unclean(name)}
        return {name: cleaned(inner, depth - 1) for name, inner in kept.items()} if depth else None
    if isinstance(value, list):
        return [cleaned(inner, depth - 1) for inner in value] if depth else None
    return None if _unclean(value) else value


def _unclean(value: Any) -> str:
    if isinstance(value, str):
        if "\x00" in value:
            return "may not hold a NUL"
        return "" if value.isascii() or not _LONE.search(value) else "holds half of a character: a lone surrogate"
    if isinstance(value, float) and not math.isfinite(value):
        return "is no number of JSON"
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return "has more digits than a number may: write it as text"
    return ""
