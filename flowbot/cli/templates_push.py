"""`flowbot templates push`: hands templates in, language by language, and says what became of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import click
import httpx
import orjson

from ..delivery.client import hook_client
from ..delivery.pull import pull
from ..delivery.push import CREATE, EDIT, FOREIGN, PENDS, plan, push, sample_of
from ..library.library import Library
from ..model.gateway import Refused
from ..model.project import Account, Channel
from ..model.submission import Submission
from ..model.template import Approval, Template, Wording, provider_language
from ..settings import Settings
from ..store import approvals
from ..store.client import AsyncStore
from ..wiring import links_of, load_library, media_link, open_store_async
from .options import with_settings
from .wanted import Wanted

Row = dict[str, Any]
SAYS = {
    "unchanged": "as it was handed in",
    PENDS: "its file has changed, and what is pending cannot be changed: push again when it is decided",
    FOREIGN: "the provider has one that was not handed in from here: --over hands this one in instead",
}


@click.command("push")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--account", "accounts", multiple=True, help="Needed where templates would go to several.")
@click.option("--channel", default="", help="Only to this channel's account at its provider.")
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be handed in, and hand nothing in.")
@click.option("--over", is_flag=True, help="Also over one that was made elsewhere, e.g. in the provider's console.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@with_settings
def push_(
    settings: Settings,
    names: tuple[str, ...],
    accounts: tuple[str, ...],
    channel: str,
    only_plan: bool,
    over: bool,
    as_json: bool,
) -> None:
    """Hand templates in to be approved: all, or those named. The provider is asked first what it has.

    What it has not is created, what was changed is edited where it allows that, the rest stays. Exit code 1: something
    could not be handed in, or is not approved as it now is.
    """
    library, wanted = load_library(settings), Wanted(accounts, channel, names)
    places = list(wanted.places(library))
    if len(places) > 1 and not accounts and not channel:
        told = ", ".join(one.key for _, one in places)
        raise click.UsageError(f"templates would go to {told}: name one with --account or --channel")

    def say(row: Row) -> None:
        if not as_json:
            click.echo(line(row))

    found = asyncio.run(_run(settings, library, wanted, only_plan, over, say))
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    if any(one["outcome"] in ("refused", PENDS, FOREIGN) or one["status"] == "REJECTED" for one in found):
        raise SystemExit(1)


def line(row: Row) -> str:
    color = {"created": "green", "edited": "green", "refused": "red", PENDS: "yellow", FOREIGN: "yellow"}
    outcome = click.style(row["outcome"], fg=color.get(row["outcome"]))
    detail = f"  ({row['detail']})" if row["detail"] else ""
    status = f"  {row['status']}" if row["status"] else ""
    return f"{row['account']}/{row['channel']}  {row['template']}  {row['language']}  {outcome}{status}{detail}"


async def _run(
    settings: Settings, library: Library, wanted: Wanted, only_plan: bool, over: bool, say: Callable[[Row], None]
) -> list[Row]:
    found: list[Row] = []
    store = await open_store_async(settings)
    try:
        async with hook_client(allow_private=library.project.allow_private_urls) as client:
            for account, channel in wanted.places(library):
                desk = _Desk(settings, library, store, client, account, channel)
                async for row in desk.all(wanted.templates(library), only_plan, over):
                    found.append(row)
                    say(row)
    finally:
        await store.close()
    return found


class _Desk:
    """One account at a provider."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        store: AsyncStore,
        client: httpx.AsyncClient,
        account: Account,
        channel: Channel,
    ) -> None:
        self._settings, self._library, self._store, self._client = settings, library, store, client
        self._account, self._channel = account, channel

    async def all(self, names: list[str], only_plan: bool, over: bool) -> AsyncIterator[Row]:
        now = int(time.time() * 1000)
        asked = await pull(self._store, self._client, self._account, self._channel, self._library.templates, now)
        table = await self._store.run(approvals.read(self._account.name, self._channel.holder))
        for name in names:
            template = self._library.template(name)
            for wording in template.wordings.values():
                known = table.approvals.get((name, provider_language(wording.language)))
                row = self._row(template, wording, known)
                if isinstance(asked, Refused):
                    yield {
                        **row,
                        "outcome": "refused",
                        "detail": f"the provider does not say what it has: {asked.title}",
                    }
                    continue
                yield await self._one(row, template, wording, known, only_plan, over)

    def _row(self, template: Template, wording: Wording, known: Approval | None) -> Row:
        return {
            "account": self._account.name,
            "channel": self._channel.name,
            "template": template.name,
            "language": provider_language(wording.language),
            "outcome": plan(template, wording, known),
            "status": known.status if known else "",
            "detail": known.reason if known else "",
        }

    async def _one(
        self, row: Row, template: Template, wording: Wording, known: Approval | None, only_plan: bool, over: bool
    ) -> Row:
        if row["outcome"] == FOREIGN and over:
            row["outcome"] = EDIT
        if row["outcome"] not in (CREATE, EDIT):
            return {**row, "detail": row["detail"] or SAYS[row["outcome"]]}
        if only_plan:
            return row
        sample = await sample_of(wording, self._library.root / "content" / "media", self._link(wording), self._client)
        known = known if row["outcome"] == EDIT or (known and known.status == "UNSUBMITTED") else None
        given = Submission(template=template, wording=wording, known=known, sample=sample)
        now = int(time.time() * 1000)
        found = await push(self._store, self._client, self._account, self._channel, given, now)
        if isinstance(found, Refused):
            code = f"{found.code}: " if isinstance(found.code, int) else ""
            return {**row, "outcome": "refused", "detail": f"{code}{found.title or found.kind}"}
        asked = f"the provider made it {found.category}" if found.category not in ("", template.category) else ""
        return {**row, "outcome": found.what, "status": found.status, "detail": asked}

    def _link(self, wording: Wording) -> str:
        """A public address of the header's file, where we have one."""
        header = wording.header
        known = self._settings.public_url and links_of(self._settings)
        if header is None or not known or header.value.startswith("https://"):
            return ""
        return media_link(self._settings)(header.value)
