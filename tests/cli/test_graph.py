from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from flowbot.cli import program

FLOW = """\
flow: demo
languages: [en]
steps:
  size: {ask: Which?, choices: {small: done, large: {fail: too_large}}}
  done: {succeed: {}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(
        "accounts: {acme: {languages: [en], channels: {web: {gateway: simulator}}}}\n"
    )
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW, "utf-8")
    return tmp_path


def run(root: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["graph", *arguments, "--project", str(root)], obj={})
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("form", "start"),
    [("svg", "<svg "), ("mermaid", "flowchart TD"), ("dot", 'digraph "demo"'), ("text", "demo: demo")],
)
def test_each_format_is_printed(root: Path, form: str, start: str) -> None:
    code, output = run(root, "demo", "--format", form)
    assert code == 0 and output.startswith(start) and "too_large" in output


def test_without_a_terminal_it_is_svg(root: Path) -> None:
    code, output = run(root, "demo")
    assert code == 0 and ElementTree.fromstring(output).tag.endswith("svg")


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.svg", "<svg "), ("a.mmd", "flowchart"), ("a.gv", "digraph"), ("a.TXT", "demo: "), ("plain", "<svg ")],
)
def test_the_file_s_ending_chooses(root: Path, name: str, start: str) -> None:
    assert run(root, "demo", "-o", str(root / name)) == (0, "")
    assert (root / name).read_text("utf-8").startswith(start)


def test_what_cannot_be_drawn_is_said(root: Path) -> None:
    code, output = run(root, "dmo")
    assert code == 2 and "did you mean 'demo'?" in output
    code, output = run(root, "demo", "-o", str(root / "nowhere" / "a.svg"))
    assert code == 1 and "cannot be written" in output and "Traceback" not in output
    (root / "flows" / "demo.yaml").write_text(FLOW.replace("small: done", "small: doen"))
    code, output = run(root, "demo")
    assert code == 1 and "there is no step 'doen'" in output and "has mistakes" in output
