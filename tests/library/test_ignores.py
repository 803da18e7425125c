"""Comments that silence problems: which lines they reach, and the note for those in vain. Cases: ignores/cases.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flowbot.library.load import load

CASES = yaml.safe_load((Path(__file__).parent / "ignores" / "cases.yaml").read_text("utf-8"))
PROJECT = "accounts: {acme: {languages: [en], channels: {main: {gateway: simulator}}}}\n"


def write(root: Path, text: str) -> None:
    (root / "flows").mkdir(exist_ok=True)
    (root / "flowbot.yaml").write_text(PROJECT)
    (root / "flows" / "demo.yaml").write_bytes(text.encode())


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_r146_comments_silence_the_problems_of_their_line(case: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, case["text"])
    library = load(tmp_path, {})
    assert [f"{one.line} {one.code}" for one in library.ignored] == case.get("silent", [])
    left = [one for one in library.problems if one not in library.ignored]
    assert [f"{one.line} {one.code}" for one in left] == case.get("left", [])


def test_a_silenced_error_is_still_an_error_of_the_flow(tmp_path: Path) -> None:
    write(tmp_path, CASES[0]["text"])
    library = load(tmp_path, {})
    assert not library.sound and "demo" not in library.flows


def test_the_note_says_what_is_wrong_with_the_comment(tmp_path: Path) -> None:
    flow = "flow: demo\nstart: {keywords: [hi]}\nsteps: {a: {say: Hi!, succeed: {}}}"
    write(tmp_path, f"{flow}  # flowbot: ignore F20x, F999\n")
    assert [one.message for one in load(tmp_path, {}).problems] == ["this ignore names no code"]
    write(tmp_path, f"{flow}  # flowbot: ignore F299 F202\n")
    found = load(tmp_path, {}).problems
    assert [(one.message, one.column, one.length) for one in found] == [
        ("there is no code F299", 56, 4),
        ("there is no F202 to ignore here", 61, 4),
    ]
    assert found[0].hint.startswith("did you mean 'F2")
