"""A sender over a real store, and a provider on a socket that behaves as badly as it is told to."""

import asyncio
import itertools
import json
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.project import Account, Channel, Project
from flowbot.sender import loop
from flowbot.sender.parts import Parts, Timing
from flowbot.store import outbox
from flowbot.store.client import connect_async
from tests.listening import Listening

QUICK = Timing(deadline=2000, reply_grace=300, fail_grace=500, poll=50, lease=2000)
PARTITION = 3


class Provider(Listening):
    """Answers sends in Meta's dialect. `plan[to]` lists what to do with the next sends to a recipient: a number is a
    delay in seconds before a yes, ("error", status, code) a refusal, and words say the rest; then it says yes."""

    def __init__(self, delay=0.0):
        super().__init__()
        self.delay = delay
        self.plan = defaultdict(list)
        self.accepted = []  # (our id, to, text) in the order they were taken
        self.asked = []  # (our id, monotonic time)
        self.shown = []  # mark-read requests
        self.uploads = 0
        self.busy = defaultdict(int)
        self.peak = 0
        self.overlaps = 0  # two at a time to one recipient
        self._numbers = itertools.count(1)

    async def request(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        raw = await reader.readexactly(length)
        if b"multipart/form-data" in head.lower():
            self.uploads += 1
            return await self._answer(writer, 200, {"id": f"media-{self.uploads}"})
        body = json.loads(raw)
        if body.get("status") == "read":
            self.shown.append(body)
            return await self._answer(writer, 200, {"success": True})
        to = body.get("to", body.get("recipient"))
        self.overlaps += self.busy[to] > 0
        self.busy[to] += 1
        self.peak = max(self.peak, sum(self.busy.values()))
        try:
            return await self._send(body, to, writer)
        finally:
            self.busy[to] -= 1

    async def _send(self, body, to, writer):
        self.asked.append((body["biz_opaque_callback_data"], time.monotonic()))
        how = self.plan[to].pop(0) if self.plan[to] else self.delay
        if isinstance(how, tuple):
            _, status, code = how
            error = {"code": code, "message": f"({code})", "type": "OAuthException"}
            return await self._answer(writer, status, {"error": error} if code else {})
        if how == "nothing":  # it vanishes before it took anything
            return False
        self.accepted.append((body["biz_opaque_callback_data"], to, body.get("text", {}).get("body", "")))
        if how == "closes":
            return False
        if how == "hangs":
            await asyncio.sleep(60)
        if how == "bare 500":
            return await self._answer(writer, 500, None)
        if how == "garbage":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n[}{\xff\xfe][]")
            await writer.drain()
            return True
        await asyncio.sleep(how)
        return await self._answer(writer, 200, {"messages": [{"id": f"wamid.{next(self._numbers)}"}]})

    async def _answer(self, writer, status, body):
        raw = b"oh no" if body is None else json.dumps(body).encode()
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(raw)) + raw)
        await writer.drain()
        return True


def entry(number, contact="c1", text="", partition=PARTITION, **more):
    return OutboxEntry(
        id=f"ms_{partition}_{number}",
        account="acme",
        channel="main",
        contact_id=contact,
        to="57300" + contact.removeprefix("c"),
        outbound=Outbound(text=text or str(number)),
        **more,
    )


class Stage:
    """The sender running over a store and a provider, with what a scene needs at hand."""

    entry = staticmethod(entry)

    def __init__(self, store, url, provider, *, timing=QUICK, root=Path(), owner="test1#a", **channel):
        options = {"phone_number_id": "1", "access_token": "t"}
        channel = {"rate": 5000.0, "gateway": "cloud_api", "options": options, **channel}
        self.channel = Channel(account="acme", name="main", base_url=provider.url, **channel)
        self.private = True
        self.store, self.url, self.provider = store, url, provider
        self.timing, self.root, self.owner = timing or Timing(), root, owner
        self.stop = asyncio.Event()

    async def __aenter__(self):
        self.astore = await connect_async(self.url)
        parts = Parts(
            store=self.astore,
            project=self.project,
            root=self.root,
            owner=self.owner,
            link=lambda path: f"https://files.test/{path}",
            timing=self.timing,
        )
        self.parts = parts
        self.task = asyncio.create_task(loop.run(parts, self.stop))
        return self

    async def __aexit__(self, *_):
        self.stop.set()
        await self.task
        await self.astore.close()

    def project(self):
        account = Account(name="acme", channels={"main": self.channel})
        return Project(accounts={"acme": account}, allow_private_urls=self.private)

    def set_channel(self, **change):
        self.channel = replace(self.channel, **change)

    def allow_private(self, allowed):
        self.private = allowed

    async def push(self, *entries):
        for partition in {int(one.id.split("_")[1]) for one in entries}:
            mine = [one for one in entries if int(one.id.split("_")[1]) == partition]
            await self.astore.run(outbox.push(partition, mine))

    async def state(self, number, partition=PARTITION):
        return (await self.astore.run(outbox.read(f"ms_{partition}_{number}"))).get("state")

    async def record(self, number, partition=PARTITION):
        return await self.astore.run(outbox.read(f"ms_{partition}_{number}"))

    async def until(self, check, seconds=10.0):
        """Waits for `check` (plain or async) to hold."""
        end = time.monotonic() + seconds
        while True:
            found = check()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            assert time.monotonic() < end, "it did not happen in time"
            await asyncio.sleep(0.01)

    async def settled(self, number, state, seconds=10.0, partition=PARTITION):
        async def there():
            return await self.state(number, partition) == state

        await self.until(there, seconds)


def _scene(store, url):
    def run(play, *, delay=0.0, **more):
        async def all_of_it():
            async with Provider(delay) as provider, Stage(store, url, provider, **more) as stage:
                await play(stage)

        asyncio.run(all_of_it())

    run.quick = QUICK
    return run


@pytest.fixture
def scene(store, store_url):
    """Runs an async scene: `scene(play, delay=…, **channel)` calls `await play(stage)` with the sender running."""
    return _scene(store, store_url)


@pytest.fixture
def any_scene(any_store, any_url):
    """The same on a single node and on a cluster."""
    return _scene(any_store, any_url)
