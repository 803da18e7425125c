"""What a gateway must know before it can build a request: asked once, kept for a while, shared by all senders."""

from __future__ import annotations

import asyncio
import mimetypes
import secrets
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from ..delivery.client import Failure, exchange
from ..gateways import GATEWAYS
from ..model.gateway import HttpRequest, Need, Refused
from ..model.project import Channel
from ..store import facts
from ..store.outbox import Claimed
from .parts import Parts

UPLOAD_SECONDS = 60.0
ASK_SECONDS = 5.0
REMEMBERED = 10_000
NO_FILE = Refused(kind="perm", code="no_file", title="the file to send is not there")
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
            return self._link(need.fact.removeprefix("link:"))
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
        found = await self._find_out(channel, need)
        if isinstance(found, str):
            await self._parts.store.run(facts.keep(home, need.fact, found, ms=need.lives))
            self._remember(key, found, need.lives)
        return found

    async def _find_out(self, channel: Channel, need: Need) -> Found:
        kind, _, path = need.fact.partition(":")
        if kind == "media":
            request, seconds = await self._upload(channel, path), UPLOAD_SECONDS
        else:
            request, seconds = need.request, ASK_SECONDS
        if request is None:
            return NO_FILE
        answer = await exchange(self._parts.client(channel), request, seconds=seconds)
        if isinstance(answer, Failure):
            # No message went out: whatever became of the question, it may be asked again.
            return answer if answer.certainty == "forbidden" else Failure(certainty="safe", reason=answer.reason)
        found = GATEWAYS[channel.gateway].read_need(need, answer)
        if isinstance(found, Refused) and found.kind == "unclear":
            return Refused(kind="retry", code=found.code, title=found.title)
        return found

    def _link(self, path: str) -> str | Refused:
        found = _file(self._parts.root, path)
        return self._parts.link(path) if found else NO_FILE

    async def _upload(self, channel: Channel, path: str) -> HttpRequest | None:
        gateway: Any = GATEWAYS[channel.gateway]
        content = await asyncio.to_thread(_read, self._parts.root, path)
        if content is None or not hasattr(gateway, "build_upload"):
            return None
        mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
        request: HttpRequest = gateway.build_upload(content, Path(path).name, mime, channel, secrets.token_hex(12))
        return request


def _read(root: Path, path: str) -> bytes | None:
    file = _file(root, path)
    return file.read_bytes() if file else None


def _file(root: Path, path: str) -> Path | None:
    base = (root / "content" / "media").resolve()
    file = (base / path).resolve()
    return file if file.is_relative_to(base) and file.is_file() else None
