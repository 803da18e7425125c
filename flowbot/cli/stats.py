"""`flowbot stats [flow]`: how flows fare, and where people leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click
import orjson

from ..errors import NotFound
from ..figures.flows import Fare, Step, fares, summaries
from ..publishing.standing import read_versions
from ..settings import Settings
from ..store import flows
from ..wiring import load_library, open_store
from .options import with_settings
from .whose import accounts_of

UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


@click.command(name="stats")
@click.argument("flow", required=False)
@click.option("--account", help="One account's alone. Default: all together.")
@click.option("--simulated", is_flag=True, help="Those of the simulator, which are counted apart.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def command(settings: Settings, flow: str | None, account: str | None, simulated: bool, as_json: bool) -> None:
    """How each flow fares: begun, open now, succeeded, failed and why, how long it takes.

    With FLOW, each version of it step by step: how many were asked, how many answered and how soon, who waits there
    now, and who left there and why. Counted since a version was first begun, for as long as the store keeps it.
    """
    accounts = accounts_of(load_library(settings).project, account)
    store = open_store(settings)
    try:
        versions = read_versions(store, store.run(flows.known()))
        if flow is not None:
            versions = {version: one for version, one in versions.items() if one.id == flow}
            if not versions:
                raise NotFound(f"no version of a flow '{flow}' is kept; `flowbot flows list` names them")
        told = (fares if flow else summaries)(store, versions, accounts, simulated=simulated)
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps([_plain(one) for one in told], option=orjson.OPT_INDENT_2).decode())
    elif not told:
        click.echo("nobody has begun" + ("" if simulated else "; conversations of the simulator: --simulated"))
    for one in [] if as_json else told:
        click.echo("\n".join(sheet(one)))


def _plain(one: Fare) -> dict[str, Any]:
    found = asdict(one)
    for step, shown in zip(one.steps, found["steps"], strict=True):
        shown["share"] = None if step.share is None else round(step.share, 3)
    return found


def sheet(one: Fare) -> Iterator[str]:
    """A flow, or a version of it step by step."""
    ended = one.succeeded + sum(one.failed.values())
    yield f"{one.flow}  {one.version}".rstrip()
    took = f", in {span(one.median_ms)} (median)" if one.median_ms is not None else ""
    yield f"  {one.started} begun, {one.open} open, {one.succeeded} succeeded{_percent(one.succeeded, ended)}{took}"
    if one.failed:
        yield f"  {sum(one.failed.values())} failed: {_reasons(one.failed)}"
    if one.steps:
        yield from _table([("step", "asked", "answered", "", "median", "waiting", "left"), *map(_row, one.steps)])


def _row(one: Step) -> tuple[str, ...]:
    share = "" if one.share is None else f"{one.share:.0%}"
    soon = "" if one.median_ms is None else span(one.median_ms)
    counts = (str(one.asked), str(one.answered), share, soon, str(one.waiting or ""))
    return (one.step, *counts, _reasons(one.left))


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if at in (0, len(row) - 1) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()


def _reasons(found: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in found.items())


def _percent(part: int, whole: int) -> str:
    return f" ({part / whole:.0%} of those that ended)" if whole else ""


def span(ms: int) -> str:
    """
    >>> span(1_500), span(200_000), span(400_000_000)
    ('2 s', '3 min', '5 d')
    """
    for size, unit in UNITS:
        if ms >= size:
            return f"{ms / size:.0f} {unit}"
    return f"{ms} ms"
