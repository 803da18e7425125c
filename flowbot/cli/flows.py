"""`flowbot flows`: which there are and which are published, taken out, taken in, copied."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from ..errors import ProjectError
from ..library import parcel
from ..library.library import Library
from ..library.load import load
from ..library.words.keep import keep
from ..settings import Settings
from ..store import publications
from .check import report
from .content_extract import open_library
from .named import find_flow
from .options import as_json, tell, with_settings
from .publish import opened


@click.group(name="flows")
def command() -> None:
    """List flows, see what was published, export, import and copy them."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def list_(settings: Settings, as_json: bool) -> None:
    """The flows of each account: the version of the file, and the one that is published."""
    rows: list[dict[str, Any]] = []
    with opened(settings) as (store, library, accounts):
        for account in accounts:
            live = store.run(publications.current(account.name)).flows
            drafts = {flow.id: flow for flow in library.flows_of(account.name)}
            for id in sorted({*drafts, *live}):
                draft = drafts.get(id)
                row = {"account": account.name, "flow": id, "title": draft.title if draft else ""}
                rows.append({**row, "file": draft.version if draft else None, "published": live.get(id)})
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        click.echo(f"{row['account']}/{row['flow']}  {_state(row['file'], row['published'])}")


def _state(draft: str | None, live: str | None) -> str:
    if draft == live:
        return f"{live}  published"
    if live is None:
        return f"{draft}  not published"
    return f"{draft or 'no file'}  published is {live}"


@command.command()
@click.argument("flow", default="")
@click.option("--account", "names", multiple=True, help="Default: all accounts.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def history(settings: Settings, flow: str, names: tuple[str, ...], as_json: bool) -> None:
    """Who published what, when and why, the newest first; of FLOW alone when it is named."""
    rows: list[dict[str, Any]] = []
    with opened(settings, names) as (store, _, accounts):
        for account in accounts:
            for one in store.run(publications.history(account.name)):
                changes = {id: pair for id, pair in one.changes.items() if flow in ("", id)}
                if changes:
                    facts = {"number": one.number, "at": _when(one.at), "who": one.who, "why": one.why}
                    rows.append({"account": account.name, **facts, "undoes": one.undoes or None, "changes": changes})
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        undoes = f", takes {row['undoes']} back" if row["undoes"] else ""
        click.echo(f"{row['account']} {row['number']}  {row['at']}  {row['who']}{undoes}  {row['why']}".rstrip())
        for id, (before, after) in row["changes"].items():
            click.echo(f"    {id}: {before or 'nothing'} -> {after or 'nothing'}")


def _when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@command.command("export")
@click.argument("flow")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="An archive (….zip), or a folder.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def export_(context: click.Context, flow: str, output: Path, project: Path | None, as_json: bool) -> None:
    """Write FLOW with its tests, words, media and templates into one archive or folder.

    What it uses of common.yaml comes along: it is the same flow, of the same version, wherever it is imported.
    """
    library = open_library(context, project)
    found = find_flow(library, flow)
    files = _sound(lambda: parcel.pack(library, found))
    try:
        if output.suffix == ".zip":
            output.write_bytes(parcel.as_zip(files))
        else:
            keep(output, files)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
    data = {"flow": flow, "version": found.version, "output": str(output), "files": sorted(files)}
    tell(as_json, data, f"{flow} ({found.version}): {len(files)} files in {output}")


@command.command("import")
@click.argument("source", metavar="ZIP|FOLDER", type=click.Path(exists=True, path_type=Path))
@click.option("--as", "name", default="", help="Another id for the flow.")
@click.option("--force", is_flag=True, help="Over files that are there already.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def import_(context: click.Context, source: Path, name: str, force: bool, project: Path | None, as_json: bool) -> None:
    """Take a flow in that `flowbot flows export` has written. Exit code 1: it has mistakes here."""
    library = open_library(context, project)
    read = parcel.from_folder if source.is_dir() else lambda path: parcel.from_zip(path.read_bytes())
    _take_in(context, library, _sound(lambda: read(source)), name, force, as_json)


@command.command()
@click.argument("flow")
@click.argument("name")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def copy(context: click.Context, flow: str, name: str, project: Path | None, as_json: bool) -> None:
    """Make a flow NAME that is FLOW with its tests and words. It starts by the same words: change them next."""
    library = open_library(context, project)
    found = find_flow(library, flow)
    _take_in(context, library, _sound(lambda: parcel.pack(library, found)), name, False, as_json)


def _take_in(
    context: click.Context, library: Library, files: parcel.Files, name: str, force: bool, as_json: bool
) -> None:
    id, made = _sound(lambda: parcel.unpack(files, name))
    blocked = parcel.in_the_way(library.root, made)
    if blocked and not force:
        raise click.ClickException(f"there already: {', '.join(blocked)}; another id with --as, or --force")
    try:
        keep(library.root, made)
    except OSError as error:
        raise click.ClickException(f"it cannot be written: {error.strerror}") from None
    after = load(library.root, dict(context.find_root().obj or {}))
    problems = [one for one in after.errors if one.file in made]
    for line in report(problems, library.root):
        click.echo(line, err=True)
    flow = after.flows.get(id)
    data = {"flow": id, "version": flow.version if flow else None, "files": sorted(made)}
    tell(as_json, data, f"{id}: {len(made)} files" + (f", version {flow.version}" if flow else ""))
    if flow is None:
        raise SystemExit(1)


def _sound(make: Any) -> Any:
    try:
        return make()
    except ProjectError as error:
        raise click.ClickException(str(error)) from None
