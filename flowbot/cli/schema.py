"""`flowbot schema`: JSON Schemas with which an editor completes and checks a project's files while they are written."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from ..editor import SCHEMAS, schemas
from ..library.library import Library
from ..library.load import load
from .root import FOLDER, find_root


@click.command()
@click.argument("name", type=click.Choice(list(SCHEMAS)), default="flow")
@click.option("--write", is_flag=True, help=f"Write all of them to {FOLDER}/ in the project.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.pass_context
def command(context: click.Context, name: str, write: bool, project: Path | None) -> None:
    """Print the JSON Schema of one kind of file: flow, test, content, template, rules, or flowbot (flowbot.yaml).

    It knows this project's flows, steps, words, templates, channels and fields. Once they are written, `flowbot check`
    keeps them as new as the project.
    """
    environ = dict(context.find_root().obj or {})
    root = find_root(project or Path(environ.get("FLOWBOT_PROJECT") or "."))
    made = schemas(load(root, environ))
    if not write:
        click.echo(as_text(made[name]), nl=False)
        return
    try:
        write_all(root, made)
    except OSError as error:
        raise click.ClickException(f"the schemas cannot be written: {error}") from None
    click.echo("Put the line of its kind at the top of a file; editors with yaml-language-server then know it:")
    for kind, (_, files) in SCHEMAS.items():
        click.echo(f"  {files:<24} {modeline(kind, files)}")


def write_all(root: Path, made: dict[str, dict[str, object]]) -> None:
    """Write `.flowbot/<name>.schema.json` for each."""
    (root / FOLDER).mkdir(mode=0o700, exist_ok=True)  # data may come to lie there
    for name, schema in made.items():
        (root / FOLDER / f"{name}.schema.json").write_text(as_text(schema), "utf-8")


def renew(library: Library) -> str:
    """Write those anew that are there and older than the project; what to say of it, "" when nothing was to be done.

    While a flow has mistakes its names are not all known: then the old ones stay.
    """
    there = [name for name in SCHEMAS if (library.root / FOLDER / f"{name}.schema.json").is_file()]
    if not there or not library.sound:
        return ""
    made = {name: as_text(schema) for name, schema in schemas(library).items() if name in there}
    files = {name: library.root / FOLDER / f"{name}.schema.json" for name in there}
    try:
        old = [name for name in there if files[name].read_text("utf-8") != made[name]]
        for name in old:
            files[name].write_text(made[name], "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"the editor's schemas in {FOLDER}/ are older than the project and cannot be written: {error}"
    return f"the editor's schemas in {FOLDER}/ were older than the project: they are new now" if old else ""


def modeline(name: str, files: str) -> str:
    """
    >>> modeline("content", "content/*/*.yaml")
    '# yaml-language-server: $schema=../../.flowbot/content.schema.json'
    """
    return f"# yaml-language-server: $schema={'../' * files.count('/')}{FOLDER}/{name}.schema.json"


def as_text(schema: object) -> str:
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
