"""`flowbot templates`: which there are, and what each provider says of them. `push` is in templates_push.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import click
import orjson

from ..delivery.client import hook_client
from ..delivery.pull import Pulled, pull
from ..library.library import Library
from ..model.gateway import Refused
from ..model.template import APPROVED, UNKNOWN, fingerprint, provider_language
from ..settings import Settings
from ..store import approval_news, approvals, own_templates
from ..store.approvals import Table
from ..wiring import load_library, open_store, open_store_async
from .options import with_settings
from .templates_push import push_
from .trouble import when
from .wanted import Wanted

COLORS = {"APPROVED": "green", "PENDING": "yellow", "PAUSED": "yellow", "QUEUED": "yellow"}


@click.group(name="templates", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List templates with what their providers say of them, ask the providers, hand templates in.

    Without a subcommand: `list`.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_)


@command.command("list")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--account", "accounts", multiple=True, help="Default: all accounts.")
@click.option("--channel", default="", help="Default: all channels.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def list_(
    settings: Settings,
    names: tuple[str, ...] = (),
    accounts: tuple[str, ...] = (),
    channel: str = "",
    as_json: bool = False,
) -> None:
    """What is known of the templates. Exit code 1: some are not approved, or their file has changed since."""
    library, wanted = load_library(settings), Wanted(accounts, channel, names)
    store = open_store(settings)
    try:
        places = list(wanted.places(library))
        tables = [store.run(approvals.read(one.account, one.holder)) for _, one in places]
    finally:
        store.close()
    show(list(rows(library, wanted, zip(places, tables, strict=True))), as_json)


@command.command("pull")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--account", "accounts", multiple=True, help="Default: all accounts.")
@click.option("--channel", default="", help="Default: all channels.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def pull_(settings: Settings, names: tuple[str, ...], accounts: tuple[str, ...], channel: str, as_json: bool) -> None:
    """Ask the providers what they say of the templates, keep it, and list it.

    Exit code 1: a provider did not answer, or some are not approved, or their file has changed since.
    """
    library, wanted = load_library(settings), Wanted(accounts, channel, names)
    failed = asyncio.run(ask(settings, library, wanted))
    store = open_store(settings)
    try:
        places = list(wanted.places(library))
        tables = [store.run(approvals.read(one.account, one.holder)) for _, one in places]
    finally:
        store.close()
    for key, found in failed.items():
        click.echo(f"{key}: {found.title or found.kind}", err=True)
    show(list(rows(library, wanted, zip(places, tables, strict=True))), as_json, bad=bool(failed))


command.add_command(pull_, "status")
command.add_command(push_)


async def ask(settings: Settings, library: Library, wanted: Wanted) -> dict[str, Refused]:
    """Ask each provider's account that is meant; which did not answer, by channel."""
    failed: dict[str, Refused] = {}
    store = await open_store_async(settings)
    try:
        async with hook_client(allow_private=library.project.allow_private_urls) as client:
            for account, channel in wanted.places(library):
                now = int(time.time() * 1000)
                own = await store.run(own_templates.every(account.name))
                found = await pull(store, client, account, channel, {*library.templates, *own}, now)
                if isinstance(found, Pulled):
                    others = found.listed - len(found.ours)
                    if others:
                        click.echo(f"{channel.key}: {others} more that the project has no file of", err=True)
                else:
                    failed[channel.key] = found
    finally:
        await store.close()
    return failed


def rows(library: Library, wanted: Wanted, found: Any) -> Iterator[dict[str, Any]]:
    """One for each template, language and account at a provider."""
    for (account, channel), table in found:
        where = approval_news.of(channel, account.channels.values())
        for name in wanted.templates(library):
            yield from _languages(library, name, table, where)


def _languages(library: Library, name: str, table: Table, where: approval_news.Account) -> Iterator[dict[str, Any]]:
    template = library.template(name)
    for wording in template.wordings.values():
        language = provider_language(wording.language)
        known = table.approvals.get((name, language))
        changed = known is not None and bool(known.digest) and known.digest != fingerprint(template, wording)
        yield {
            "account": where.account,
            "channels": list(where.channels),
            "gateway": where.gateway,
            "template": name,
            "language": language,
            "status": known.status if known else UNKNOWN,
            "reason": known.reason if known else "",
            "category": template.category,
            "provider_category": known.category if known else "",
            "quality": known.quality if known else "",
            "changed": changed,
            "at": known.at if known else 0,
        }


def show(found: list[dict[str, Any]], as_json: bool, *, bad: bool = False) -> None:
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        if not found:
            click.echo("no channel of a provider that approves templates is set up, or there is no template", err=True)
        for one in found:
            click.echo(line(one))
    if bad or any(one["status"] != APPROVED or one["changed"] for one in found):
        raise SystemExit(1)


def line(row: dict[str, Any]) -> str:
    status = click.style(row["status"], fg=COLORS.get(row["status"], "red"))
    notes = [row["reason"]]
    if row["provider_category"] not in ("", row["category"]):
        notes.append(f"the provider has it as {row['provider_category']}, not {row['category']}")
    notes.append(f"quality {row['quality']}" if row["quality"] not in ("", "green") else "")
    notes.append("its file has changed since it was handed in" if row["changed"] else "")
    notes.append("`flowbot templates pull` asks" if row["status"] == UNKNOWN else "")
    since = f"  {when(row['at'])}" if row["at"] else ""
    told = "; ".join(filter(None, notes))
    where = f"{row['account']}/{','.join(row['channels'])}"
    return f"{where}  {row['template']}  {row['language']}  {status}{since}" + (f"  ({told})" if told else "")
