"""The pytest plugin, R141, as a project's author has it: by its entry point, in a run of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = "accounts: {acme: {languages: [en], channels: {web: {gateway: simulator}}}}\n"
FLOW = """
flow: demo
languages: [en]
start: {messages: [hi]}
steps:
  age: {ask: Age?, expect: integer}
  bye: {say: Bye., succeed: {}}
"""
TESTS = """
tests:
  - test: all well
    chat: [{user: hi}, {bot: Age?}, {user: 7}, {bot: Bye.}]
  - test: wrong words
    chat:
      - user: hi
      - bot: Age?
      - user: 7
      - bot: Good day.
"""


OURS = ("--disable-plugin-autoload", "-p", "flowbot")  # else those of all others here are loaded, and rewritten


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW)
    (tmp_path / "flows" / "demo.test.yaml").write_text(TESTS)
    return tmp_path


def run(root: Path, *arguments: str, plugins: tuple[str, ...] = OURS) -> tuple[int, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *plugins, *arguments]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_projects_transcripts_are_tests(root: Path) -> None:
    (root / "test_own.py").write_text("def test_own() -> None:\n    assert True\n")
    (root / "flows" / "other.test.yaml").write_text("tests:\n  - test: x\n    chat: [{robot: hi}]\n")
    code, output = run(root, plugins=())
    assert code == 1, output
    assert "2 failed, 2 passed" in output
    assert "flows/demo.test.yaml:10\n" in output
    assert "  > expected bot   Good day., but the bot said bye: Bye." in output
    assert "flows/other.test.yaml:3:12 a line of a chat is one of" in output
    assert "Traceback" not in output
    assert "site-packages" not in output


def test_one_is_called_by_its_name(root: Path) -> None:
    code, output = run(root, "flows/demo.test.yaml::all well")
    assert (code, "1 passed" in output) == (0, True), output


def test_it_keeps_to_projects(root: Path) -> None:
    (root / "flowbot.yaml").unlink()
    assert run(root)[0] == 5  # nothing collected
