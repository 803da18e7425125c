"""What keeps a template from leaving now: its status changed while it waited, or its provider has just said so.

A paused template holds itself and nothing else. In the bulk lane it waits; in the reply lane it fails, for there it
would stand before everything else that the contact is to get.
"""

from __future__ import annotations

import time

from ..delivery.approvals import settle
from ..errors import StoreError
from ..model.gateway import Refused
from ..model.outbound import OutboxEntry
from ..model.project import Channel
from ..model.template import APPROVED, PAUSED, PENDING, UNKNOWN, Filled
from ..store import approval_news, approvals
from ..store.approvals import STATUS, Fact, Table
from .parts import Parts

LOOK = 2.0  # seconds between two looks at one provider's account
WISH = 60_000  # ms between two wishes that a provider be asked
OURS = "template_not_approved"  # the code of our own refusal
PATIENCE = 12 * 3600 * 1000  # ms that a message waits for its template: a second pause lasts six hours
_Key = tuple[str, str]  # account, holder


class Templates:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[_Key, Table] = {}
        self._looked: dict[_Key, float] = {}
        self._wished: dict[_Key, int] = {}

    async def refusal(self, channel: Channel, template: Filled | None) -> Refused | None:
        """Why it must not leave. Of what is not known the provider itself is the judge."""
        if template is None or not channel.approves:
            return None
        found = (await self._table(channel)).approvals.get((template.name, template.language))
        status = found.status if found is not None else UNKNOWN
        if status in (APPROVED, UNKNOWN):
            return None
        kind = "hold-tmpl" if status in (PAUSED, *PENDING) else "perm-tmpl"
        return Refused(kind=kind, code=OURS, title=f"the template is {status}")

    async def learn(self, channel: Channel, template: Filled | None, answer: object) -> None:
        """The provider has refused it for being paused, and all others hear of it; or for what we do not know of it,
        and then it is asked."""
        if template is None or not isinstance(answer, Refused) or answer.code == OURS or not channel.approves:
            return
        now = int(time.time() * 1000)
        if answer.kind == "perm-tmpl":
            await self._wish((channel.account, channel.holder), now)
        if answer.kind != "hold-tmpl":
            return
        value = {"status": PAUSED, "reason": "", "provider_id": template.provider_id}
        fact = Fact(kind=STATUS, name=template.name, language=template.language, at=now, value=value)
        account = self._parts.project().accounts.get(channel.account)
        where = approval_news.of(channel, account.channels.values() if account else ())
        await settle(self._parts.store, where, [fact])
        self._looked.pop((where.account, where.holder), None)

    async def _wish(self, key: _Key, now: int) -> None:
        if now - self._wished.get(key, 0) >= WISH:
            self._wished[key] = now
            await self._parts.store.run(approvals.want(*key, now))

    async def _table(self, channel: Channel) -> Table:
        key, now = (channel.account, channel.holder), time.monotonic()
        if now - self._looked.get(key, -LOOK) >= LOOK:
            self._looked[key] = now  # before the answer: the others need not ask too
            try:
                known = self._known.get(key)
                if known is None or await self._parts.store.run(approvals.number(*key)) != known.number:
                    self._known[key] = await self._parts.store.run(approvals.read(*key))
            except StoreError:
                self._looked.pop(key, None)
        return self._known.get(key) or Table()


def patient(entry: OutboxEntry, now: int) -> bool:
    """Whether the message may wait for its template.

    >>> from dataclasses import replace
    >>> entry = OutboxEntry(id="m", account="a", channel="c", contact_id="", to="", outbound=None, created_at=1)
    >>> patient(entry, 2), patient(replace(entry, lane="b"), 2), patient(replace(entry, lane="b"), PATIENCE + 1)
    (False, True, False)
    """
    return entry.lane == "b" and now - entry.created_at < PATIENCE
