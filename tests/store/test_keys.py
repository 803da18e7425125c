"""The table of keys and the functions that build them are the same list."""

from __future__ import annotations

import inspect
import re

import pytest

from flowbot.store import keys
from flowbot.store.nodes import slot_of

EXAMPLES = {"partition": 7, "role": "w", "lane": "r", "channel_key": "acme/main", "what": "due"}
NOT_KEYS = {"tag", "digest", "dataclass"}


def builders() -> list[tuple[str, str]]:
    out = []
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        if name in NOT_KEYS or name.startswith("_") or function.__module__ != keys.__name__:
            continue
        given = {parameter: EXAMPLES.get(parameter, "x1") for parameter in inspect.signature(function).parameters}
        if name == "channel":
            given["what"] = "rate"
        if name == "account":
            given["what"] = "keys"
        if name == "broadcast":
            given["what"] = "rows"
        if name == "wake":
            given["what"] = "out"
        out.append((name, function(**given)))
    return out


def patterns() -> list[re.Pattern[str]]:
    """The table's patterns as regular expressions; several keys may share a line."""
    out = []
    for kind in keys.KEYS:
        first, *more = kind.pattern.split(", ")
        stem = first[: first.rindex("}") + 1] if "}" in first else ""
        for word in [first, *(one if "{" in one else stem + one for one in more)]:
            escaped = re.escape(word.replace("{pN}", "{p7}"))
            out.append(re.compile(re.sub(r"<\w+>", ".+", escaped) + r"\Z"))
    return out


@pytest.mark.parametrize(("name", "key"), builders())
def test_every_key_is_in_the_table(name: str, key: str) -> None:
    assert any(pattern.match(key) for pattern in patterns()), f"{name} builds {key}"


def test_all_of_a_partition_lies_in_one_slot() -> None:
    of_partition = [key for _, key in builders() if key.startswith("{p7}")]
    assert len(of_partition) > 20
    assert {slot_of(key) for key in of_partition} == {slot_of("{p7}")}


def test_64_partitions_spread_over_a_cluster() -> None:
    thirds = [slot_of(keys.tag(partition)) * 3 // 16384 for partition in range(64)]
    assert min(thirds.count(third) for third in range(3)) >= 15
