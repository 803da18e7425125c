"""What the reliability plan names is held by tests that are there: the table is reliability.yaml."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from flowbot.library.yaml import read_yaml

TESTS = Path(__file__).parent
SOURCE = read_yaml("reliability.yaml", (TESTS / "reliability.yaml").read_bytes()).source
assert SOURCE is not None
TABLE: dict[str, list[dict[str, Any]]] = SOURCE.data
ROWS = [pytest.param(row, id=f"{part}-{row['what']}") for part, rows in TABLE.items() for row in rows]


def names(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {item.name for item in ast.walk(tree) if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_is_held(row: dict[str, Any]) -> None:
    assert bool(row.get("tests")) != bool(row.get("unshown")), "by tests, or it says why by none"
    for one in row.get("tests", ()):
        file, _, name = one.partition("::")
        assert (TESTS / file).is_file(), one
        assert name in names(TESTS / file) or (name == "*" and names(TESTS / file)), one


def test_little_is_unshown() -> None:
    assert sum("unshown" in row for rows in TABLE.values() for row in rows) <= 1
