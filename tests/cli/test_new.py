"""A new project checks clean, its tests pass, and it runs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.cli.new import NAME, starter
from tests.running import Phone, Running

FILES = {".gitignore", "flowbot.yaml", "flows/booking.yaml", "flows/booking.test.yaml", "content/en/booking.yaml"}


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, list(arguments), obj={})
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "somewhere" / "Corner Café"
    code, output = run("new", str(made))
    assert code == 0 and "flowbot run --try" in output, output
    return made


def test_it_is_written_with_an_account_of_its_own_name(folder: Path) -> None:
    written = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert {name for name in written if not name.startswith(".flowbot/")} == FILES
    assert set(yaml.safe_load((folder / "flowbot.yaml").read_text("utf-8"))["accounts"]) == {"corner-cafe"}
    assert NAME not in (folder / "flowbot.yaml").read_text("utf-8")


def test_it_checks_clean_and_its_tests_pass(folder: Path) -> None:
    code, output = run("check", str(folder), "--json")
    assert code == 0 and json.loads(output)["problems"] == []
    code, output = run("test", str(folder), "--coverage", "--at-least", "100")
    assert code == 0 and output.strip().endswith("3 passed, 0 failed"), output


def test_every_file_names_a_schema_that_is_there(folder: Path) -> None:
    for name in FILES - {".gitignore"}:
        first = (folder / name).read_text("utf-8").splitlines()[0]
        place = first.removeprefix("# yaml-language-server: $schema=")
        assert place != first and ((folder / name).parent / place).resolve().is_file(), first
    assert stat.S_IMODE((folder / ".flowbot").stat().st_mode) == 0o700


def test_it_runs(folder: Path) -> None:
    with Running(folder, folder / ".flowbot") as running, Phone(running.address, "booking", "corner-cafe") as phone:
        phone.say("I want to book a table")
        phone.hears("day")
        phone.say("tomorrow")
        phone.hears("people")
        phone.say("2")
        phone.hears("where")
        phone.tap("inside")
        phone.hears("confirm")
        phone.tap("yes")
        phone.hears("booked")


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert run("new", str(tmp_path))[0] == 0
    assert (tmp_path / "flowbot.yaml").is_file()


@pytest.mark.parametrize("kind", ["file", "folder", "hidden"])
def test_what_is_there_is_left_alone(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "mine"
    if kind == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / (".hidden" if kind == "hidden" else "notes.txt")).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    code, output = run("new", str(place))
    assert code == 2 and "not empty" in output
    assert sorted(tmp_path.rglob("*")) == before


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, output = run("new", str(tmp_path / "file" / "bot"))
    assert code == 1 and "cannot be written" in output and "Traceback" not in output


def test_the_starter_is_only_text_files() -> None:
    assert {place.as_posix() for place, _ in starter()} == FILES
