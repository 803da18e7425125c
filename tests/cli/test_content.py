from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.library.load import load

FLOW = """\
# the flow
flow: demo
languages: [en, es]
defaults: {retry: {times: 2, say: "Try again: {{ n }} left"}}
anytime:
  help: {say: "Write \\"yes\\" or no."}  # help
steps:
  hello:
    say: [greeting, "Hi, {{ contact.name }}!", Second bubble]  # two in place
  size:
    ask: |  # which one
      Which size?

      Small or large.
    choices: [small, large]
    # how long we wait
    timeout: [{after: 10m, say: Still there?}]
  city: {ask: 'Where, it''s said?'}
  done: {say: "नमस्ते مرحبا", succeed: {}}
"""
EN = """\
greeting: Hello  # first
size:
  # labels
  choices: {small: Small one, large: Large one}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flowbot.yaml").write_text(
        "accounts: {acme: {languages: [en, es], channels: {web: {gateway: simulator}}}}\n"
    )
    for file, text in {"flows/demo.yaml": FLOW, "content/en/demo.yaml": EN}.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    return tmp_path


def run(root: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["content", *arguments, "--project", str(root)], obj={})
    return result.exit_code, result.output


def said(root: Path) -> dict[str, object]:
    flow = load(root, {}).flow("demo")
    found = flow.content.written("en")
    return {key: found[key]["text"] if isinstance(found[key], dict) else found[key] for key in flow.entries}


def test_texts_move_out_and_the_flow_says_the_same(root: Path) -> None:
    before = said(root)
    code, output = run(root, "extract", "demo")
    assert (code, output) == (0, "flows/demo.yaml: 8 texts moved to content\n")
    after = said(root)
    assert {key: before[key] for key in after} == after and set(before) - set(after) == {"city.retry"}
    assert not [one for one in load(root, {}).problems if one.level == "error"]
    flow = (root / "flows/demo.yaml").read_text("utf-8")
    for comment in ("# the flow\n", "  # help\n", "  # two in place\n", "    # how long we wait\n", "  # which one\n"):
        assert comment in flow
    assert "say: [greeting, hello.say_2, hello.say_3]" in flow and "ask: size  # which one\n    choices" in flow
    words = (root / "content/en/demo.yaml").read_text("utf-8")
    assert words.startswith("greeting: Hello  # first\nsize:\n  # labels\n  choices: {small: Small one")
    assert run(root, "extract", "demo") == (0, "flows/demo.yaml: 0 texts moved to content\n")


def test_a_dry_run_shows_the_change_and_makes_none(root: Path) -> None:
    code, output = run(root, "extract", "--dry-run")
    assert code == 0 and "-  city: {ask: 'Where, it''s said?'}\n" in output and "\n+  city: {ask: city}\n" in output
    assert "+++ content/en/demo.yaml" in output
    assert (root / "flows/demo.yaml").read_text("utf-8") == FLOW
    assert (root / "content/en/demo.yaml").read_text("utf-8") == EN


def test_a_text_whose_key_is_taken_stays(root: Path) -> None:
    (root / "content/en/demo.yaml").write_text(EN + "city: Another question\n", "utf-8")
    code, output = run(root, "extract", "demo")
    assert code == 0 and "stays in the flow: content/en/demo.yaml has another entry 'city'" in output
    assert "'Where, it''s said?'" in (root / "flows/demo.yaml").read_text("utf-8")


def test_a_flow_with_mistakes_is_left_alone(root: Path) -> None:
    (root / "flows/demo.yaml").write_text(FLOW.replace("expect", "x") + "  bad: {sya: x}\n", "utf-8")
    code, output = run(root, "extract")
    assert code == 1 and "has mistakes, left as it is" in output
