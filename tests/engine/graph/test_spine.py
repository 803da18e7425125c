"""What a spine says of a flow; the cases are in ways.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.engine.graph import spine_of
from flowbot.engine.graph.spine import Spine, Way
from flowbot.library.yaml import read_yaml
from tests.engine.talk import flow_of

READ = read_yaml("ways.yaml", (Path(__file__).parent / "ways.yaml").read_bytes())
assert READ.source is not None, READ.problems
CASES = READ.source.data


def spine(keys: dict[str, Any]) -> Spine:
    whole = {"flow": "demo", "languages": ["en"], "inputs": {"a": "number", "b": "number", "c": "number"}, **keys}
    return spine_of(flow_of(orjson.dumps(whole).decode()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_ways(case: dict[str, Any]) -> None:
    keys = {key: item for key, item in case.items() if key in ("steps", "anytime", "settings", "reengage")}
    found = spine(keys)
    assert [f"{found.rows[way.source].id}: {_words(way)} ({way.shape}, {way.tone})" for way in found.ways] == case[
        "ways"
    ]
    if "said" in case:
        assert [f"{_words(way)} ({way.tone})" for way in found.anytime] == case["said"]


def test_it_says_how_the_flow_begins() -> None:
    start = {
        "messages": ["Hi"],
        "keywords": ["hi", "hey"],
        "regex": "[A-Z]+",
        "new_contact": True,
        "out_of_hours": True,
    }
    made = spine({"start": {**start, "api": True}, "steps": {"done": {"succeed": {}}}})
    assert made.starts == (
        "“Hi”",
        "hi, hey",
        "/[A-Z]+/",
        "the first message ever",
        "any message out of office hours",
        "API",
    )


def test_rows_tell_what_a_step_is() -> None:
    made = spine(
        {
            "steps": {
                "age": {
                    "ask": "How old?",
                    "expect": "integer",
                    "title": "Age",
                    "note": "two\n lines",
                    "when": "inputs.a",
                },
                "noted": {"set": {"vars.b": 1}},
                "bye": {"say": "Bye", "fail": "bye"},
            }
        }
    )
    age, noted, bye = made.rows
    assert (age.kind, age.tone, age.title, age.note) == ("ask", "wait", "Age", "two lines")
    assert (age.condition, age.detail) == ("inputs.a", "integer")
    assert (noted.kind, noted.tone) == ("set", "act")
    assert (bye.kind, bye.tone) == ("fail", "bad")


def _words(way: Way) -> str:
    return f"{'~' if way.quiet else ''}{way.label} -> {way.name}"
