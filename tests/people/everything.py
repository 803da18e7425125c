"""The whole of a store, readable: every key and value, records unpacked and opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from redis import Redis

from flowbot.errors import ParseError
from flowbot.store.packing import unpack
from flowbot.store.sealing import NO_KEYS, Ring


def everything(raw: Redis, ring: Ring = NO_KEYS) -> dict[str, str]:
    """Key -> all that it holds."""
    return {key.decode(): "\n".join(_texts(_value(raw, key), ring)) for key in raw.scan_iter(count=1000)}


def holding(raw: Redis, *needles: str, ring: Ring = NO_KEYS) -> list[str]:
    """The keys in whose name or value any of these stands."""
    return sorted(
        key for key, value in everything(raw, ring).items() if any(one in key or one in value for one in needles)
    )


def _value(raw: Redis, key: bytes) -> Any:
    match raw.type(key):
        case b"string":
            return raw.get(key)
        case b"hash":
            return [part for pair in raw.hgetall(key).items() for part in pair]
        case b"list":
            return raw.lrange(key, 0, -1)
        case b"set":
            return list(raw.smembers(key))
        case b"zset":
            return raw.zrange(key, 0, -1)
        case b"stream":
            return [part for _, fields in raw.xrange(key) for pair in fields.items() for part in pair]
    raise AssertionError(f"a kind of value that nobody looks into: {key!r}")


def _texts(value: Any, ring: Ring) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, ring)
        return
    yield value.decode("latin-1")
    head, _, rest = value.partition(b"\n")
    for kept in (value, rest) if head.isdigit() or head.startswith(b"{") else (value,):
        opened = ring.opened(kept)
        yield opened.decode("latin-1")
        try:
            yield unpack(opened).decode("utf-8", "replace")
        except ParseError:
            continue
