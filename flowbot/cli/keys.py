"""`flowbot keys`: the API keys of an account. A key is shown once, when it is made; the store keeps a hash of it."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from datetime import UTC, datetime

import click
import orjson

from ..errors import NotFound
from ..model.duration import parse_duration
from ..model.project import Account
from ..settings import Settings
from ..store import apikeys
from ..store.client import Store
from ..wiring import load_library, open_store
from .options import as_json, tell, with_settings


@click.group(help="Make, list and revoke the API keys of an account.")
def command() -> None:
    pass


@command.command()
@click.argument("account")
@click.option("--name", default="", help="What it is for, to tell keys apart.")
@click.option("--scopes", default=apikeys.EVERY, help="What it opens, e.g. messages,contacts:read; all by default.")
@click.option("--expires", metavar="DURATION", help="It ends after this, e.g. 90d. Default: never.")
@as_json
@with_settings
def new(settings: Settings, account: str, name: str, scopes: str, expires: str | None, as_json: bool) -> None:
    """Make a key for ACCOUNT and print it: this once, never again."""
    _account(settings, account)
    made = _make(open_store(settings), account, name, _scopes(scopes), _duration(expires))
    tell(as_json, {"account": account, "key": made}, made)


@command.command()
@click.argument("account")
@click.argument("key_id")
@click.option("--after", default="24h", show_default=True, help="How long the old one goes on.")
@as_json
@with_settings
def rotate(settings: Settings, account: str, key_id: str, after: str, as_json: bool) -> None:
    """Make a key like KEY_ID and print it; the old one goes on for a while, so that nothing stops."""
    _account(settings, account)
    store = open_store(settings)
    old = next((key for key in store.run(apikeys.all_of(account)) if key.id == key_id), None)
    before = store.run(apikeys.record(account, key_id))
    if old is None or before is None:
        raise NotFound(f"account '{account}' has no key '{key_id}'")
    end = store.now() + _duration(after)
    end = min(end, old.expires_at) if old.expires_at else end
    fresh = _make(store, account, old.name, old.scopes, old.expires_at - store.now() if old.expires_at else 0)
    if not store.run(apikeys.expire(account, key_id, before, end)):
        raise NotFound(f"the key '{key_id}' was changed or revoked just now; the new one is not affected")
    tell(as_json, {"account": account, "key": fresh, "old": key_id, "old_expires_at": end}, fresh)


@command.command("list")
@click.argument("account")
@as_json
@with_settings
def show(settings: Settings, account: str, as_json: bool) -> None:
    """The ids of ACCOUNT's keys: made when, last used when, until when, for what."""
    _account(settings, account)
    store = open_store(settings)
    uses = store.run(apikeys.last_uses(account))
    found = [replace(key, used_at=uses.get(key.id, 0)) for key in store.run(apikeys.all_of(account))]
    if as_json:
        click.echo(orjson.dumps([asdict(key) for key in found]))
        return
    for key in found:
        ends = f"ends {_day(key.expires_at)}" if key.expires_at else "never ends"
        used = f"used {_day(key.used_at)}" if key.used_at else "never used"
        click.echo(f"{key.id}  {_day(key.created_at)}  {used}  {ends}  {','.join(key.scopes)}  {key.name}".rstrip())


@command.command()
@click.argument("account")
@click.argument("key_id")
@as_json
@with_settings
def revoke(settings: Settings, account: str, key_id: str, as_json: bool) -> None:
    """Make a key of ACCOUNT worthless; KEY_ID is the part between fk_live_ and the secret."""
    _account(settings, account)
    if not open_store(settings).run(apikeys.revoke(account, key_id)):
        raise NotFound(f"account '{account}' has no key '{key_id}'")
    tell(as_json, {"account": account, "id": key_id, "revoked": True}, "revoked")


def _make(store: Store, account: str, name: str, scopes: tuple[str, ...], lasts: int) -> str:
    key_id, secret = apikeys.new_id(account, secrets.token_bytes(5)), secrets.token_urlsafe(32)
    now = store.now()
    ends = now + lasts if lasts else 0
    store.run(apikeys.keep(account, key_id, secret, store.salt, name=name, now=now, scopes=scopes, expires_at=ends))
    return apikeys.written(key_id, secret)


def _scopes(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in found:
        if word.removesuffix(apikeys.READ) not in (*apikeys.SCOPES, apikeys.EVERY):
            raise click.BadParameter(f"{word!r} is none of {', '.join(apikeys.SCOPES)}, perhaps with :read")
    if not found:
        raise click.BadParameter("name at least one")
    return found


def _duration(text: str | None) -> int:
    """Milliseconds; 0 for none."""
    if not text:
        return 0
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _account(settings: Settings, name: str) -> Account:
    """NotFound for an account that flowbot.yaml does not have."""
    return load_library(settings).account(name)
