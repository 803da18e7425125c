"""`flowbot content extract`: texts written in a flow move to its content file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from ..errors import ProjectError
from ..library.library import Library
from ..library.load import load
from ..library.words.extract import extract
from ..library.words.keep import keep
from .named import find_flow
from .options import as_json
from .root import find_root


@click.command("extract")
@click.argument("flow", required=False)
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@as_json
@click.pass_context
def extract_(context: click.Context, flow: str | None, dry_run: bool, project: Path | None, as_json: bool) -> None:
    """Move the texts that stand in FLOW (default: all flows) to content/LANGUAGE/FLOW.yaml, under the step's id.

    Comments and layout of both files stay. Exit code 1: a file could not be changed.
    """
    library = open_library(context, project)
    failed = False
    rows: list[dict[str, Any]] = []
    for name in [flow] if flow else sorted(library.made):
        if flow is None and library.made[name].flow is None:
            click.echo(f"flows/{name}.yaml: has mistakes, left as it is", err=True)
            failed = True
            continue
        try:
            found = extract(library, find_flow(library, name))
            for line, column, reason in found.left:
                click.echo(f"flows/{name}.yaml:{line}:{column}: stays in the flow: {reason}", err=True)
            change = difference(library.root, found.files)
            if not dry_run:
                keep(library.root, found.files)
        except (ProjectError, OSError) as error:
            click.echo(str(error), err=True)
            failed = True
            continue
        rows.append({"flow": name, "moved": found.moved, "files": sorted(found.files), "difference": change})
        if as_json:
            continue
        if dry_run:
            click.echo(change, nl=False)
        elif found.moved or flow:
            click.echo(f"flows/{name}.yaml: {found.moved} texts moved to content")
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    context.exit(1 if failed else 0)


def open_library(context: click.Context, project: Path | None) -> Library:
    environ = dict(context.find_root().obj or {})
    return load(find_root(project or Path(environ.get("FLOWBOT_PROJECT") or ".")), environ)


def difference(root: Path, files: Mapping[str, bytes]) -> str:
    """The change of each file as a unified diff."""
    parts = []
    for file, new in files.items():
        path = root / file
        old = path.read_bytes() if path.is_file() else b""
        was, now = (raw.decode("utf-8-sig").splitlines(keepends=True) for raw in (old, new))
        before = file if old else "/dev/null"
        parts += [line.rstrip("\r\n") + "\n" for line in difflib.unified_diff(was, now, before, file)]
    return "".join(parts)
