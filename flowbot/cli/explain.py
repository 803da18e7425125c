"""`flowbot explain F207`: what a problem means, how it comes about and how to mend it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..library.codes import AREAS, TESTS, Code, codes
from ..model.problem import suggest
from ..transcript.trial import said
from .options import as_json, tell


@click.command()
@click.argument("code", required=False)
@click.option("--project", "_", type=click.Path(path_type=Path), help="Any: a code means the same in every project.")
@as_json
def command(code: str | None, _: Path | None, as_json: bool) -> None:
    """Say what the CODE of a problem means, with a wrong and a right example; without one, list all codes.

    The same pages are in docs/problems/. Exit code 2: there is no such code.
    """
    if code is None:
        tell(as_json, [_row(one) for one in codes().values()], "\n".join(_listed()))
        return
    found = codes().get(code.upper())
    if found is None:
        raise click.UsageError(f"there is no code '{code}'; {suggest(code.upper(), codes())}".rstrip("; "))
    page = {"why": found.why, "fix": found.fix, "file": found.file, "bad": found.bad, "good": found.good}
    tell(as_json, {**_row(found), **page, "said": said(found)}, "\n\n".join(_page(found)))


def _row(code: Code) -> dict[str, Any]:
    return {"code": code.code, "area": code.area, "level": code.level, "meaning": code.meaning}


def _listed() -> Iterator[str]:
    for area, title in AREAS.items():
        yield title
        for one in codes().values():
            if one.area == area:
                yield f"  {one.code}  {one.level:<7}  {one.meaning}"
        yield ""


def _page(code: Code) -> Iterator[str]:
    yield f"{code.code} ({code.level}): {code.meaning}"
    yield from (textwrap.fill(part.strip(), 100) for part in (code.why, code.fix) if part)
    if code.bad and not code.how:
        yield f"Wrong, in {code.file}:"
        yield textwrap.indent(code.bad.rstrip(), "    ")
    if told := said(code):
        yield f"{'test' if code.area == TESTS else 'check'} says:"
        yield textwrap.indent(told, "    ")
    if code.good:
        yield "Right:"
        yield textwrap.indent(code.good.rstrip(), "    ")
    if code.area != TESTS:
        yield f"To silence it at one line, where that is meant so: # flowbot: ignore {code.code}"
