"""Real bodies with some of their parts replaced by anything at all, and parsed items as plain data."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import orjson
from hypothesis import strategies as st

from flowbot.model.codec import decode, encode, to_plain
from flowbot.model.inbound import Routed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn, known: Sequence[Any]) -> Any:
    """One of the known bodies, with one to three of its parts replaced."""
    body = copy.deepcopy(draw(st.sampled_from(known)))
    for _ in range(draw(st.integers(1, 3))):
        here: Any = body
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(here[key], (dict, list)) and draw(st.integers(0, 3)):
                here = here[key]
                continue
            here[key] = draw(JSON)
            break
    return body


def plain(routed: Routed) -> dict[str, Any]:
    """A parsed item as the case files write it down."""
    item = {"is": type(routed.item).__name__, **orjson.loads(orjson.dumps(to_plain(routed.item)))}
    return {**item, "address": routed.address} if routed.address else item


DEEP: Any = "end"
for _ in range(60):
    DEEP = [DEEP]
WORSE = (None, True, 7, 1.5e300, -(2**62), "", "word", "a\x00b", "\ud800", [], ["x"], {}, {"a": 1}, DEEP)


def deformed(body: Any) -> Iterator[tuple[str, Any]]:
    """The body with each of its parts left out in turn, and replaced by each of what does not belong there."""
    for path in _paths(body):
        yield f"without {_shown(path)}", _with(body, path, _LEFT_OUT)
        for worse in WORSE:
            yield f"{_shown(path)} as {str(worse)[:12]!r}", _with(body, path, worse)


_LEFT_OUT = object()


def _paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if here:
        yield here
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _paths(member, (*here, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy along the path; what lies beside it is shared."""
    made = copy.copy(value)
    if len(path) > 1:
        made[path[0]] = _with(value[path[0]], path[1:], new)
    elif new is _LEFT_OUT:
        del made[path[0]]
    else:
        made[path[0]] = new
    return made


def _shown(path: tuple[Any, ...]) -> str:
    return "/".join(map(str, path))


def sound(item: Any) -> None:
    """Every field holds what it is declared to hold, and can be stored and read again as the same."""
    assert decode(type(item), encode(item)) == item
    _sound(item)


def _sound(item: Any) -> None:
    for one in fields(item):
        value = getattr(item, one.name)
        if is_dataclass(value):
            _sound(value)
        elif one.type in ("str", "int", "bool", "float"):
            assert type(value).__name__ == one.type, (one.name, value)
        if isinstance(value, str):
            assert "\x00" not in value and len(value.encode()) < 100_000, one.name
        elif isinstance(value, int):
            assert abs(value) < 2**63, one.name
