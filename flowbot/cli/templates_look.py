"""What `flowbot doctor` says of templates: which would be refused, and why nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

from ..library.library import Library
from ..model.project import Channel
from ..model.template import APPROVED, UNKNOWN, fingerprint, provider_language
from ..store import approvals
from ..store.approvals import Table
from ..store.client import Store
from .finding import Finding
from .trouble import when

MOST = 5  # templates that are named


def templates(store: Store, library: Library) -> Iterator[Finding]:
    """For each of the providers' accounts, where there are templates at all."""
    for account in library.project.accounts.values() if library.templates else ():
        for channel in account.holders.values():
            about = f"templates of {channel.key}"
            if channel.gateway == "cloud_api" and not channel.options.get("waba_id"):
                message = "without `waba_id` nobody can ask Meta: all of them are refused"
                yield Finding(about=about, state="wrong", message=message, hint="add it in flowbot.yaml")
                continue
            yield from _of(library, channel, store.run(approvals.read(account.name, channel.holder)), about)


def _of(library: Library, channel: Channel, table: Table, about: str) -> Iterator[Finding]:
    if table.why:
        message = f"{channel.gateway} did not say what it has at {when(table.tried_at)}: {table.why}"
        yield Finding(about=about, state="wrong", message=message, hint="flowbot templates pull")
    elif not table.pulled_at and not table.approvals:
        message = "nobody has asked for them yet: they are refused until then"
        yield Finding(about=about, state="note", message=message, hint="flowbot templates pull")
        return
    held, changed = [], []
    for name, template in sorted(library.templates.items()):
        for wording in template.wordings.values():
            language = provider_language(wording.language)
            known = table.approvals.get((name, language))
            status = known.status if known is not None else UNKNOWN
            if status != APPROVED:
                held.append(f"{name} ({language}) {'not there' if status == UNKNOWN else status}")
            elif known is not None and known.digest and known.digest != fingerprint(template, wording):
                changed.append(f"{name} ({language})")
    if held:
        message = f"refused when they are sent: {_first(held)}"
        yield Finding(about=about, state="note", message=message, hint="flowbot templates")
    if changed:
        message = f"approved as they were, and changed since: {_first(changed)}"
        yield Finding(about=about, state="wrong", message=message, hint="flowbot templates push")


def _first(names: list[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
