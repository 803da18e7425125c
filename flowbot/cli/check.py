"""`flowbot check`: every mistake of a project at its place."""

from __future__ import annotations

import dataclasses
import gc
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click
import orjson

from ..library.load import load
from ..model.problem import Problem

COLORS = {"error": "red", "warning": "yellow", "note": "blue"}
_INVISIBLE = ("Mn", "Me", "Cf")  # what a terminal draws upon the sign before it, or not at all
WIDTH = 110  # characters of a source line that are shown


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@click.option("--explain", metavar="CODE", help="Say what a problem's code means, and what to do.")
@click.pass_context
def command(context: click.Context, path: Path | None, project: Path | None, as_json: bool, explain: str) -> None:
    """Check the project in PATH (default: here), or one file of it.

    Exit code 0: fine, perhaps with warnings; 1: errors; 2: there is no project.
    """
    if explain:
        click.echo(explanation(explain))
        return
    environ = dict(context.find_root().obj or {})
    start = project or path or Path(environ.get("FLOWBOT_PROJECT") or ".")
    root = find_root(start)
    gc.disable()  # a short run that makes many small objects and drops few: collecting takes a third of its time
    library = load(root, environ)
    gc.freeze()  # nor is it worth looking through them on the way out
    gc.enable()
    problems = list(library.problems)
    if path is not None and path.is_file():
        wanted = path.resolve().relative_to(root.resolve()).as_posix()
        problems = [one for one in problems if one.file == wanted]
    if as_json:
        click.echo(as_data(problems))
    else:
        for line in report(problems, root):
            click.echo(line)
        click.echo(summary(problems, len(library.files)))
    context.exit(1 if any(one.level == "error" for one in problems) else 0)


def find_root(start: Path) -> Path:
    """The project's folder: where `start` is, or the nearest above it that has a flowbot.yaml."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "flowbot.yaml").is_file():
            return start if folder == here else folder
    raise click.UsageError(f"{start} is not in a project: there is no flowbot.yaml here or above")


def report(problems: Iterable[Problem], root: Path) -> Iterable[str]:
    """Each problem as text: place, level, code, message, the line with a caret, the hint."""
    texts: dict[str, list[str]] = {}
    for one in problems:
        if one.file not in texts:
            texts[one.file] = _lines(root / one.file)
        place = f"{one.file}:{one.line}:{one.column}" if one.line else one.file
        level = click.style(f"{one.level} {one.code}", fg=COLORS.get(one.level), bold=True)
        yield f"{click.style(place, bold=True)}: {level}: {one.message}"
        lines = texts[one.file]
        if 0 < one.line <= len(lines):
            yield from _excerpt(lines[one.line - 1], one)
        if one.hint:
            yield f"       = {one.hint}"
        yield ""


def summary(problems: Iterable[Problem], files: int) -> str:
    counts = Counter(one.level for one in problems)
    if not counts:
        return click.style(f"{files} files, all fine", fg="green")
    words = [f"{counts[level]} {level}{'s' * (counts[level] != 1)}" for level in COLORS if counts[level]]
    return f"{files} files: " + ", ".join(words)


def as_data(problems: Iterable[Problem]) -> str:
    found = list(problems)
    counts = Counter(one.level for one in found)
    data = {
        "problems": [dataclasses.asdict(one) for one in found],
        "summary": {"errors": counts["error"], "warnings": counts["warning"], "notes": counts["note"]},
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def explanation(code: str) -> str:
    from ..library.codes import codes
    from ..model.problem import suggest

    found = codes().get(code.upper())
    if found is None:
        raise click.UsageError(f"there is no code '{code}'; {suggest(code.upper(), codes())}".rstrip("; "))
    parts = [f"{found.code} ({found.level}): {found.meaning}", found.why, found.fix]
    if found.bad:
        parts.append("Wrong:\n\n" + _indented(found.bad))
    if found.good:
        parts.append("Right:\n\n" + _indented(found.good))
    return "\n\n".join(part.strip("\n") for part in parts if part)


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.rstrip().splitlines())


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text("utf-8-sig", errors="replace")
    except OSError:
        return []
    return re.split("\r\n|[\r\n\x85\u2028\u2029]", text)


def _excerpt(line: str, problem: Problem) -> Iterable[str]:
    start = max(0, problem.column - 1 - WIDTH // 2) if len(line) > WIDTH else 0
    shown = "".join(" " if ord(sign) < 32 else sign for sign in line[start : start + WIDTH])
    before = shown[: problem.column - 1 - start]
    length = max(1, min(problem.length, len(shown) - len(before)))
    caret = click.style("^" * _cells(shown[len(before) : len(before) + length] or " "), fg=COLORS.get(problem.level))
    yield f"{problem.line:>6} | {shown}"
    yield f"       | {' ' * _cells(before)}{caret}"


def _cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.category(sign) in _INVISIBLE else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
