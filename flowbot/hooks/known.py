"""What the library of this process knows of templates out of the store: read before it is needed, by who needs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ..library.library import Library
from ..library.templates import readable
from ..model.project import Channel
from ..model.template import Approval, Template
from ..store import approvals, own_templates
from ..store.approvals import Table
from ..store.client import AsyncStore

LOOK = 1.0  # seconds between two looks at one account


class Known:
    """`look` asks the store; `ask` and `own` tell what it said last, as a library wants them."""

    def __init__(self, store: AsyncStore, library: Callable[[], Library]) -> None:
        self._store = store
        self._library = library
        self._tables: dict[tuple[str, str], Table] = {}
        self._own: dict[str, Mapping[str, Template]] = {}
        self._looked: dict[str, float] = {}
        found = library()
        if found.ask is None:  # else somebody else's, who knows better
            found.ask, found.own = self.ask, self.own

    async def look(self, name: str) -> None:
        """At an account; StoreError when the store does not answer."""
        now, account = time.monotonic(), self._library().project.accounts.get(name)
        if account is None or now - self._looked.get(name, -LOOK) < LOOK:
            return
        for holder in {one.holder for one in account.channels.values() if one.approves}:
            self._tables[name, holder] = await self._store.run(approvals.read(name, holder))
        self._own[name] = own_templates.made(await self._store.run(own_templates.every(name)), readable)[1]
        self._looked[name] = now

    def ask(self, channel: Channel, name: str, language: str) -> Approval | None:
        table = self._tables.get((channel.account, channel.holder))
        return table.approvals.get((name, language)) if table is not None else None

    def own(self, account: str) -> Mapping[str, Template]:
        return self._own.get(account, {})
