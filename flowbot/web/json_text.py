"""JSON as a client wrote it: nothing is read otherwise than it stands there, and what could not be kept is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..errors import ParseError
from .mistakes import escape, unclean


class Doubled(dict[str, Any]):
    """An object with a name that comes more than once: readers differ in which of the values they take."""

    names: tuple[str, ...] = ()


def parse(raw: bytes) -> tuple[Any, list[tuple[str, str]]]:
    """What the text says, and (pointer, message) of what could not be kept of it; ParseError when it is no JSON.

    >>> parse(b'{"to": "+57", "data": {"to": 1, "to": 2}}')[1]
    [('/data/to', 'comes more than once')]
    """
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        why = "it nests too deep" if isinstance(error, RecursionError) else error
        raise ParseError(f"The body is not JSON: {why}") from None
    return value, [*_doubled("", value), *unclean("", value)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = Doubled(found)
    names = [name for name, _ in pairs]
    doubled.names = tuple(name for name in found if names.count(name) > 1)
    return doubled


def _doubled(pointer: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Doubled):
        for name in value.names:
            yield f"{pointer}/{escape(name)}", "comes more than once"
    if isinstance(value, (dict, list)):
        for at, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, (dict, list)):
                yield from _doubled(f"{pointer}/{escape(str(at))}", inner)
