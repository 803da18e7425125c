"""`flowbot publish` and `flowbot rollback`: what takes real users from now on."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import orjson

from ..library.library import Library
from ..model.project import Account
from ..publishing.plan import Plan, plan
from ..publishing.publish import carry, publish
from ..publishing.rollback import rollback as way_back
from ..settings import Settings
from ..store import flows
from ..store.client import Store
from ..wiring import load_library, open_store
from .options import with_settings
from .plan_look import lines, plain


@click.command(name="publish")
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option("--plan", "only_plan", is_flag=True, help="Print what would change and who stands where; do nothing.")
@click.option("--carry", "carries", is_flag=True, help="Who stands on an older version goes on with this one.")
@click.option("--account", "names", multiple=True, help="Default: all accounts.")
@click.option("-m", "--message", "why", default="", help="Why, for the history.")
@click.option("--by", "who", default="", help="Who publishes. Default: the user of this terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@with_settings
def command(
    settings: Settings,
    flows: tuple[str, ...],
    only_plan: bool,
    carries: bool,
    names: tuple[str, ...],
    why: str,
    who: str,
    as_json: bool,
) -> None:
    """Let FLOWs, as their files are now, take real users; all of them when none is named.

    Conversations under way stay on the version they began with, unless --carry: then those at a step that asks for the
    same go on with the new version, those at a step that asks for something else are asked anew, and those at a step
    that is no more stay where they are. So do those who would be asked something twice, or never, and --plan says it.
    """
    with opened(settings, names) as (store, library, accounts):
        plans = [(account, plan(store, library, account, flows)) for account in accounts]
        _carry_out(store, plans, settings, _Wish(only_plan, carries, why, who, as_json))


@click.command()
@click.argument("flow", default="")
@click.option("--to", "version", default="", help="Straight to this version of FLOW; its beginning is enough.")
@click.option("--plan", "only_plan", is_flag=True, help="Print what would change and who stands where; do nothing.")
@click.option("--carry", "carries", is_flag=True, help="Who stands on another version goes on with the older one.")
@click.option("--account", "names", multiple=True, help="Default: all accounts.")
@click.option("-m", "--message", "why", default="", help="Why, for the history.")
@click.option("--by", "who", default="", help="Who does it. Default: the user of this terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@with_settings
def rollback(
    settings: Settings,
    flow: str,
    version: str,
    only_plan: bool,
    carries: bool,
    names: tuple[str, ...],
    why: str,
    who: str,
    as_json: bool,
) -> None:
    """Take the last publication back, or the last that changed FLOW. Once more: the one before that."""
    if version and not flow:
        raise click.UsageError("--to needs the flow whose version it is")
    with opened(settings, names) as (store, library, accounts):
        plans = [(account, way_back(store, library, account, flow, version)) for account in accounts]
        _carry_out(store, plans, settings, _Wish(only_plan, carries, why, who, as_json))


class _Wish:
    """What the command line asks for."""

    def __init__(self, only_plan: bool, carries: bool, why: str, who: str, as_json: bool) -> None:
        self.only_plan = only_plan
        self.carries = carries
        self.why = why
        self.who = who
        self.as_json = as_json


@contextmanager
def opened(settings: Settings, names: Iterable[str] = ()) -> Iterator[tuple[Store, Library, list[Account]]]:
    """The store, the project, and the accounts that are meant; NotFound for a name that is none."""
    library = load_library(settings)
    accounts = [library.account(name) for name in names] or list(library.project.accounts.values())
    store = open_store(settings)
    library.fetch = lambda version: store.run(flows.get(version))
    try:
        yield store, library, accounts
    finally:
        store.close()


def _carry_out(store: Store, plans: list[tuple[Account, Plan]], settings: Settings, wish: _Wish) -> None:
    """All accounts or none, as far as that can be known before."""
    out: list[dict[str, Any]] = []
    blocked = any(one.obstacles for _, one in plans)
    for account, one in plans:
        told = {**plain(one), "published": None, "carried": None}
        if not wish.as_json:
            _print(one, headed=len(plans) > 1)
        if not wish.only_plan and not blocked:
            told |= _done(store, account, one, settings, wish)
        out.append(told)
    if wish.as_json:
        click.echo(orjson.dumps(out, option=orjson.OPT_INDENT_2).decode())
    elif blocked and not wish.only_plan:
        click.echo("nothing is published", err=True)
    if blocked:
        raise SystemExit(1)


def _done(store: Store, account: Account, one: Plan, settings: Settings, wish: _Wish) -> dict[str, Any]:
    who = wish.who or settings.environ.get("USER") or settings.environ.get("LOGNAME") or "unknown"
    number = publish(store, one, who=who, why=wish.why, nonce=secrets.token_hex(8))
    told = 0
    if wish.carries:
        told = sum(carry(store, account, each.new) for each in one.flows if each.new is not None)
    if not wish.as_json:
        where = f"account {account.name}"
        click.echo(f"{where}: published as number {number}" if number else f"{where}: nothing to publish")
        if wish.carries:
            click.echo(f"{where}: {told} conversation{'s' * (told != 1)} asked to go on with the new version")
    return {"published": number or None, "carried": told if wish.carries else None}


def _print(one: Plan, *, headed: bool) -> None:
    if headed:
        click.echo(f"account {one.account}")
    for line in lines(one):
        mark = line.lstrip()[:1]
        color = {"+": "green", "-": "red", "!": "red"}.get(mark)
        click.echo(click.style(line, fg=color) if color else line)
