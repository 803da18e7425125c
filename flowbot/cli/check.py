"""`flowbot check`: every mistake of a project at its place."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import click

from ..errors import ProjectError
from ..library.baseline import compare, from_bytes, to_bytes
from ..library.load import Library, load
from ..library.mend.project import mend
from ..model.problem import Problem
from .formats import FORMATS, Report
from .formats.text import said as report
from .root import FOLDER, find_root

__all__ = ["command", "report"]

WHOLE = "--write-baseline is for the whole project, not for one file"


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="How to say it. Default: text.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="A file of problems that are known.")
@click.option("--write-baseline", is_flag=True, help="Write what is found now to the file of --baseline.")
@click.option("--fix", is_flag=True, help="Mend what is safe to mend: misspelled keys, missing quotes, tabs, spaces.")
@click.pass_context
def command(
    context: click.Context,
    path: Path | None,
    project: Path | None,
    form: str | None,
    as_json: bool,
    baseline: Path | None,
    write_baseline: bool,
    fix: bool,
) -> None:
    """Check the project in PATH (default: here), or one file of it.

    Exit code 0: fine, perhaps with warnings; 1: errors; 2: there is no project, or the baseline cannot be used.
    """
    environ = dict(context.find_root().obj or {})
    root = find_root(project or path or Path(environ.get("FLOWBOT_PROJECT") or "."))
    only = _one_file(root, path)
    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} say two things")
    if write_baseline and (baseline is None or only):
        raise click.UsageError("--write-baseline wants --baseline FILE" if baseline is None else WHOLE)
    library = _load(root, environ)
    fixed = _fix(library, environ, only) if fix else ()
    if fixed:
        library = load(root, environ, before=library, remarks=True)
    made = replace(_report(library, only), fixed=fixed)
    if baseline is not None and write_baseline:
        _write(baseline, to_bytes(made.problems))
    if baseline is not None:
        made = _less_known(made, baseline, only)
    click.echo(FORMATS[form or ("json" if as_json else "text")](made))
    if (library.root / FOLDER / "flow.schema.json").is_file():
        from .schema import renew  # what only editors need takes its time to load

        told = renew(library)
        if told:
            click.echo(told, err=True)
    context.exit(1 if made.failed else 0)


def _one_file(root: Path, path: Path | None) -> str:
    """The file that alone is asked for, relative to the project; "" for the whole project."""
    if path is None or not path.is_file():
        return ""
    whole = path.resolve()
    if not whole.is_relative_to(root.resolve()):
        raise click.UsageError(f"{path} is not in the project {root}")
    return whole.relative_to(root.resolve()).as_posix()


def _load(root: Path, environ: Mapping[str, str]) -> Library:
    library = load(root, environ, remarks=True)
    gc.freeze()  # a short run: it is not worth looking through all of it on the way out
    return library


def _fix(library: Library, environ: Mapping[str, str], only: str) -> tuple[str, ...]:
    done: list[str] = []
    for one in mend(library, environ, only=only):
        file = library.root / one.file
        if file.read_bytes() != one.before:
            raise click.ClickException(f"{one.file} was changed meanwhile; nothing was written to it")
        _write(file, one.after)
        done += map(str, one.fixes)
    return tuple(done)


def _report(library: Library, only: str) -> Report:
    silent = set(library.ignored)
    left = tuple(one for one in _of(library.problems, only) if one not in silent)
    ignored = sum(1 for _ in _of(library.ignored, only))
    return Report(root=library.root, here=Path.cwd(), files=len(library.files), problems=left, ignored=ignored)


def _of(problems: Iterable[Problem], only: str) -> Iterable[Problem]:
    return (one for one in problems if not only or one.file == only)


def _less_known(made: Report, baseline: Path, only: str) -> Report:
    try:
        expected = from_bytes(baseline.read_bytes())
    except (OSError, ProjectError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"{baseline}: {why}; --write-baseline writes it") from None
    found = compare(made.problems, expected)
    gone = tuple(one for one in found.gone if not only or one.file == only)
    return replace(made, problems=found.new, known=len(found.known), gone=gone)


def _write(file: Path, data: bytes) -> None:
    """All of it or nothing, with the rights that the file has."""
    file = file.resolve()
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(data)
            Path(name).chmod(mode)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
