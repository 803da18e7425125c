"""`flowbot content status`: what is not translated, and what was translated before its source changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from ..errors import ProjectError
from ..library.words.keep import keep
from ..library.words.record import FILE, Marks, as_file, mark, read_marks
from ..library.words.status import Translation, translations
from ..library.words.units import origin
from .content_extract import open_library
from .named import find_flow

SHOWN = 8  # names on a line


@click.command("status")
@click.argument("flow", default="")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with every name.")
@click.option("--record", is_flag=True, help="Note the source of translations that are new or have changed.")
@click.option("--accept", is_flag=True, help="The same, and stale ones count as right as they are.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.pass_context
def status_(context: click.Context, flow: str, as_json: bool, record: bool, accept: bool, project: Path | None) -> None:
    """Per flow and language: texts that are missing, stale (the source changed after the translation) or unused.

    Stale is known for what import or --record has noted in content/.translated.yaml.
    """
    library = open_library(context, project)
    found = list(translations(library, flow))
    if flow and not found and flow not in library.flows:
        find_flow(library, flow)  # it says why there is none
    try:
        marks = read_marks(library.root)
        if record or accept:
            noted = sum(note(one, marks, accept) for one in found)
            keep(library.root, {FILE: as_file(marks)})
            click.echo(f"{FILE}: {noted} translations noted", err=True)
    except (ProjectError, OSError) as error:
        raise click.ClickException(str(error)) from None
    for name, made in sorted(library.made.items()):
        if made.flow is None and flow in ("", name):
            click.echo(f"flows/{name}.yaml: has mistakes, not looked at", err=True)
    rows = [as_data(one, marks) for one in found]
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        parts = [f"{len(row[state])} {state}" for state in ("missing", "stale", "unused") if row[state]]
        click.echo(f"{row['flow']} {row['lang']}: {', '.join(parts) or 'complete'}")
        for state in ("missing", "stale", "unused"):
            names = row[state]
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            if names:
                click.echo(f"  {state}: {', '.join(names[:SHOWN])}{more}")


def as_data(one: Translation, marks: Marks) -> dict[str, Any]:
    return {
        "flow": one.stem,
        "lang": one.lang,
        "missing": one.missing(),
        "stale": one.stale(marks),
        "unused": list(one.unused),
        "unrecorded": one.unrecorded(marks),
    }


def note(one: Translation, marks: Marks, accept: bool) -> int:
    """Put what is there into the marks; stale ones only when they are accepted."""
    stale = set() if accept else set(one.stale(marks))
    known = marks.setdefault(one.lang, {}).setdefault(one.stem, {})
    made = {
        name: mark(origin(name, one.source), one.target[name][1])
        for name in one.names()
        if name in one.target and name not in stale
    }
    changed = sum(known.get(name) != value for name, value in made.items())
    kept = {name: value for name, value in known.items() if name in one.target}
    known.clear()
    known.update({**kept, **made})
    return changed
