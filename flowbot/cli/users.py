"""`flowbot users`: who may use an account's simulator, where it asks for a name. Passwords are shown once."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict
from datetime import UTC, datetime

import click
import orjson

from ..errors import NotFound
from ..settings import Settings
from ..store import users
from ..wiring import load_library, open_store
from .options import as_json, tell, with_settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\Z")


@click.group(help="Who may use an account's simulator, where FLOWBOT_SIMULATOR=users.")
def command() -> None:
    pass


@command.command()
@click.argument("account")
@click.argument("name")
@as_json
@with_settings
def add(settings: Settings, account: str, name: str, as_json: bool) -> None:
    """Add NAME to ACCOUNT and print a password: this once, never again. Who is there already gets a new one."""
    if not _NAME.match(name):
        raise click.BadParameter("letters, digits and . _ @ - up to 64", param_hint="NAME")
    load_library(settings).account(account)
    store, password = open_store(settings), secrets.token_urlsafe(18)
    store.run(users.keep(account, name, password, store.salt, now=store.now()))
    tell(as_json, {"account": account, "name": name, "password": password}, f"{account}/{name}  {password}")


@command.command("list")
@click.argument("account")
@as_json
@with_settings
def show(settings: Settings, account: str, as_json: bool) -> None:
    """The users of ACCOUNT, and since when."""
    load_library(settings).account(account)
    found = open_store(settings).run(users.all_of(account))
    if as_json:
        click.echo(orjson.dumps([asdict(one) for one in found]))
        return
    for one in found:
        click.echo(f"{account}/{one.name}  {datetime.fromtimestamp(one.created_at / 1000, UTC).date().isoformat()}")


@command.command()
@click.argument("account")
@click.argument("name")
@as_json
@with_settings
def remove(settings: Settings, account: str, name: str, as_json: bool) -> None:
    """NAME may no longer, from the next page on."""
    load_library(settings).account(account)
    if not open_store(settings).run(users.remove(account, name)):
        raise NotFound(f"account '{account}' has no user '{name}'")
    tell(as_json, {"account": account, "name": name, "removed": True}, "removed")
