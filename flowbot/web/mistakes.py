"""The mistakes of a request, each with a JSON pointer to its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_DEPTH = 8  # nesting that our records take


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
    return name.replace("~", "~0").replace("/", "~1")


def unclean(pointer: str, value: Any, depth: int = MAX_DEPTH) -> Iterator[tuple[str, str]]:
    """Text that could not be kept or shown, and nesting that our records don't take.

    >>> list(unclean("", {"name": "a\\x00"}))
    [('/name', 'may not hold a NUL')]
    """
    if isinstance(value, str):
        if "\x00" in value:
            yield pointer, "may not hold a NUL"
    elif isinstance(value, (dict, list)):
        if depth == 0:
            yield pointer, f"nests deeper than {MAX_DEPTH}"
            return
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            if "\x00" in str(name):
                yield pointer, "may not hold a NUL"
            yield from unclean(f"{pointer}/{escape(str(name))}", inner, depth - 1)
