"""Real bodies with some of their parts replaced by anything at all, and parsed items as plain data."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import strategies as st

from flowbot.model.codec import to_plain
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
