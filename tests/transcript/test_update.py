"""`flowbot test --update`, R141; the cases are in update.yaml."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.library.yaml import read_yaml
from flowbot.transcript.read import read
from flowbot.transcript.revise import revised
from flowbot.transcript.run import play

PROJECT = "accounts: {acme: {languages: [en], channels: {web: {gateway: simulator}}}}\n"
FLOW = """
flow: demo
languages: [en]
start: {messages: [hi], api: true}
steps:
  greet: {say: hello}
  years: {ask: age, expect: integer}
  last: {ask: sure, expect: yes_no}
  done: {succeed: {}}
"""
CONTENT = """
hello: {text: "Hello, {{ contact.name }}", footer: ""}
age: How old?
sure: Sure?
"""
HEAD = "# how it goes\nflow: demo\ngiven: {contact: {name: Ana}}\n"
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "update.yaml").read_text())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("project")
    (root / "flows").mkdir()
    (root / "content" / "en").mkdir(parents=True)
    (root / "flowbot.yaml").write_text(PROJECT)
    (root / "flows" / "demo.yaml").write_text(FLOW)
    (root / "content" / "en" / "demo.yaml").write_text(CONTENT)
    return load(root, {})


def file(case: dict[str, Any], chat: str, expect: str = "") -> str:
    start = f"    start: {case['start']}\n" if "start" in case else ""
    return f"{HEAD}tests:\n  - test: it\n{start}    chat:\n{textwrap.indent(chat, '      ')}" + (
        f"    expect: {expect}\n" if expect else ""
    )


def update(library: Library, text: str) -> str:
    path = library.root / "flows" / "demo.test.yaml"
    path.write_bytes(text.encode())
    tests, problems = read(path, library.root)
    assert problems == []
    source = read_yaml("demo.test.yaml", path.read_bytes()).source
    assert source is not None
    return revised(source, tests, library)


def test_the_project_is_sound(library: Library) -> None:
    assert [one for one in library.problems if one.level == "error"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_what_is_written(library: Library, case: dict[str, Any], newline: str) -> None:
    before = file(case, case["before"], case.get("expect", ""))
    after = file(case, case.get("after", case["before"]), case.get("expected", ""))
    found = update(library, before.replace("\n", newline))
    assert found == after.replace("\n", newline)
    path = library.root / "flows" / "demo.test.yaml"
    path.write_text(found)
    tests, problems = read(path, library.root)
    assert problems == []
    assert [play(test, library).passed for test in tests] == [not case.get("still_fails", False)]


def test_the_command_shows_the_difference_and_plays_again(library: Library, tmp_path: Path) -> None:
    path = library.root / "flows" / "demo.test.yaml"
    path.write_text(file({}, "- user: hi\n- bot: [hello]\n- bot: old  # why\n"))
    result = CliRunner().invoke(program, ["test", str(library.root), "--update"], obj={})
    assert result.exit_code == 0, result.output
    assert "-      - bot: old  # why\n+      - bot: age  # why\n" in result.output
    assert result.output.endswith("1 passed, 0 failed\n")
    again = CliRunner().invoke(program, ["test", str(library.root), "--update"], obj={})
    assert again.output == "1 passed, 0 failed\n"


def test_only_the_named_tests_are_rewritten(library: Library) -> None:
    path = library.root / "flows" / "demo.test.yaml"
    path.write_text(
        file({}, "- user: hi\n- bot: old\n") + "  - test: other\n    chat:\n      - user: hi\n      - bot: x\n"
    )
    CliRunner().invoke(program, ["test", str(path), "--update", "--only", "other"], obj={})
    assert path.read_text().count("- bot: old") == 1
    assert "- bot: x" not in path.read_text()
