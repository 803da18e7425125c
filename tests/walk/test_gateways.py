"""One flow, unchanged, over every gateway: in through the web, through a worker and a sender, out to the provider."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flowbot.gateways import GATEWAYS
from flowbot.model import ids
from flowbot.model.contact import Identity
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.sender import loop
from flowbot.sender.parts import Parts as SenderParts
from flowbot.settings import Settings
from flowbot.store import contacts, history, identity, inbox, outbox
from flowbot.store.client import Store, connect_async
from flowbot.web.app import create_app
from flowbot.wiring import load_library, parts_of
from flowbot.worker.loop import Parts as WorkerParts
from flowbot.worker.loop import Worker
from flowbot.worker.shelf import Shelf as WorkerShelf
from tests.sender.test_gateways import StandIn

from .dialects import DIALECTS, PUBLIC, SECRET, Dialect, Gupshup

FLOW = """\
flow: order
languages: [en]
start: {messages: [order]}
steps:
  drink: {ask: Which one would you like?, choices: {tea: size, coffee: size}}
  size: {ask: How big?, choices: [tiny, small, medium, large, huge]}
  name: {ask: What is your name?}
  done: {say: "One {{ answers.size }} {{ answers.drink }} for {{ answers.name }}.", succeed: {}}
"""


def test_every_gateway_walks() -> None:
    assert {one.gateway for one in DIALECTS} == set(GATEWAYS) - {"simulator"}


class Walk:
    """A project with one channel, and its parts in this process."""

    def __init__(self, dialect: Dialect, store: Store, url: str, folder: Path, provider: str, **more: object) -> None:
        self.dialect, self.store, self.url = dialect, store, url
        self.key = f"acme/{dialect.gateway}"
        keys = {"gateway": dialect.gateway, "base_url": provider + dialect.path, **dialect.keys}
        account = {"languages": ["en"], "channels": {dialect.gateway: keys}, **more}
        (folder / "flows").mkdir()
        (folder / "flowbot.yaml").write_text(json.dumps({"accounts": {"acme": account}, "allow_private_urls": True}))
        (folder / "flows" / "order.yaml").write_text(FLOW)
        environ = {
            "S": SECRET,
            "HOOK": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
            "FLOWBOT_PROJECT": str(folder),
            "FLOWBOT_DATA": str(folder / ".flowbot"),
            "FLOWBOT_REDIS_URL": url,
            "FLOWBOT_SECRET_KEY": "k" * 40,
            "FLOWBOT_PUBLIC_URL": PUBLIC,
        }
        self.settings = settings = Settings.from_env(environ)
        library = load_library(settings)
        assert [one.message for one in library.problems if one.level == "error"] == []
        self.project = library.project
        self.client = create_app(parts_of(settings, store)).test_client()
        shelf = WorkerShelf(store=store, load=lambda before: load_library(settings, before), flows=settings.flows)
        self.worker = Worker(parts=WorkerParts(store=store, shelf=shelf, owner="w#1"))

    def hear(self, post: tuple[str, bytes, dict[str, str]]) -> None:
        """The provider calls; then a worker does what there is to do."""
        path, body, headers = post
        kind = "application/x-www-form-urlencoded" if self.dialect.gateway == "twilio" else "application/json"
        answer = self.client.post(f"/webhooks/{self.key}{path}", data=body, headers=headers, content_type=kind)
        assert answer.status_code == 200 and answer.data == GATEWAYS[self.dialect.gateway].ACCEPTED.body
        self.work()

    def work(self) -> None:
        for _ in range(20):
            self.worker.round()
            if not self.worker.ready and not self.waiting():
                return

    def waiting(self) -> int:
        found = self.store.run_all([inbox.peek(partition) for partition in range(self.store.partitions)])
        return sum(one.waiting for one in found)

    async def send(self, count: int) -> None:
        """A sender runs until the provider has got so many messages in all, and all of them are recorded."""
        await self.sending(lambda: len(self.dialect.said) >= count and self.recorded())

    async def sending(self, done: Callable[[], bool]) -> None:
        """A sender runs until it is done."""
        astore = await connect_async(self.url)
        parts = SenderParts(
            store=astore,
            project=lambda: self.project,
            root=self.settings.project,
            owner="s#1",
            link=lambda path: f"{PUBLIC}/{path}",
        )
        stop = asyncio.Event()
        sender = asyncio.create_task(loop.run(parts, stop))
        try:
            async with asyncio.timeout(10):
                while not done():
                    await asyncio.sleep(0.01)
        finally:
            stop.set()
            await sender
            await astore.close()

    def messages(self) -> list[dict[str, str]]:
        number = "" if self.dialect.scoped else self.dialect.number
        who = identity.resolve(self.store, "acme", Identity(number=number, bsuid=self.dialect.scoped))
        partition = ids.partition_of(who, self.store.partitions)
        turns = self.store.run(history.read(partition, who, count=1000))
        made = [json.loads(entry.body)["id"] for entry in turns if entry.kind == "out"]
        return [self.store.run(outbox.read(id)) for id in made]

    def recorded(self) -> bool:
        return all(one["state"] == "sent" for one in self.messages())


@pytest.mark.parametrize("scoped", ["", "US.Ana1"], ids=["number", "R154"])
@pytest.mark.parametrize("kind", DIALECTS, ids=lambda kind: kind.gateway)
def test_one_flow_over_every_gateway(
    kind: type[Dialect], scoped: str, store: Store, store_url: str, tmp_path: Path
) -> None:
    """To a number, and to a person who is known by a user id only (R154)."""
    dialect = kind(scoped)

    async def all_of_it() -> None:
        async with StandIn(lambda method, path, body: dialect.answer(path, body)) as provider:
            walk = Walk(dialect, store, store_url, tmp_path, provider.url)
            await asyncio.to_thread(walk.hear, dialect.text("order"))
            await walk.send(1)
            assert dialect.said[0].text == "Which one would you like?"
            assert [title for _, title in dialect.said[0].choices] == ["Tea", "Coffee"]
            await asyncio.to_thread(walk.hear, dialect.press(dialect.said[0].choices[1], many=False))
            await walk.send(2)
            assert [title for _, title in dialect.said[1].choices] == ["Tiny", "Small", "Medium", "Large", "Huge"]
            await asyncio.to_thread(walk.hear, dialect.press(dialect.said[1].choices[3], many=True))
            await asyncio.to_thread(walk.hear, dialect.text("Ana"))
            await walk.send(4)
            assert [one.text for one in dialect.said[2:]] == ["What is your name?", "One large coffee for Ana."]
            await asyncio.to_thread(walk.hear, dialect.delivered(dialect.said[3]))
            assert "delivered_at" in walk.messages()[3]

    asyncio.run(all_of_it())


def test_who_is_not_on_whatsapp_is_not_tried_again_until_it_writes(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    """R089: from the provider's answer through the contact's own queue to the next claim."""
    dialect = Gupshup()
    refusing = [(400, {"status": "error", "code": 1002, "message": "no such number"})]

    async def all_of_it() -> None:
        async with StandIn(lambda method, path, body: refusing.pop() if refusing else dialect.answer(path, body)) as at:
            walk = Walk(dialect, store, store_url, tmp_path, at.url)
            who = identity.resolve(store, "acme", Identity(number=dialect.number))
            partition = ids.partition_of(who, store.partitions)

            async def offer(number: int, state: str) -> dict[str, str]:
                entry = OutboxEntry(
                    id=f"ms_{partition}_{number}",
                    account="acme",
                    channel=dialect.gateway,
                    contact_id=who,
                    to=dialect.number,
                    outbound=Outbound(text="An offer"),
                    purpose="business",
                )
                store.run(outbox.push(partition, [entry]))
                await walk.sending(lambda: store.run(outbox.read(entry.id))["state"] == state)
                return store.run(outbox.read(entry.id))

            assert (await offer(1, "failed"))["code"] == "1002"
            await walk.sending(lambda: walk.waiting() == 1)
            await asyncio.to_thread(walk.work)
            contact = store.run(contacts.get(partition, who))
            assert contact is not None and (contact.number, contact.unreachable) == (dialect.number, "1002")
            assert (await offer(2, "suppressed"))["code"] == "unreachable"
            assert len(at.asked) == 1, "the provider was asked once"
            await asyncio.to_thread(walk.hear, dialect.text("order"))
            await walk.send(1)
            await offer(3, "sent")
            assert [one.text for one in dialect.said] == ["Which one would you like?", "An offer"]

    asyncio.run(all_of_it())
