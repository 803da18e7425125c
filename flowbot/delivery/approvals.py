"""News about templates, told and kept by processes that are async; `store/approval_news.py` has it for the others."""

from __future__ import annotations

from collections.abc import Collection

from ..store import approval_news, approvals
from ..store.approvals import Fact
from ..store.client import AsyncStore


async def settle(store: AsyncStore, where: approval_news.Account, facts: Collection[Fact]) -> int:
    """Tell and keep what is news; how many facts changed."""
    if not facts:
        return 0
    before = await store.run(approvals.read(where.account, where.holder))
    for call in approval_news.emits(where, before, facts, store.partitions):
        await store.run(call)
    return await store.run(approvals.note(where.account, where.holder, facts))
