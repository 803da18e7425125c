"""Every requirement has a test that names it: in its docstring, in its name (r067), or in the file of its cases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
NUMBERS = (*range(1, 133), *range(135, 156))
REQUIRED = frozenset(f"R{number:03}" for number in NUMBERS)
# What is being built: each leaves this list with the test that holds it, and the list ends empty.
LATER: frozenset[str] = frozenset()
_NAMED = re.compile(r"\bR([0-9]{3})\b")


def named(file: Path) -> Iterator[str]:
    """The requirements that a file of tests or of cases names; comments of code do not count."""
    if file.suffix == ".py":
        for item in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                yield from _NAMED.findall(item.value)
            if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
                yield from re.findall(r"(?<=_)r([0-9]{3})(?=_)", item.name)
    else:
        yield from _NAMED.findall(file.read_text("utf-8"))


def everywhere() -> frozenset[str]:
    files = [file for kind in ("py", "yaml") for file in TESTS.rglob(f"*.{kind}") if file != Path(__file__)]
    return frozenset(f"R{number}" for file in files if "node_modules" not in file.parts for number in named(file))


def test_every_requirement_is_named_by_a_test() -> None:
    found = everywhere()
    assert sorted(REQUIRED - found - LATER) == []
    assert sorted(LATER & found) == [], "named by now: take them off the list"


def test_what_counts_as_naming(tmp_path: Path) -> None:
    file = tmp_path / "test_some.py"
    file.write_text("# R001\ndef test_r002_x() -> None:\n    '''R003, I4.'''\ndef r004_x(): ...\n")
    assert sorted(named(file)) == ["002", "003"]
    cases = tmp_path / "cases.yaml"
    cases.write_text("- name: R005 something\n- XR006\n")
    assert list(named(cases)) == ["005"]
