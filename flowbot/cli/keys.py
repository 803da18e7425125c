"""`flowbot keys`: the API keys of an account. A key is shown once, when it is made; the store keeps a hash of it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import click

from ..errors import NotFound
from ..model.project import Account
from ..settings import Settings
from ..store import apikeys
from ..wiring import load_library, open_store
from .options import with_settings


@click.group(help="Make, list and revoke the API keys of an account.")
def command() -> None:
    pass


@command.command()
@click.argument("account")
@click.option("--name", default="", help="What it is for, to tell keys apart.")
@with_settings
def new(settings: Settings, account: str, name: str) -> None:
    """Make a key for ACCOUNT and print it: this once, never again."""
    _account(settings, account)
    key_id, secret = apikeys.new_id(account, secrets.token_bytes(5)), secrets.token_urlsafe(32)
    store = open_store(settings)
    store.run(apikeys.keep(account, key_id, secret, store.salt, name=name, now=store.now()))
    click.echo(apikeys.written(key_id, secret))


@command.command("list")
@click.argument("account")
@with_settings
def show(settings: Settings, account: str) -> None:
    """The ids, names and days of ACCOUNT's keys."""
    _account(settings, account)
    for key in open_store(settings).run(apikeys.all_of(account)):
        day = datetime.fromtimestamp(key.created_at / 1000, UTC).date()
        click.echo(f"{key.id}  {day}  {key.name}")


@command.command()
@click.argument("account")
@click.argument("key_id")
@with_settings
def revoke(settings: Settings, account: str, key_id: str) -> None:
    """Make a key of ACCOUNT worthless; KEY_ID is the part between fk_live_ and the secret."""
    _account(settings, account)
    if not open_store(settings).run(apikeys.revoke(account, key_id)):
        raise NotFound(f"account '{account}' has no key '{key_id}'")
    click.echo("revoked")


def _account(settings: Settings, name: str) -> Account:
    """NotFound for an account that flowbot.yaml does not have."""
    return load_library(settings).account(name)
