"""`flowbot test`: play the transcripts beside the flows, with the real engine and a virtual clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from ..library.load import load
from ..model.problem import Problem
from ..transcript.read import find, read
from ..transcript.run import Result, play
from .check import find_root

_SHOWN = 14  # lines of the chat before a failure


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--project", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The project folder.")
@click.option("--only", metavar="WORDS", default="", help="Only tests whose names hold these words.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_context
def command(context: click.Context, path: Path | None, project: Path | None, only: str, as_json: bool) -> None:
    """Play the transcript tests in PATH: a project, or one *.test.yaml.

    Exit code 0: all passed; 1: some failed; 2: there is no project.
    """
    environ = dict(context.find_root().obj or {})
    start = project or path or Path(environ.get("FLOWBOT_PROJECT") or ".")
    root = find_root(start.parent if start.is_file() else start)
    library = load(root, environ)
    results: list[Result] = []
    problems: list[Problem] = []
    for file in find(path if path is not None else root):
        tests, wrong = read(file.resolve(), root.resolve())
        problems += wrong
        results += [play(test, library) for test in tests if only.lower() in test.name.lower()]
    failed = sum(not result.passed for result in results) + len(problems)
    if as_json:
        click.echo(orjson.dumps(as_data(results, problems), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in report(results, problems):
            click.echo(line)
        click.echo(f"{len(results) + len(problems) - failed} passed, {failed} failed")
    context.exit(1 if failed else 0)


def report(results: list[Result], problems: list[Problem]) -> Iterator[str]:
    """What failed, each with the chat around it."""
    for one in problems:
        yield f"{click.style('FAIL', fg='red', bold=True)} {one.file}:{one.line}:{one.column} {one.message}"
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
