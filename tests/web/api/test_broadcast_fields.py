"""An audience's extra columns come into the contacts' records behind the messages, and never before replies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowbot.hooks.broadcasts import Broadcasts
from flowbot.hooks.edits import ROOM
from flowbot.hooks.forget import Forgetting
from flowbot.hooks.parts import Parts as HookParts
from flowbot.store import broadcasts, bulk, inbox
from flowbot.store.client import connect_async

from .conftest import Office

SHEET = "phone;name;children\n" + "".join(f"+57300111{at:04d};Ana;{at}\n" for at in range(1, 4))
BASE: dict[str, Any] = {
    "channel": "main",
    "template": {"name": "notice", "params": {"day": "Monday"}},
    "user_authorized": True,
}
Rounds = Callable[[Callable[[Broadcasts], Awaitable[object]]], None]


@pytest.fixture
def hooks(office: Office, store_url: str) -> Rounds:
    """A part of what the hooks process does for broadcasts."""

    def run(what: Callable[[Broadcasts], Awaitable[object]]) -> None:
        async def work() -> None:
            store = await connect_async(store_url)
            parts = HookParts(store=store, project=lambda: office.parts.library.project)
            try:
                await what(Broadcasts(parts, lambda: office.parts.library))
            finally:
                await parts.close()
                await store.close()

        asyncio.run(work())

    return run


def begin(office: Office, sheet: str = SHEET) -> str:
    id = str(office.post("/broadcasts", BASE)["broadcast_id"])
    answer = office.ask("PUT", f"/broadcasts/{id}/recipients", sheet.encode(), **{"Content-Type": "text/csv"})
    assert answer.status_code == 202, answer.text
    return id


def made(office: Office, id: str) -> int:
    return sum(office.store.run(bulk.counts(at, id)).get("made", 0) for at in range(office.store.partitions))


def waiting(office: Office) -> int:
    return sum(office.store.run(inbox.waiting(at, "acme")) for at in range(office.store.partitions))


async def queues(part: Broadcasts) -> None:
    for _ in range(4):
        part._look_at.clear()
        await part._round()


def test_messages_are_queued_before_their_contacts_are_told(office: Office, hooks: Rounds) -> None:
    """R101: and it is not over before these are; then nothing but ids is left of the recipients."""
    id = begin(office)
    hooks(lambda part: part._round())
    assert made(office, id) == 3 and waiting(office) == 0
    office.post(f"/broadcasts/{id}/cancel", {})
    hooks(queues)
    assert id in office.store.run(broadcasts.active()), "their records are still to be told"
    hooks(lambda part: part.edits.round())
    office.work()
    assert [office.world.contact(f"57300111{at:04d}").fields for at in range(1, 4)] == [
        {"children": at} for at in range(1, 4)
    ]
    assert [(one.to, dict(one.fields)) for one in office.store.run(broadcasts.chunk(id, 0))] == [("", {})] * 3
    hooks(queues)
    assert id not in office.store.run(broadcasts.active())


def test_a_death_in_between_tells_nobody_twice(office: Office, hooks: Rounds) -> None:
    id = begin(office)
    hooks(lambda part: part._round())

    async def dies(part: Broadcasts) -> None:
        kept = await part._store.run(broadcasts.get(id))
        assert kept is not None
        part.edits._done[id] = (kept.edited, 2)  # the last of them alone, and the chunk is not passed
        await part.edits._tell(kept, 2, await part._store.run(broadcasts.chunk(id, 0)))

    hooks(dies)
    assert waiting(office) == 1
    hooks(lambda part: part.edits.round())
    assert waiting(office) == 3


def test_an_inbox_that_is_full_gets_no_more(office: Office, hooks: Rounds) -> None:
    """Who is the first to write waits behind a few only, however slow the worker is."""
    count = 2 * ROOM
    begin(office, "phone;name;children\n" + "".join(f"+57300111{at:04d};Ana;{at}\n" for at in range(1, count + 1)))
    hooks(lambda part: part._round())

    async def often(part: Broadcasts) -> None:
        for _ in range(8):
            await part.edits.round()

    hooks(often)
    assert 0 < waiting(office) <= ROOM
    for _ in range(4):
        office.work()
        hooks(often)
    office.work()
    assert office.world.contact(f"57300111{count:04d}").fields == {"children": count}


def test_who_is_forgotten_meanwhile_is_not_told_of(office: Office, hooks: Rounds, store_url: str) -> None:
    """R150: what a list says of somebody lies there for a while after the message is queued."""
    office.world.say("573001110002", "start", name="Ben")
    office.work()
    gone = office.world.contact_id("573001110002")
    id = begin(office)
    hooks(lambda part: part._round())
    assert office.ask("DELETE", f"/contacts/{gone}").status_code == 202
    office.work()

    async def forgets(part: Broadcasts) -> None:
        await Forgetting(part._parts, settled=0, rewrites=0).round()

    hooks(forgets)
    left = {one.contact_id: dict(one.fields) for one in office.store.run(broadcasts.chunk(id, 0))}
    assert left[gone] == {} and sum(map(bool, left.values())) == 2
    hooks(lambda part: part.edits.round())
    office.work()
    assert office.ask("GET", f"/contacts/{gone}").status_code == 404
