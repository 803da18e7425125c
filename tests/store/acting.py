"""A worker's moves, one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from flowbot.model import codec
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.session import Session
from flowbot.store import inbox, leases, turns
from flowbot.store.call import as_is, command
from flowbot.store.client import Store
from flowbot.store.inbox import Entry, Taken

PARTITION = 3
CONTACT = "c1"
CHANNEL = "acme/main"


@dataclass
class Acting:
    store: Store
    owner: str = "w1#a"
    epoch: int = field(default=0)
    sent: int = 0

    def __post_init__(self) -> None:
        self.lease()

    def lease(self, ms: int = 60_000) -> int:
        self.epoch = self.store.run(leases.take("w", PARTITION, self.owner, ms))
        return self.epoch

    def push(
        self,
        text: str = "hi",
        *,
        contact: str = CONTACT,
        channel: str = CHANNEL,
        id: str = "",
        at: int = 0,
        now: int | None = None,
    ) -> bool:
        self.sent += 1
        name = id or f"{self.owner}-{self.sent}"
        body = orjson.dumps({"text": text})
        return self.store.run(inbox.push(PARTITION, contact, channel, body, dedupe_id=name, at_ms=at, now=now))

    def take(self, count: int = 10, only: str = "") -> Taken:
        return self.store.run(inbox.take(PARTITION, self.owner, self.epoch, count, only))

    def commit(self, entry: Entry, version: int = 0, **changes: Any) -> str:
        return self.store.run(turns.commit(self.commit_of(entry, version, **changes)))

    def commit_of(self, entry: Entry, version: int = 0, **changes: Any) -> turns.Commit:
        session = Session(account="acme", channel="main", contact_id=entry.contact_id, version=version + 1)
        given = {
            "partition": PARTITION,
            "owner": self.owner,
            "epoch": self.epoch,
            "entry_id": entry.id,
            "contact_id": entry.contact_id,
            "channel_key": entry.channel_key,
            "old_version": version,
            "session": codec.encode(session),
            "now": 1_000,
        }
        return turns.Commit(**{**given, **changes})

    def raw(self, *parts: str | int) -> Any:
        return self.store.run(command(*parts, read=as_is))


def message(number: int, *, contact: str = CONTACT, lane: str = "r") -> OutboxEntry:
    return OutboxEntry(
        id=f"ms_{PARTITION}_{contact}{number}",
        account="acme",
        channel="main",
        contact_id=contact,
        to="15550100001",
        outbound=Outbound(text=f"answer {number}"),
        lane=lane,
    )


def texts(taken: Taken) -> list[str]:
    return [orjson.loads(entry.event or b"{}").get("text", "") for entry in taken.entries]
