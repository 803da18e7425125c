"""What is ordered for a broadcast holds at once, however long its messages are being made."""

from __future__ import annotations

import asyncio
from typing import Any

from flowbot.hooks.broadcasts import Broadcasts, Written
from flowbot.hooks.parts import Parts as HookParts
from flowbot.store import broadcasts, outbox
from flowbot.store.client import connect_async

from .conftest import Office

BASE: dict[str, Any] = {
    "channel": "main",
    "template": {"name": "notice", "params": {"day": "Monday"}},
    "user_authorized": True,
}


class Paused(Broadcasts):
    """Somebody orders it while the messages of the first chunk are made."""

    seen: str = ""  # what the partitions had heard of when these were queued

    async def _push(self, kept: broadcasts.Kept, what: Written) -> None:
        await super()._push(kept, what)
        await self._store.run(broadcasts.turn(kept.broadcast.id, "paused", before=("running",)))
        await self.orders.round()
        found = await self._store.run(broadcasts.get(kept.broadcast.id))
        self.seen = found.told if found else ""


def test_a_pause_waits_for_no_chunk(office: Office, store_url: str) -> None:
    """R096: five chunks, and it is paused in the first: no sender gets any of them, and the others are not made."""
    id = office.post("/broadcasts", BASE)["broadcast_id"]
    sheet = "phone;name\n" + "".join(f"+57300111{at:04d};Ana\n" for at in range(5 * broadcasts.CHUNK))
    office.ask("PUT", f"/broadcasts/{id}/recipients", sheet.encode(), **{"Content-Type": "text/csv"})

    async def work() -> str:
        store = await connect_async(store_url)
        parts = HookParts(store=store, project=lambda: office.parts.library.project)
        made = Paused(parts, lambda: office.parts.library)
        try:
            await made._round()
        finally:
            await parts.close()
            await store.close()
        return made.seen

    assert asyncio.run(work()) == "paused"
    kept = office.store.run(broadcasts.get(id))
    assert kept is not None and 1 <= kept.cursor <= 2, "the next one was being written"
    partitions = range(office.store.partitions)
    assert not any(office.store.run(outbox.claim(at, "b", "acme/main", tokens=99)).claimed for at in partitions)
