from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.cli.check import report
from flowbot.model.problem import Problem

PROJECT = "accounts: {acme: {languages: [en], channels: {main: {gateway: simulator}}}}\n"
SOUND = "flow: demo\nstart: {keywords: [hi]}\nsteps:\n  greet: {say: Hello!, succeed: {}}\n"
BROKEN = "flow: demo\nstart: {keywords: [hi]}\nsteps:\n  greet: {say: Hello!, nxt: close}\n  close: {succeed: {}}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "demo.yaml").write_text(SOUND)
    return tmp_path


def run(*arguments: str | Path, environ: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["check", *map(str, arguments)], obj=environ or {})
    return result.exit_code, result.output


def test_a_sound_project_is_fine(root: Path) -> None:
    assert run(root) == (0, "2 files, all fine\n")


def test_a_mistake_is_shown_with_place_line_caret_and_hint(root: Path) -> None:
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    code, output = run("--project", root)
    assert code == 1
    assert output.splitlines() == [
        "flows/demo.yaml:4:24: error F201: unknown key 'nxt'",
        "     4 |   greet: {say: Hello!, nxt: close}",
        "       |                        ^^^",
        "       = did you mean 'next'?",
        "",
        "flowbot explain F201 says more",
        "2 files: 1 error",
    ]


def test_warnings_and_notes_do_not_fail(root: Path) -> None:
    (root / "flows" / "demo.yaml").write_text(SOUND.replace("start: {keywords: [hi]}\n", ""))
    code, output = run(root)
    assert code == 0
    assert "warning K502" in output and output.endswith("2 files: 1 warning\n")


def test_json_for_machines(root: Path) -> None:
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    code, output = run(root, "--json")
    found = json.loads(output)
    assert code == 1
    assert found["summary"] == {"errors": 1, "warnings": 0, "notes": 0, "ignored": 0, "known": 0}
    assert found["problems"][0] == {
        "file": "flows/demo.yaml",
        "line": 4,
        "column": 24,
        "code": "F201",
        "message": "unknown key 'nxt'",
        "hint": "did you mean 'next'?",
        "level": "error",
        "pointer": "/steps/greet/nxt",
        "length": 3,
    }


def test_json_is_one_of_the_formats(root: Path) -> None:
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    assert run(root, "--json") == run(root, "--format", "json")
    assert run(root, "--json", "--format", "sarif")[0] == 2


def test_one_file_alone(root: Path) -> None:
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    (root / "flows" / "other.yaml").write_text("flow: other\n")
    code, output = run(root / "flows" / "demo.yaml")
    assert code == 1
    assert "other.yaml" not in output


def test_the_project_is_found_from_a_folder_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "flows")
    assert run()[0] == 0


def test_the_environment_names_the_project_and_the_secrets(root: Path) -> None:
    secret = "endpoints: [{name: crm, url: 'https://c.example', secret: '${env:HOOK}'}]"
    (root / "flowbot.yaml").write_text(PROJECT.replace("channels:", f"{secret}, channels:"))
    code, output = run(environ={"FLOWBOT_PROJECT": str(root)})
    assert code == 0 and "note P108: the environment has no HOOK" in output
    assert run(environ={"FLOWBOT_PROJECT": str(root), "HOOK": "whsec_x"}) == (0, "2 files, all fine\n")


@pytest.mark.parametrize("arguments", [["/nowhere"], ["--nonsense"]])
def test_wrong_usage_is_two(arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2


def test_a_folder_that_is_no_project_is_wrong_usage(tmp_path: Path) -> None:
    code, output = run(tmp_path)
    assert code == 2 and "there is no flowbot.yaml" in output


def test_the_caret_stands_under_wide_characters_and_long_lines(root: Path) -> None:
    line = "हाँ: 日本 " + "x" * 200 + " here"
    (root / "flows" / "wide.yaml").write_text(line, "utf-8")
    wide = Problem(file="flows/wide.yaml", line=1, column=6, code="T000", message="m", length=2)
    late = Problem(file="flows/wide.yaml", line=1, column=line.index("here") + 1, code="T000", message="m", length=4)
    text, caret = map(click.unstyle, list(report([wide], root))[1:3])
    assert caret == "       | " + " " * 4 + "^^^^"  # the sign above the first letter takes no room, 日本 take four
    text, caret = map(click.unstyle, list(report([late], root))[1:3])
    assert len(text) < 130 and text.endswith("here") and caret.index("^") == text.index("here")


def test_r146_a_comment_silences_a_line(root: Path) -> None:
    flow = BROKEN.replace("nxt: close}", "nxt: close}  # flowbot: ignore F201")
    (root / "flows" / "demo.yaml").write_text(flow)
    assert run(root) == (0, "2 files: 1 ignored\n")
    (root / "flows" / "demo.yaml").write_text(flow.replace("nxt", "next"))
    code, output = run(root)
    assert code == 0 and output.startswith("flows/demo.yaml:4:56: note Y015: there is no F201 to ignore here")


def test_r146_what_a_baseline_knows_does_not_fail(root: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    assert run(root, "--baseline", known)[0] == 2
    assert run(root, "--baseline", known, "--write-baseline") == (0, "2 files: 1 known\n")
    assert run(root, "--baseline", known) == (0, "2 files: 1 known\n")
    (root / "flows" / "demo.yaml").write_text("# a line above\n" + BROKEN.replace("close: {", "close: {sucseed: {}, "))
    code, output = run(root, "--baseline", known)
    assert code == 1 and "unknown key 'sucseed'" in output and "nxt'" not in output
    (root / "flows" / "demo.yaml").write_text(SOUND)
    code, output = run(root, "--baseline", known)
    assert code == 0
    assert output.startswith("flows/demo.yaml: gone F201: unknown key 'nxt'\n") and output.endswith("1 gone\n")
    assert json.loads(run(root, "--baseline", known, "--json")[1])["gone"][0]["pointer"] == "/steps/greet/nxt"


def test_a_baseline_of_one_file_looks_at_that_file(root: Path) -> None:
    known = root / "known.json"
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    (root / "flows" / "other.yaml").write_text(BROKEN.replace("demo", "other"))
    run(root, "--baseline", known, "--write-baseline")
    (root / "flows" / "other.yaml").unlink()
    assert run(root / "flows" / "demo.yaml", "--baseline", known) == (0, "2 files: 1 known\n")


def test_wrong_use_of_a_baseline_writes_nothing(root: Path) -> None:
    known = root / "known.json"
    known.write_text("{}")
    known.chmod(0o600)
    assert run(root, "--write-baseline")[0] == 2
    assert run(root / "flows" / "demo.yaml", "--baseline", known, "--write-baseline")[0] == 2
    code, output = run(root, "--baseline", known)
    assert code == 2 and "not a baseline" in output and known.read_text() == "{}"
    assert run(root, "--baseline", known, "--write-baseline")[0] == 0
    assert known.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in root.glob(".known*")] == []


def test_r146_fix_mends_says_what_and_checks_again(root: Path) -> None:
    flow = root / "flows" / "demo.yaml"
    flow.write_text(BROKEN)
    assert run(root, "--fix") == (0, "fixed flows/demo.yaml:4:24: nxt -> next\n2 files, all fine\n")
    assert flow.read_text() == BROKEN.replace("nxt", "next")
    assert run(root, "--fix") == (0, "2 files, all fine\n")
    assert sorted(one.name for one in flow.parent.iterdir()) == ["demo.yaml"]


def test_fix_of_one_file_leaves_the_others(root: Path) -> None:
    other = root / "flows" / "other.yaml"
    (root / "flows" / "demo.yaml").write_text(BROKEN)
    other.write_text(BROKEN.replace("demo", "other"))
    assert json.loads(run(root / "flows" / "demo.yaml", "--fix", "--json")[1])["fixed"] == [
        "flows/demo.yaml:4:24: nxt -> next"
    ]
    assert "nxt" in other.read_text()
