"""A flow with any damage gives problems, never an exception."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from flowbot.engine.compiler import compile_flow, from_bundle
from flowbot.library.yaml import read_yaml
from flowbot.model.problem import Source

ROOT = Path(__file__).parents[2]
JUNK: list[Any] = [
    *(None, True, False, 0, -1, 3.5, "", " ", "text", "Some text.", "{{", "{{ x }}", "a" * 300, "back", "5m", "\u0000"),
    *([], {}, [None], [[]], {"": ""}, {1: 2}, {"then": 1}, {"fail": None}, {"succeed": []}, {"jump": {}}, ["a", "a"]),
    *({"when": "1 ==", "then": "x"}, [{"else": "x"}, {"else": "y"}], {"times": "x"}, {"after": None}, {"after": "5m"}),
]


def _places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, item in items for place in _places(item, (*path, key)))]


def _damaged(data: Any, path: tuple[Any, ...], junk: Any, how: int) -> Any:
    if not path:
        return junk
    copy = dict(data) if isinstance(data, dict) else list(data)
    key = path[0]
    if len(path) > 1:
        copy[key] = _damaged(data[key], path[1:], junk, how)
    elif how == 0 or isinstance(copy, list):
        copy[key] = junk
    elif how == 1:
        del copy[key]
    else:
        copy[junk if isinstance(junk, (str, int, bool, type(None))) else "odd"] = copy.pop(key)
    return copy


@pytest.mark.parametrize("name", ["identity", "antenatal_visit"])
@pytest.mark.parametrize("seed", range(4))
def test_damage(name: str, seed: int) -> None:
    read = read_yaml(f"flows/{name}.yaml", (ROOT / "flows" / f"{name}.yaml").read_bytes())
    assert read.source is not None
    chance = random.Random(f"{name}{seed}")
    places = _places(read.source.data)
    for _ in range(60):
        data = read.source.data
        for _ in range(chance.choice([1, 1, 3])):
            places = _places(data)
            data = _damaged(data, chance.choice(places), chance.choice(JUNK), chance.randrange(3))
        made = compile_flow(Source(file=f"flows/{name}.yaml", text="", data=data), {"en": {}, "es": {}})
        assert made.flow is not None or any(one.level == "error" for one in made.problems)
        if made.flow is not None:
            assert from_bundle(made.flow.bundle()).version == made.flow.version
