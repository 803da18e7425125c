"""`flowbot forget <contact or number>`: everything of a person goes, for good."""

from __future__ import annotations

import getpass
import secrets
import time
from collections.abc import Sequence

import click
import orjson

from ..model.contact import Contact
from ..people import find, forget
from ..settings import Settings
from ..store.client import Store
from ..wiring import load_library, open_store
from .options import with_settings
from .whose import accounts_of

PATIENCE = 30.0  # seconds that it waits for the worker and hooks


@click.command(name="forget")
@click.argument("who", metavar="CONTACT|NUMBER|USER-ID")
@click.option("--account", help="Where the number is looked for. Default: all accounts.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait", default=PATIENCE, show_default=True, help="Seconds to wait until it is done; 0: do not.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def command(settings: Settings, who: str, account: str | None, yes: bool, wait: float, as_json: bool) -> None:
    """Erase all that is kept of a person: conversations, answers, files, what waits, who they are.

    The running worker does it in the contact's own queue, and `hooks` what lies apart; nothing under way brings it
    back. Who had opted out stays out: a keyed hash is kept for that. Exit code 0: gone; 1: not within the wait.
    """
    project = load_library(settings).project
    store = open_store(settings)
    try:
        people = find.find(store, who, accounts_of(project, account))
        if not yes:
            click.confirm(f"Erase {_named(people)} for good?", abort=True, err=True)
        nonce, by = secrets.token_hex(12), _who_asks()
        for one in people:
            forget.clear_disk(settings.data, store, one)
            forget.order(store, project.accounts[one.account], one.id, nonce=nonce, by=by)
        done = _wait(store, people, wait)
    finally:
        store.close()
    state = "forgotten" if done else "ordered"
    if as_json:
        click.echo(orjson.dumps([{"contact": one.id, "account": one.account, "state": state} for one in people]))
    else:
        click.echo(f"{_named(people)}: " + ("forgotten" if done else "ordered; done as soon as worker and hooks run"))
    raise SystemExit(0 if done or wait <= 0 else 1)


def _wait(store: Store, people: Sequence[Contact], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not all(forget.is_gone(store, one.id) for one in people):
        if time.monotonic() >= until:
            return False
        time.sleep(0.1)
    return True


def _named(people: Sequence[Contact]) -> str:
    return " and ".join(f"contact {one.id} of {one.account}" for one in people)


def _who_asks() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "cli"
