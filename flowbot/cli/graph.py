"""`flowbot graph`: a flow as a picture."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click
import orjson

from ..engine.graph import FORMATS, draw, spine_of
from ..library.load import load
from .named import find_flow
from .options import as_json
from .root import find_root

ENDINGS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".txt": "text"}


@click.command()
@click.argument("flow")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="Default: by FILE's ending, else svg.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def command(
    context: click.Context, flow: str, form: str | None, output: Path | None, project: Path | None, as_json: bool
) -> None:
    """Draw FLOW: its steps from the top down, where each outcome leads, and how it ends.

    In a terminal, without --format and -o, it is drawn as text. With --json it is told as data.
    """
    environ = dict(context.find_root().obj or {})
    library = load(find_root(project or Path(environ.get("FLOWBOT_PROJECT") or ".")), environ)
    found = find_flow(library, flow)
    if as_json:
        picture = orjson.dumps(asdict(spine_of(found)), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    else:
        picture = draw(found, form or _form(output, sys.stdout.isatty()))
    if output is None:
        click.echo(picture, nl=False)
        return
    try:
        output.write_text(picture, "utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None


def _form(output: Path | None, at_terminal: bool) -> str:
    if output is not None:
        return ENDINGS.get(output.suffix.lower(), "svg")
    return "text" if at_terminal else "svg"
