"""What a gateway must know before it can build a request: asked once, kept for the channel, shared by all senders."""

from __future__ import annotations

import asyncio
import mimetypes
import secrets
from pathlib import Path
from typing import Any

from ..delivery.client import Failure, exchange
from ..gateways import GATEWAYS
from ..model.gateway import Need, Refused, Sending
from ..model.project import Channel
from ..store import rates
from .parts import Parts

UPLOAD_SECONDS = 60.0
MEDIA_LIFE = 25 * 24 * 3600 * 1000  # ms; Meta forgets an upload after 30 days


class Facts:
    """The facts found out so far; `find` answers a fact's value, or why there is none."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[tuple[str, str], str] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[str | Refused | Failure]] = {}

    async def for_sending(self, sending: Sending, channel: Channel, need: Need) -> dict[str, Any] | Refused | Failure:
        """The facts of `sending` and the one that is needed."""
        found = await self.find(channel, need)
        return {**sending.facts, need.fact: found} if isinstance(found, str) else found

    async def find(self, channel: Channel, need: Need) -> str | Refused | Failure:
        key = (channel.key, need.fact)
        if key in self._known:
            return self._known[key]
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.ensure_future(self._ask(channel, need))
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        found = await asyncio.shield(task)
        if isinstance(found, str):
            self._known[key] = found
        return found

    def forget(self, channel: Channel, fact: str) -> None:
        self._known.pop((channel.key, fact), None)

    async def _ask(self, channel: Channel, need: Need) -> str | Refused | Failure:
        kept = await self._parts.store.run(rates.fact(channel.key, need.fact))
        if kept:
            return kept
        found = await self._upload(channel, need.fact.removeprefix("media:"))
        if isinstance(found, str):
            await self._parts.store.run(rates.keep_fact(channel.key, need.fact, found, ms=MEDIA_LIFE))
        return found

    async def _upload(self, channel: Channel, path: str) -> str | Refused | Failure:
        gateway: Any = GATEWAYS[channel.gateway]
        content = await asyncio.to_thread(_read, self._parts.root, path)
        if content is None or not hasattr(gateway, "build_upload"):
            return Refused(kind="perm", code="no_file", title="the file to send is not there")
        mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
        name = Path(path).name
        request = gateway.build_upload(content, name, mime, channel, secrets.token_hex(12))
        answer = await exchange(self._parts.client(channel), request, seconds=UPLOAD_SECONDS)
        if isinstance(answer, Failure):
            # Only a file went up, no message: whatever became of it, it may be tried again.
            return answer if answer.certainty == "forbidden" else Failure(certainty="safe", reason=answer.reason)
        found: str | Refused = gateway.read_upload(answer)
        if isinstance(found, Refused) and found.kind == "unclear":
            return Refused(kind="retry", code=found.code, title=found.title)
        return found


def _read(root: Path, path: str) -> bytes | None:
    base = (root / "content" / "media").resolve()
    file = (base / path).resolve()
    if not file.is_relative_to(base) or not file.is_file():
        return None
    return file.read_bytes()
