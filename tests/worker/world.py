"""A project on disk, a real store, and workers that the test drives round by round."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from flowbot.library.load import load
from flowbot.model.contact import Contact, Identity
from flowbot.model.event import ClockAdvanced, Event, MessageReceived, to_bytes
from flowbot.model.ids import partition_of
from flowbot.model.inbound import Inbound
from flowbot.model.session import Session
from flowbot.store import contacts, history, identity, inbox, sessions
from flowbot.store.client import Store
from flowbot.worker.loop import Parts, Worker
from flowbot.worker.shelf import Shelf

PROJECT = """\
accounts:
  acme:
    timezone: UTC
    languages: [en]
    channels:
      main: {gateway: simulator, number: "+15550000001"}
      real: {gateway: cloud_api, number: "+15550000002", phone_number_id: "1"}
      blip: {gateway: blip, bot_key: "${env:K}", secret: "${env:K}", base_url: "https://b.http.msging.net"}
"""
FLOW = """\
flow: talk
start: {keywords: [start]}
settings: {expires_after: 2h}
steps:
  first: {ask: "What is the first?"}
  second: {ask: "And the second?"}
  third: {ask: "And the third?"}
  done: {say: Thank you, succeed: {}}
"""


@dataclass
class World:
    store: Store
    folder: Path
    count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        (self.folder / "flows").mkdir(parents=True)
        (self.folder / "flowbot.yaml").write_text(PROJECT)
        self.write(FLOW)

    def write(self, flow: str) -> None:
        (self.folder / "flows" / "talk.yaml").write_text(flow)

    def shelf(self, store: Store | None = None, flows: str = "auto") -> Shelf:
        return Shelf(store=store or self.store, load=lambda before: load(self.folder, {}, before=before), flows=flows)

    def worker(self, owner: str = "w#1", lease: int = 5_000, flows: str = "auto") -> Worker:
        return Worker(parts=Parts(store=self.store, shelf=self.shelf(flows=flows), owner=owner, lease=lease))

    def contact_id(self, number: str) -> str:
        return identity.resolve(self.store, "acme", Identity(number=number))

    def partition(self, number: str) -> int:
        return partition_of(self.contact_id(number), self.store.partitions)

    def push(self, number: str, body: bytes, *, dedupe: str = "", channel: str = "main") -> bool:
        call = inbox.push(
            self.partition(number),
            self.contact_id(number),
            f"acme/{channel}",
            body,
            dedupe_id=dedupe or f"x{next(self.count)}",
            at_ms=0,
        )
        return self.store.run(call)

    def event(self, number: str, event: Event, *, channel: str = "main") -> bool:
        return self.push(number, to_bytes(event), dedupe=event.id, channel=channel)

    def say(self, number: str, *texts: str, channel: str = "main", group: str = "", name: str = "Ana") -> None:
        for text in texts:
            sender = Identity(number=number, name=name)
            inbound = Inbound(id=f"in{next(self.count)}", sender=sender, kind="text", text=text, group=group)
            assert self.event(number, MessageReceived(inbound=inbound), channel=channel)

    def advance_clock(self, number: str, ms: int, *, channel: str = "main") -> None:
        assert self.event(number, ClockAdvanced(nonce=f"n{next(self.count)}", by=ms), channel=channel)

    def settle(self, worker: Worker, rounds: int = 100) -> None:
        """Rounds until nothing waits in any inbox, and no timer is due."""
        for _ in range(rounds):
            worker.round()
            if not worker.ready and not self.waiting():
                return
        raise AssertionError(f"{self.waiting()} events still wait")

    def waiting(self) -> int:
        found = [self.store.run(inbox.peek(partition)) for partition in range(self.store.partitions)]
        due = sum(1 for one in found if one.next_timer is not None and one.next_timer <= one.now)
        return sum(one.waiting for one in found) + due

    def session(self, number: str, channel: str = "main") -> Session:
        found = self.store.run(sessions.get(self.partition(number), self.contact_id(number), f"acme/{channel}"))
        assert found is not None
        return found

    def contact(self, number: str) -> Contact:
        found = self.store.run(contacts.get(self.partition(number), self.contact_id(number)))
        assert found is not None
        return found

    def history(self, number: str, kind: str = "") -> list[dict[str, Any]]:
        found = self.store.run(history.read(self.partition(number), self.contact_id(number), count=1000))
        return [orjson.loads(entry.body) for entry in found if kind in ("", entry.kind)]

    def heard(self, number: str) -> list[str]:
        """The texts that the worker applied, in order."""
        return [
            record["event"]["inbound"]["text"] for record in self.history(number, "in") if "inbound" in record["event"]
        ]

    def said(self, number: str) -> list[str]:
        """The texts that it committed, in order."""
        return [record["outbound"]["text"] for record in self.history(number, "out")]
