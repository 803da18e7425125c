"""`flowbot test`: play the transcripts beside the flows, with the real engine and a virtual clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from ..library.load import load
from ..model.problem import Problem
from ..transcript.coverage import as_data as coverage_data
from ..transcript.coverage import percent
from ..transcript.read import find, read
from ..transcript.run import Result, play
from ..transcript.watch import Trail, watched
from .covered import covered, missed
from .renewal import colored, renew
from .root import find_root

_SHOWN = 14  # lines of the chat before a failure


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.option("--only", metavar="WORDS", default="", help="Only tests whose names hold these words.")
@click.option("--coverage", "covers", is_flag=True, help="Name the steps and outcomes that no test reaches.")
@click.option(
    "--at-least",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail below this coverage; goes with --coverage.",
)
@click.option("--update", is_flag=True, help="Rewrite what failing tests expect, and show the difference.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_context
def command(
    context: click.Context,
    path: Path | None,
    project: Path | None,
    only: str,
    covers: bool,
    at_least: float | None,
    update: bool,
    as_json: bool,
) -> None:
    """Play the transcript tests in PATH: a project, or one *.test.yaml.

    Exit code 0: all passed; 1: some failed, or too little is covered; 2: there is no project.
    """
    environ = dict(context.find_root().obj or {})
    start = project or path or Path(environ.get("FLOWBOT_PROJECT") or ".")
    root = find_root(start.parent if start.is_file() else start)
    library = load(root, environ)
    files = [file.resolve() for file in find(path if path is not None else root)]
    diffs = [diff for file in files if (diff := renew(file, root.resolve(), library, only))] if update else []
    trail: Trail | None = None
    if covers or at_least is not None:
        library, trail = watched(library)
    results: list[Result] = []
    problems: list[Problem] = []
    for file in files:
        tests, wrong = read(file, root.resolve())
        problems += wrong
        results += [play(test, library) for test in tests if only.lower() in test.name.lower()]
    found = covered(library, trail, results, whole=path is None or not path.is_file()) if trail else []
    failed = sum(not result.passed for result in results) + len(problems)
    if as_json:
        data = as_data(results, problems)
        data |= {"coverage": coverage_data(found)} if trail else {}
        data |= {"updated": diffs} if update else {}
        click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
    else:
        for line in (*map(colored, diffs), *missed(found), *report(results, problems)):
            click.echo(line)
        click.echo(f"{len(results) + len(problems) - failed} passed, {failed} failed")
    context.exit(1 if failed or (at_least is not None and percent(found) < at_least) else 0)


def report(results: list[Result], problems: list[Problem]) -> Iterator[str]:
    """What failed, each with the chat around it."""
    for one in problems:
        yield f"{click.style('FAIL', fg='red', bold=True)} {one.file}:{one.line}:{one.column} {one.code}: {one.message}"
        if one.hint:
            yield f"    = {one.hint}"
    for result in results:
        if result.passed:
            continue
        test = result.transcript
        yield f"{click.style('FAIL', fg='red', bold=True)} {test.file}:{result.number} {test.name}"
        for line in result.chat[-_SHOWN:]:
            yield "    " + line
        yield click.style(f"  > {result.message}", fg="red")
        yield ""


def as_data(results: list[Result], problems: list[Problem]) -> dict[str, Any]:
    tests = [
        {
            "file": result.transcript.file,
            "line": result.number or result.transcript.number,
            "test": result.transcript.name,
            "flow": result.transcript.flow,
            "passed": result.passed,
            "message": result.message,
            "chat": list(result.chat),
        }
        for result in results
    ]
    tests += [
        {
            "file": one.file,
            "line": one.line,
            "test": "",
            "flow": "",
            "passed": False,
            "message": one.message,
            "chat": [],
        }
        for one in problems
    ]
    failed = sum(not test["passed"] for test in tests)
    return {"passed": len(tests) - failed, "failed": failed, "tests": tests}
