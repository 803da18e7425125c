"""The commands are one family: each takes `--project`, and `--json` where it prints data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import orjson
from click.testing import CliRunner

from flowbot.cli import program

# what talks to a person, runs until it is stopped, writes files and says which, or prints JSON anyway
NO_DATA = {"chat", "run", "web", "worker", "sender", "hooks", "schema", "explain"}
FILES = {"content extract", "content export", "content import", "flows copy", "flows export", "flows import"}


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
    assert [name for name, options in found.items() if "--project" not in options] == ["explain"]
    assert {name for name, options in found.items() if "--json" not in options} == NO_DATA | FILES


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
