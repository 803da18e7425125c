"""A provider is asked for all its templates, and what it says of ours is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import httpx

from ..gateways.templates import DESKS
from ..model.gateway import Refused
from ..model.project import Account, Channel
from ..model.template import GONE, PAUSED, PENDING, UNKNOWN, Approval
from ..store import approval_news, approvals
from ..store.approvals import STATUS, Fact, Table
from ..store.client import AsyncStore
from .approvals import settle
from .carry import carry

MINUTE = 60_000  # ms
YOUNG = 10 * MINUTE  # a template made so recently may not be in the list yet
SOON, OFTEN, SELDOM = MINUTE, 15 * MINUTE, 6 * 60 * MINUTE  # between two questions: missed, undecided, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    listed: int  # templates at the provider
    ours: tuple[Approval, ...]  # of them those that the project has
    changed: int  # facts that are news


def due(table: Table, now: int) -> bool:
    """Whether the provider should be asked again.

    >>> due(Table(), 1), due(Table(tried_at=1, pulled_at=1), SELDOM), due(Table(tried_at=1, wanted_at=2), SOON + 1)
    (True, False, True)
    """
    since = now - table.tried_at
    open_ones = any(one.status in (PAUSED, *PENDING) for one in table.approvals.values())
    if table.wanted_at > table.tried_at:
        return since >= SOON
    return not table.tried_at or since >= (OFTEN if table.why or open_ones else SELDOM)


async def pull(
    store: AsyncStore, client: httpx.AsyncClient, account: Account, channel: Channel, names: Collection[str], now: int
) -> Pulled | Refused:
    """All that the provider says of the templates with these names, kept and told; Refused, and noted, when it does not
    answer. `now` (ms UTC) is when it is asked: a webhook that comes meanwhile knows better.
    """
    where = approval_news.of(channel, account.channels.values())
    listed = await carry(DESKS[channel.gateway].pull(channel), client)
    if isinstance(listed, Refused):
        await store.run(approvals.tried(where.account, where.holder, now, listed.title or listed.kind))
        return listed
    ours = [one for one in listed if one.name in names]
    table = await store.run(approvals.read(where.account, where.holder))
    facts = [*approval_news.facts_of_list(ours, now), *_gone(table.approvals, listed, now)]
    changed = await settle(store, where, facts)
    await store.run(approvals.tried(where.account, where.holder, now))
    return Pulled(listed=len(listed), ours=tuple(ours), changed=changed)


def _gone(known: Mapping[approvals.Name, Approval], listed: Collection[Approval], now: int) -> Iterator[Fact]:
    """What the provider had, and lists no longer."""
    there = {(one.name, one.language) for one in listed}
    for (name, language), one in known.items():
        if (name, language) in there or one.status in (GONE, UNKNOWN) or not one.provider_id or now - one.at < YOUNG:
            continue
        value = {"status": GONE, "reason": "the provider does not list it any more", "provider_id": ""}
        yield Fact(kind=STATUS, name=name, language=language, at=now, value=value)
