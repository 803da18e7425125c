"""Every code that can be reported is documented, with an example that really produces it at its place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import flowbot
from flowbot.library.codes import Code, codes
from flowbot.library.load import load
from flowbot.library.trial import write_trial
from flowbot.transcript.trial import look_of

EXAMPLES = list(codes().values())


def found(root: Path, code: Code) -> dict[tuple[str, str], list[str]]:
    places: dict[tuple[str, str], list[str]] = {}
    for one in look_of(code)(root):
        places.setdefault((one.file, one.code), []).append(f"{one.line}:{one.column} {one.level}")
    return places


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.code)
def test_the_bad_example_produces_the_code_at_its_place(code: Code, tmp_path: Path) -> None:
    write_trial(tmp_path, code, code.bad)
    assert f"{code.at} {code.level}" in found(tmp_path, code).get((code.file, code.code), []), found(tmp_path, code)


@pytest.mark.parametrize("code", [one for one in EXAMPLES if one.good], ids=lambda code: code.code)
def test_the_good_example_has_no_mistake(code: Code, tmp_path: Path) -> None:
    write_trial(tmp_path, Code(code=code.code, meaning="", file=code.file, files=code.files), code.good)
    problems = [*look_of(code)(tmp_path), *load(tmp_path, {}).problems]
    assert code.code not in {one.code for one in problems}
    assert not [one for one in problems if one.level == "error"]


def test_every_code_that_any_part_can_print_is_in_the_table_and_none_beside() -> None:
    """And so has a page: see tests/cli/test_explain.py."""
    trees = (ast.parse(file.read_text("utf-8")) for file in Path(flowbot.__file__).parent.rglob("*.py"))
    texts = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    assert {text for text in texts if isinstance(text, str) and re.fullmatch("[A-Z][0-9]{3}", text)} == set(codes())


def test_every_code_says_what_to_do() -> None:
    for code in EXAMPLES:
        assert code.meaning.endswith(".") and code.fix, code.code
        assert code.level in ("error", "warning", "note")
