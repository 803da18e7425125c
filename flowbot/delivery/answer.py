"""What a service of a client answered, as an object that a conversation can carry along."""

from __future__ import annotations

from typing import Any

import orjson

KEPT = 64 * 1024  # bytes of an answer that a conversation carries along
DEPTH = 32  # levels of it


def object_of(body: bytes) -> dict[str, Any] | str:
    """The object, or a stable word for what is wrong with it.

    >>> object_of(b'{"a": 1}'), object_of(b"[]"), object_of(b'{"a": "%s"}' % (b"x" * KEPT))
    ({'a': 1}, 'no_object', 'too_big')
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "no_object"
    if not isinstance(found, dict):
        return "no_object"
    if _deeper(found, DEPTH):
        return "too_deep"
    kept = orjson.dumps(found)
    if len(kept) > KEPT:
        return "too_big"
    clean: dict[str, Any] = orjson.loads(kept.replace(b"\\u0000", b"")) if b"\\u0000" in kept else found
    return clean


def _deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper(one, levels - 1) for one in inner)
