"""Every code that can be reported is documented, with an example that really produces it at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flowbot
from flowbot.library.codes import Code, codes
from flowbot.library.load import load
from flowbot.library.trial import write_trial

EXAMPLES = list(codes().values())


def found(root: Path) -> dict[tuple[str, str], list[str]]:
    places: dict[tuple[str, str], list[str]] = {}
    for one in load(root, {}).problems:
        places.setdefault((one.file, one.code), []).append(f"{one.line}:{one.column} {one.level}")
    return places


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.code)
def test_the_bad_example_produces_the_code_at_its_place(code: Code, tmp_path: Path) -> None:
    write_trial(tmp_path, code, code.bad)
    assert f"{code.at} {code.level}" in found(tmp_path).get((code.file, code.code), []), found(tmp_path)


@pytest.mark.parametrize("code", [one for one in EXAMPLES if one.good], ids=lambda code: code.code)
def test_the_good_example_has_no_mistake(code: Code, tmp_path: Path) -> None:
    write_trial(tmp_path, Code(code=code.code, meaning="", file=code.file, files=code.files), code.good)
    problems = load(tmp_path, {}).problems
    assert code.code not in {one.code for one in problems}
    assert not [one for one in problems if one.level == "error"]


def test_the_table_is_the_code() -> None:
    room = Path(flowbot.__file__).parent
    written = {
        code for file in room.rglob("*.py") for code in re.findall(r'"([YPFECKMR][0-9]{3})"', file.read_text("utf-8"))
    }
    assert written == set(codes())


def test_every_code_says_what_to_do() -> None:
    for code in EXAMPLES:
        assert code.meaning.endswith(".") and code.fix, code.code
        assert code.level in ("error", "warning", "note")
