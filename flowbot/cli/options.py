"""What commands share: `--project`, `--data`, `--json`, and the settings made from them and the environment."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click
import orjson

from ..settings import Settings


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `--project` and `--data`, and pass it `settings`; what is given beats the environment.

    @click.command()
    @with_settings
    def command(settings: Settings, …) -> None: …
    """

    @click.option("--project", type=click.Path(path_type=Path), help="The project folder. Default: this one.")
    @click.option(
        "--data", type=click.Path(path_type=Path), help="Where data is kept. Default: .flowbot in the project."
    )
    @click.pass_context
    def run(context: click.Context, /, project: Path | None, data: Path | None, **given: Any) -> Any:
        settings = read_settings(context, project=project, data=data)
        return context.invoke(command, settings=settings, **given)

    return update_wrapper(run, command)


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `--json`, as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")(command)


def tell(as_json: bool, data: Any, text: str) -> None:
    """What the command did or found: for a program, or for people."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() if as_json else text)


def read_settings(context: click.Context, **given: object) -> Settings:
    """The settings of the environment, with what the command line gave laid over them; None means not given."""
    environ = dict(context.find_root().obj or {})
    over = {"FLOWBOT_" + name.upper(): str(value) for name, value in given.items() if value is not None}
    return Settings.from_env({**environ, **over})
