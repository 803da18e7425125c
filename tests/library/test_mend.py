"""Safe fixes: what is changed, and all that is better left to the author. Cases: mend/cases.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbot.library.load import load
from flowbot.library.mend.layout import trimmed, untabbed
from flowbot.library.mend.project import mend
from flowbot.library.mend.quotes import readable
from flowbot.library.yaml import read_yaml

CASES = yaml.safe_load((Path(__file__).parent / "mend" / "cases.yaml").read_text("utf-8"))
PROJECT = {
    "flowbot.yaml": "accounts: {acme: {languages: [en], channels: {main: {gateway: simulator}}}}\n",
    "flows/demo.yaml": "flow: demo\nstart: {api: true}\nsteps:\n  b: {say: Hi!, succeed: {}}\n",
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_r146_what_is_safe_is_mended_and_the_rest_is_left(case: dict[str, Any], tmp_path: Path) -> None:
    file = case.get("file", "flows/demo.yaml")
    write(tmp_path, {**PROJECT, file: case["text"]})
    library = load(tmp_path, {})
    done = mend(library, {})
    assert [f"{fix.line}:{fix.column} {fix.what}" for one in done for fix in one.fixes] == case.get("fixes", [])
    assert [(one.file, one.after.decode()) for one in done] == ([(file, case["after"])] if "after" in case else [])
    for one in done:
        (tmp_path / one.file).write_bytes(one.after)
    errors = [one for one in load(tmp_path, {}).problems if one.level == "error"]
    assert len(errors) <= len([one for one in library.problems if one.level == "error"])
    assert mend(load(tmp_path, {}), {}) == ()


def test_a_file_that_lies_outside_of_the_project_is_left(tmp_path: Path) -> None:
    write(tmp_path / "bot", PROJECT)
    write(tmp_path, {"elsewhere.yaml": "hello: Hi!  \n"})
    (tmp_path / "bot" / "content" / "en").mkdir(parents=True)
    (tmp_path / "bot" / "content" / "en" / "demo.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert mend(load(tmp_path / "bot", {}), {}) == ()


LINES = st.lists(
    st.text(st.sampled_from(list("ab:,'\"{}[]|-# \t@\n")), max_size=12).map("k: ".__add__), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(lines=LINES)
def test_whatever_stands_there_a_fix_leaves_a_sound_file_or_none(lines: list[str]) -> None:
    text = "\n".join(f"{chr(97 + number)}{line}" for number, line in enumerate(lines)) + "\n"
    before = read_yaml("content/en/a.yaml", text.encode())
    for layer in (untabbed, readable, trimmed):
        after, fixes = layer("content/en/a.yaml", text)
        assert bool(fixes) == (after != text)
        if fixes:
            now = read_yaml("content/en/a.yaml", after.encode())
            assert now.sound
            assert not before.sound or (now.source and before.source and now.source.data == before.source.data)
