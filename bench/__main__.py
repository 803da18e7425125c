"""`make bench`: measure everything (or the modules named), print a table, and write it into docs/performance.md."""

from __future__ import annotations

import datetime
import importlib
import os
import platform
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from flowbot import __version__

from .result import Result

MODULES = (
    "latency",
    "ingress",
    "gateways",
    "engine",
    "turns",
    "idle",
    "memory",
    "sends",
    "schedules",
    "broadcasts",
    "flows",
    "transcripts",
)
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@click.command()
@click.argument("modules", nargs=-1, type=click.Choice(MODULES))
@click.option("--write/--no-write", default=None, help="Write docs/performance.md; by default when all are measured.")
def main(modules: tuple[str, ...], write: bool | None) -> None:
    """Measure and compare with the bars; exit 1 when one is missed."""
    results: list[Result] = []
    for name in modules or MODULES:
        click.echo(f"measuring {name} ...", err=True)
        results += importlib.import_module(f"bench.{name}").measure()
    Console().print(_table(results))
    if write or (write is None and not modules):
        _write(results, whole=not modules)
    sys.exit(0 if all(one.holds for one in results) else 1)


def _table(results: list[Result]) -> Table:
    table = Table()
    for head in ("what", "measured", "bar", "", "note"):
        table.add_column(head)
    for one in results:
        table.add_row(one.what, f"{one.value:,.2f} {one.unit}", one.bar, "holds" if one.holds else "MISSED", one.note)
    return table


def _write(results: list[Result], *, whole: bool) -> None:
    """The whole table anew; or only the rows measured, those of others as they stand."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    where = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    about = f"Flowbot {__version__}, measured on {today}: {where}."
    head, _, rest = PAGE.read_text().partition(BEGIN)
    shown, _, tail = rest.partition(END)
    rows: dict[str, str] = {}
    if not whole:
        about = shown.strip().partition("\n")[0]
        rows = {line.split(" | ")[0].removeprefix("| "): line for line in shown.splitlines() if line.startswith("| ")}
        rows.pop("what", None)
    for one in results:
        word = "holds" if one.holds else "**missed**"
        rows[one.what] = f"| {one.what} | {one.value:,.2f} {one.unit} | {one.bar} | {word} | {one.note} |"
    top = [about, "", "| what | measured | bar | | note |", "|---|---|---|---|---|"]
    PAGE.write_text("\n".join([head + BEGIN, *top, *rows.values(), END]) + tail)


if __name__ == "__main__":
    main()
