"""The commands are one family: each takes `--project`, and `--json` where it prints data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson
from click.testing import CliRunner

from flowbot.cli import program

# what talks to a person, runs until it is stopped, or prints JSON anyway
NO_DATA = {"chat", "run", "web", "worker", "sender", "hooks", "schema"}


def leaves(command: click.Command, name: str, above: click.Context | None = None) -> Iterator[tuple[str, set[str]]]:
    context = click.Context(command, info_name=name, parent=above)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context) + [one for one in getattr(command, "commands", {})]:
            found = command.get_command(context, inner)
            assert found is not None
            yield from leaves(found, f"{name} {inner}".strip(), context)
    else:
        yield name, {option for one in command.params for option in one.opts}


def test_every_command_takes_a_project_and_tells_data_as_json() -> None:
    found = dict(leaves(program, ""))
    assert len(found) > 40
    assert [name for name, options in found.items() if "--project" not in options] == []
    assert {name for name, options in found.items() if "--json" not in options} == NO_DATA


def test_a_new_project_and_its_picture_as_data(tmp_path: Path) -> None:
    made = CliRunner().invoke(program, ["new", "--project", str(tmp_path / "bot"), "--json"])
    told = orjson.loads(made.output)
    assert told["project"] == str(tmp_path / "bot")
    assert all(Path(one).is_file() for one in told["files"]) and len(told["files"]) > 3
    drawn = CliRunner().invoke(program, ["graph", "booking", "--project", str(tmp_path / "bot"), "--json"])
    spine = orjson.loads(drawn.output)
    assert spine["id"] == "booking" and spine["rows"][0]["id"] and spine["ways"]
    assert CliRunner().invoke(program, ["new"]).exit_code == 2
    assert CliRunner().invoke(program, ["new", "a", "--project", "b"]).exit_code == 2


def test_what_moves_files_tells_which_as_data(tmp_path: Path) -> None:
    bot = tmp_path / "bot"
    assert CliRunner().invoke(program, ["new", str(bot)]).exit_code == 0

    def told(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(program, [*arguments, "--project", str(bot), "--json"], obj={})
        assert result.exit_code == code, result.output
        return orjson.loads(result.stdout)

    copied = told("flows", "copy", "booking", "visit")
    assert copied["flow"] == "visit" and copied["version"] and "flows/visit.yaml" in copied["files"]
    out = told("flows", "export", "visit", "-o", str(tmp_path / "visit.zip"))
    assert (out["version"], out["output"]) == (copied["version"], str(tmp_path / "visit.zip"))
    assert out["files"] == copied["files"]
    taken = told("flows", "import", str(tmp_path / "visit.zip"), "--as", "stay")
    assert taken["flow"] == "stay" and len(taken["files"]) == len(out["files"])

    texts = told("content", "export", "booking", "--lang", "es", "--format", "csv", "-o", str(tmp_path / "es.csv"))
    assert texts["lang"] == "es" and texts["texts"][0]["context"].startswith("booking:")
    sheet = (tmp_path / "es.csv").read_text("utf-8")
    assert texts["file"] == str(tmp_path / "es.csv") and texts["texts"][0]["context"] in sheet
    (bot / "flows" / "tea.yaml").write_text("flow: tea\nsteps:\n  cup: {say: Here it is, succeed: {}}\n")
    (row,) = [one for one in told("content", "extract", "tea")]
    assert (row["flow"], row["moved"], row["files"]) == ("tea", 1, ["content/en/tea.yaml", "flows/tea.yaml"])
    assert "+  cup: {say: cup, succeed: {}}\n" in row["difference"]
    said = (tmp_path / "es.csv").read_text("utf-8").replace(",,", ",¡Hola!,", 1)
    (tmp_path / "es.csv").write_text(said, "utf-8")
    back = told("content", "import", str(tmp_path / "es.csv"), "--lang", "es", code=1)
    assert (back["lang"], back["taken"], back["files"]) == ("es", [], [])
    assert back["refused"] == [{"line": 2, "context": "booking:day.text", "reason": "it lacks {{ contact.name }}"}]


def test_a_code_is_told_as_data_wherever_one_is(tmp_path: Path) -> None:
    page = orjson.loads(CliRunner().invoke(program, ["explain", "F207", "--json", "--project", "nowhere"]).output)
    assert (page["code"], page["level"], page["area"]) == ("F207", "error", "flow")
    assert page["bad"] and "did you mean" in page["said"]
    every = orjson.loads(CliRunner().invoke(program, ["explain", "--json"]).output)
    assert {"code": "F207", "area": "flow", "level": "error", "meaning": page["meaning"]} in every
