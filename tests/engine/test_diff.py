"""The readable difference of two versions of a flow (R143)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from flowbot.engine.diff import Change, compare
from flowbot.library.yaml import read_yaml

from .talk import flow_of

CASES = read_yaml("diffs.yaml", (Path(__file__).parent / "diffs.yaml").read_bytes())
assert CASES.source is not None and not CASES.problems, CASES.problems


def told(change: Change) -> list[Any]:
    name = f"{change.lang} {change.name}".strip()
    return [change.kind, change.where, name, change.part, change.before, change.after]


@pytest.mark.parametrize("case", CASES.source.data, ids=lambda case: case["why"])
def test_difference(case: dict[str, Any]) -> None:
    """R143: steps, questions, limits and words."""
    words = case.get("words", {})
    texts = {key: key for key in ("hi_text", "ho_text", "x_text", "y_text", "w_text", "bye_text")}
    first = flow_of(orjson.dumps(case["a"]).decode(), words or {"en": texts})
    other = flow_of(orjson.dumps(case.get("b", case["a"])).decode(), case.get("then", {"en": texts}))
    if not words:
        first.meaning["content"].clear()  # type: ignore[attr-defined]
        other.meaning["content"].clear()  # type: ignore[attr-defined]
    assert [told(change) for change in compare(first, other)] == case["says"]
    assert bool(compare(other, first)) == bool(case["says"])


def test_a_flow_that_came_or_went() -> None:
    flow = flow_of("steps: {x: {say: hi_text, succeed: {}}}")
    assert [told(change)[:2] for change in compare(None, flow)] == [["added", "flow"]]
    assert [told(change)[:2] for change in compare(flow, None)] == [["removed", "flow"]]
    assert compare(None, None) == () and compare(flow, flow) == ()
