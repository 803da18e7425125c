from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.editor import SCHEMAS

PROJECT = """\
accounts:
  acme:
    languages: [es]
    contact_fields: {city: text}
    channels: {shop: {gateway: simulator}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "sale.yaml").write_text("languages: [es]\nsteps: {a: {succeed: {}}}\n")
    return tmp_path


def run(root: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["schema", *arguments, "--project", str(root)], obj={})
    return result.exit_code, result.output


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_printed(root: Path, name: str) -> None:
    code, output = run(root, name)
    assert code == 0 and json.loads(output)["title"]
    assert not list(root.glob(".flowbot*"))


def test_it_knows_the_project_s_names_also_of_flows_with_mistakes(root: Path) -> None:
    (root / "flows" / "broken.yaml").write_text("steps: {a: {say: 1, oops: 2}}\n")
    text = run(root)[1]
    assert all(f'"{name}"' in text for name in ("sale", "broken", "shop", "contact.city"))


def test_all_are_written_with_the_line_for_each_kind_of_file(root: Path) -> None:
    code, output = run(root, "--write")
    assert code == 0
    for name in SCHEMAS:
        written = root / ".flowbot" / f"{name}.schema.json"
        assert json.loads(written.read_text("utf-8")) == json.loads(run(root, name)[1])
        assert f".flowbot/{name}.schema.json" in output
    assert "$schema=../.flowbot/flow.schema.json" in output and "$schema=.flowbot/flowbot.schema.json" in output


def test_outside_a_project_it_says_so(tmp_path: Path) -> None:
    code, output = run(tmp_path)
    assert code == 2 and "not in a project" in output


def test_a_folder_that_cannot_be_written_is_said(root: Path) -> None:
    (root / ".flowbot").write_text("a file")
    code, output = run(root, "--write")
    assert code == 1 and "cannot be written" in output


def check(root: Path) -> str:
    return CliRunner().invoke(program, ["check", "--project", str(root)], obj={}).stderr


def test_check_keeps_those_that_are_there_as_new_as_the_project(root: Path) -> None:
    assert check(root) == "" and not (root / ".flowbot").exists()
    run(root, "--write")
    assert check(root) == ""
    flow = root / "flows" / "sale.yaml"
    flow.write_text("languages: [es]\nsteps: {a: {say: Hola}, farewell: {succeed: {}}}\n")
    assert "were older than the project: they are new now" in check(root)
    written = root / ".flowbot" / "flow.schema.json"
    assert '"farewell"' in written.read_text("utf-8") and check(root) == ""
    flow.write_text("languages: [es]\nsteps: {a: {sya: Hola}, good_bye: {succeed: {}}}\n")
    assert check(root) == "" and '"farewell"' in written.read_text("utf-8"), "while it has mistakes the old ones stay"
