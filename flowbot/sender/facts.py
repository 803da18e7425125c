"""What a gateway must know before it can build a request: asked once, kept for a while, shared by all senders."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from ..delivery.client import exchange
from ..delivery.failure import Failure
from ..gateways import GATEWAYS
from ..model.gateway import HttpRequest, Need, Refused
from ..model.project import Channel
from ..store import facts
from ..store.outbox import Claimed
from . import files
from .parts import Parts

UPLOAD_SECONDS = 60.0
ASK_SECONDS = 5.0
REMEMBERED = 10_000
PAGES = 100  # of a list that is looked through
PAGE_CAP = 16 * 1024 * 1024  # bytes of one
Found = str | Refused | Failure
_Key = tuple[str, str, str]  # channel, contact or "", fact


class Facts:
    """The facts found out so far; `find` answers a fact's value, or why there is none."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: OrderedDict[_Key, tuple[str, float]] = OrderedDict()  # value, monotonic seconds of its end
        self._asking: dict[_Key, asyncio.Task[Found]] = {}

    async def find(self, claimed: Claimed, channel: Channel, need: Need) -> Found:
        if need.fact.startswith("link:"):
            return await self._link(claimed, channel, need.fact.removeprefix("link:"))
        key = (channel.key, claimed.entry.contact_id if need.personal else "", need.fact)
        known = self._known.get(key)
        if known and known[1] > time.monotonic():
            return known[0]
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.ensure_future(self._ask(key, claimed, channel, need))
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(task)

    async def forget(self, claimed: Claimed, channel: Channel, need: Need, value: str) -> None:
        """The fact with this value holds no longer, as the provider says."""
        contact = claimed.entry.contact_id if need.personal else ""
        self._known.pop((channel.key, contact, need.fact), None)
        home = facts.Home(channel.key, claimed.partition, contact)
        kept = await self._parts.store.run(facts.get(home, need.fact))
        if kept is not None and kept.value == value:  # else another sender has found it out anew
            await self._parts.store.run(facts.forget(home, need.fact))

    def _remember(self, key: _Key, value: str, ms: int) -> None:
        self._known[key] = (value, time.monotonic() + ms / 1000)
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _ask(self, key: _Key, claimed: Claimed, channel: Channel, need: Need) -> Found:
        home = facts.Home(channel.key, claimed.partition, claimed.entry.contact_id if need.personal else "")
        kept = await self._parts.store.run(facts.get(home, need.fact))
        if kept is not None:
            self._remember(key, kept.value, kept.ms)
            return kept.value
        found = await self._find_out(claimed, channel, need)
        if isinstance(found, str):
            await self._parts.store.run(facts.keep(home, need.fact, found, ms=need.lives))
            self._remember(key, found, need.lives)
        return found

    async def _find_out(self, claimed: Claimed, channel: Channel, need: Need) -> Found:
        kind, _, path = need.fact.partition(":")
        request, seconds = need.request, ASK_SECONDS
        if kind == "media":
            file = await asyncio.to_thread(self._file, claimed, channel, path)
            if isinstance(file, Refused):
                return file
            request, seconds = await asyncio.to_thread(_upload, channel, file), UPLOAD_SECONDS
        if request is None:
            return Refused(kind="perm", code="unbuildable", title="the gateway cannot ask for what it needs")
        for _ in range(PAGES):
            answer = await exchange(self._parts.client(channel), request, seconds=seconds, cap=PAGE_CAP)
            if isinstance(answer, Failure):
                # No message went out: whatever became of the question, it may be asked again.
                return answer if answer.certainty == "forbidden" else Failure(certainty="safe", reason=answer.reason)
            found = GATEWAYS[channel.gateway].read_need(need, answer)
            if isinstance(found, Refused) and found.kind == "unclear":
                return Refused(kind="retry", code=found.code, title=found.title)
            if not isinstance(found, HttpRequest):
                return found
            request = found
        return Refused(kind="retry", code="endless", title="the provider's list has no end")

    async def _link(self, claimed: Claimed, channel: Channel, path: str) -> str | Refused:
        file = await asyncio.to_thread(self._file, claimed, channel, path)
        return file if isinstance(file, Refused) else self._parts.link(path)

    def _file(self, claimed: Claimed, channel: Channel, path: str) -> Path | Refused:
        attachment = claimed.entry.outbound.attachment
        kind = attachment.kind if attachment is not None else "document"
        return files.find(self._parts.root, path, kind, GATEWAYS[channel.gateway].LIMITS.media)


def _upload(channel: Channel, file: Path) -> HttpRequest | None:
    gateway: Any = GATEWAYS[channel.gateway]
    if not hasattr(gateway, "build_upload"):
        return None
    mime, edge = files.type_of(file), secrets.token_hex(12)
    request: HttpRequest = gateway.build_upload(file.read_bytes(), file.name, mime, channel, edge)
    return request
