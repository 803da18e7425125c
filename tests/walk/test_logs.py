"""What the whole walk writes into the log, at every gateway, when all goes well and when not: nothing of the person."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbot.hooks import loop as hooks_loop
from flowbot.hooks.parts import Parts as HooksParts
from flowbot.model import ids
from flowbot.model.contact import Identity
from flowbot.store import identity, inbox
from flowbot.store.client import Store, connect_async
from tests.logged import logged
from tests.sender.test_gateways import StandIn

from .dialects import DIALECTS, SECRET, Dialect
from .test_gateways import Walk

NAME = "Anastasia Quintero"
EVENTS = ["process.*", "message.*"]
ENDPOINT = {"name": "crm", "url": "http://127.0.0.1:9/hooks", "secret": "${env:HOOK}", "events": EVENTS}
HOOK = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All lines, those for looking closely too."""
    with logged("DEBUG") as out:
        yield out


class Cross:
    """A provider that refuses the first message in words that name the person, and takes the others."""

    def __init__(self, dialect: Dialect, code: int) -> None:
        self.dialect, self.code, self.refused = dialect, code, 0

    def answer(self, method: str, path: str, body: str) -> tuple[int, Any]:
        if self.refused:
            return self.dialect.answer(path, body)
        self.refused += 1
        why = f"cannot send {NAME!r} to +{self.dialect.number}, see {SECRET} (wamid.HBgLMTU1NTAxMDAwMDEVAgASGBQzQQ==)"
        error = {"message": why, "code": self.code, "error_data": {"details": why}, "title": why}
        return 400, {"error": error, "status": "error", "message": why, "code": self.code, "detail": why}


@pytest.mark.parametrize("code", [131026, 998877], ids=["known", "unknown"])
@pytest.mark.parametrize("scoped", ["", "US.Ana1"], ids=["number", "R154"])
@pytest.mark.parametrize("kind", DIALECTS, ids=lambda kind: kind.gateway)
def test_nothing_of_the_person_is_in_the_log(
    kind: type[Dialect], scoped: str, code: int, store: Store, store_url: str, tmp_path: Path, log: io.StringIO
) -> None:
    """I13, R051, R094: no number, no text, no provider's id, no secret."""
    dialect = kind(scoped)
    cross = Cross(dialect, code)

    async def all_of_it() -> None:
        async with StandIn(cross.answer) as provider:
            walk = Walk(dialect, store, store_url, tmp_path, provider.url, endpoints=[ENDPOINT])
            path, body, headers = dialect.text(NAME)
            wrong = {**headers, **{name: "sha256=00" for name in headers if "ignature" in name}}
            for data in (body, body[:-9]):
                await asyncio.to_thread(walk.client.post, f"/webhooks/{walk.key}{path}", data=data, headers=wrong)
            await asyncio.to_thread(walk.hear, dialect.text("order"))
            await walk.sending(lambda: bool(cross.refused) and all(one["state"] == "failed" for one in walk.messages()))
            await asyncio.to_thread(walk.hear, dialect.text("coffee"))
            await walk.sending(lambda: len(dialect.said) >= 1)
            await asyncio.to_thread(walk.hear, dialect.text("large"))
            await asyncio.to_thread(walk.hear, dialect.text(NAME))
            await walk.sending(lambda: len(dialect.said) >= 3)
            await asyncio.to_thread(walk.hear, dialect.delivered(dialect.said[-1]))
            await asyncio.to_thread(broken, walk, f'{{"v": 1, "text": "{NAME}", "to": "{dialect.number}"')
            await hooks(walk)

    asyncio.run(all_of_it())
    said = log.getvalue()
    actions = {json.loads(line)["action"] for line in said.splitlines()}
    assert actions >= {"message.failed", "message.sent", "turn.failed", "hook.again"}, actions
    planted = [dialect.number, dialect.number[-7:], NAME, NAME.split()[1], SECRET, HOOK[6:], scoped]
    planted += ["Which one would", "large coffee", "HBgLMTU1", *(one.id for one in dialect.said if one.id[:3] != "ms_")]
    shown = {value: [line for line in said.splitlines() if value in line][:2] for value in planted if value}
    assert {value: lines for value, lines in shown.items() if lines} == {}


def broken(walk: Walk, body: str) -> None:
    """An event that no release can read: it is tried, told with a trace, and set aside."""
    number = "" if walk.dialect.scoped else walk.dialect.number
    who = identity.resolve(walk.store, "acme", Identity(number=number, bsuid=walk.dialect.scoped))
    partition = ids.partition_of(who, walk.store.partitions)
    walk.store.run(inbox.push(partition, who, walk.key, body.encode(), dedupe_id="odd", at_ms=0))
    walk.work()


async def hooks(walk: Walk) -> None:
    """The hooks process for a while, at an endpoint where nobody is."""
    astore = await connect_async(walk.url)
    parts = HooksParts(store=astore, project=lambda: walk.project, key=b"k" * 32, seconds=0.5, poll=50)
    stop = asyncio.Event()
    task = asyncio.create_task(hooks_loop.run(parts, stop))
    await asyncio.sleep(0.7)
    stop.set()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await astore.close()
