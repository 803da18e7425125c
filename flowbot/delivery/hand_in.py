"""A template that waits to be handed in, in all its languages: what a client's system has asked for over the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from ..model.gateway import Refused
from ..model.project import Account, Channel
from ..model.submission import Submission
from ..model.template import QUEUED, Approval, Template, Wording, provider_language
from ..store import approval_news
from ..store.approvals import STATUS, TRY, Fact, Table
from ..store.client import AsyncStore
from .approvals import settle
from .push import CREATE, EDIT, FOREIGN, PENDS, SAME, plan, push, sample_of

SAYS = {
    SAME: "it is as it was handed in",
    PENDS: "what is pending cannot be changed: hand it in again when it is decided",
    FOREIGN: "the provider has one that was not handed in from here: `flowbot templates push --over` changes it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An account at a provider, and what it takes to hand something in there."""

    store: AsyncStore
    client: httpx.AsyncClient
    account: Account
    channel: Channel
    media: Path  # where files of headers lie
    link: Callable[[str], str] | None = None  # a public address of such a file

    async def hand_in(self, template: Template, table: Table, now: int) -> bool:
        """False when it has to be tried again; `now` is ms UTC."""
        done = True
        for wording in template.wordings.values():
            known = table.approvals.get((template.name, provider_language(wording.language)))
            done = await self._one(template, wording, known, now) and done
        return done

    async def _one(self, template: Template, wording: Wording, known: Approval | None, now: int) -> bool:
        outcome = plan(template, wording, known)
        if outcome not in (CREATE, EDIT):
            await self._note(template, wording, now, outcome, SAYS[outcome])
            return True
        header = wording.header.value if wording.header is not None else ""
        link = self.link(header) if self.link is not None and not header.startswith("https://") else ""
        sample = await sample_of(wording, self.media, link, self.client)
        had = known if outcome == EDIT else None
        given = Submission(template=template, wording=wording, known=had, sample=sample)
        found = await push(self.store, self.client, self.account, self.channel, given, now)
        if not isinstance(found, Refused):
            await self._note(template, wording, now, found.what)
            return True
        if found.kind in ("retry", "outage", "slow", "unclear"):
            await self._note(template, wording, now, "queued", found.title)
            return False
        rejected = known is None or known.status == QUEUED
        await self._note(template, wording, now, "refused", found.title or found.kind, rejected=rejected)
        return True

    async def _note(
        self, template: Template, wording: Wording, now: int, outcome: str, detail: str = "", *, rejected: bool = False
    ) -> None:
        def fact(kind: str, **value: str) -> Fact:
            language = provider_language(wording.language)
            return Fact(kind=kind, name=template.name, language=language, at=now, value=value)

        facts = [fact(TRY, outcome=outcome, detail=detail)]
        if rejected:
            facts.append(fact(STATUS, status="REJECTED", reason=detail, provider_id=""))
        await settle(self.store, approval_news.of(self.channel, self.account.channels.values()), facts)
