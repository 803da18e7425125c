"""The hooks process over a real store, and a client's endpoint on a socket."""

import asyncio
import base64
import time

import pytest

from flowbot.hooks import loop
from flowbot.hooks.parts import Parts
from flowbot.model import codec
from flowbot.model.hook import Hook
from flowbot.model.project import Account, CodeRules, Endpoint, Project
from flowbot.store import deliveries, keys
from flowbot.store.call import command
from flowbot.store.client import connect_async
from tests.listening import Listening

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


class Client(Listening):
    """Keeps what it is sent; answers what `plan` says next, then 204. A number is a status, words say the rest."""

    path = "/hooks?x=1"

    def __init__(self):
        super().__init__()
        self.got = []  # (headers, body)
        self.paths = []
        self.plan = []

    async def request(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, value in lines}
        self.paths.append(head.split(" ", 2)[1])
        self.got.append((headers, await reader.readexactly(int(headers.get("content-length", 0)))))
        how = self.plan.pop(0) if self.plan else 204
        if how == "hang":
            await asyncio.sleep(60)
        if how == "close":
            raise ConnectionError
        if how == "flood":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
            for _ in range(10):
                writer.write(b"x" * 1_000_000)
                await writer.drain()
            return True
        status, extra, text = (*how, "")[:3] if isinstance(how, tuple) else (how, "", "")
        data = text if isinstance(text, bytes) else text.encode()
        writer.write(f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()
        return True


class Stage:
    secret = SECRET

    def __init__(self, store, url, client, *, private=True, key=b"k" * 32, **endpoint):
        self.store, self.url, self.client, self.private = store, url, client, private
        options = {"name": "crm", "account": "acme", "url": client.url, "secret": SECRET, **endpoint}
        self.endpoint = Endpoint(**options)
        self.stop = asyncio.Event()
        self.seconds, self.patience = 0.5, 2.0
        self.more = {}  # parts that a test brings
        self.key = key
        self.rules = CodeRules()
        self.channels = {}

    async def __aenter__(self):
        self.astore = await connect_async(self.url)
        self.start()
        return self

    def start(self):
        self.stop = asyncio.Event()
        more = {"seconds": self.seconds, "patience": self.patience, "poll": 50, "key": self.key, **self.more}
        parts = Parts(store=self.astore, project=lambda: self.project(), **more)
        self.task = asyncio.create_task(loop.run(parts, self.stop))

    async def halt(self):
        self.stop.set()
        await self.task

    async def __aexit__(self, *_):
        await self.halt()
        await self.astore.close()

    def project(self):
        account = Account(name="acme", endpoints={"crm": self.endpoint}, codes=self.rules, channels=self.channels)
        return Project(accounts={"acme": account}, allow_private_urls=self.private)

    async def emit(self, number, kind="process.succeeded", partition=3, **data):
        data = {"process_id": "pr_3_x", "account": "acme", "flow": "identity", "answers": {}, "list": [], **data}
        hook = Hook(
            id=f"ev_{partition}_{number}", type=kind, account="acme", contact_id="c1", at=1_763_730_000_000, data=data
        )
        parts = ("XADD", keys.hooks(partition), "*", "id", hook.id, "type", kind, "body", codec.encode(hook))
        await self.astore.run(command(*parts, read=bytes))
        wake = ("SPUBLISH", keys.wake(partition, "hook"), "hook")
        await self.astore.run(command(*wake, read=int))

    async def until(self, check, seconds=8.0):
        end = time.monotonic() + seconds
        while not check():
            assert time.monotonic() < end, "it did not happen in time"
            await asyncio.sleep(0.01)

    def delivery(self, place=0):
        return self.client.got[place][0]["webhook-id"]

    def record(self, delivery):
        return self.store.run(deliveries.read(self.endpoint.key, delivery))

    def facts(self):
        return self.store.run(deliveries.endpoint(self.endpoint.key))

    def due_now(self):
        """Makes what waits for its next attempt due at once."""
        due = keys.endpoint(self.endpoint.key, "due")
        for name in self.store.run(command("ZRANGE", due, 0, -1, read=list)):
            self.store.run(command("ZADD", due, 1, name, read=int))


@pytest.fixture
def scene(any_store, any_url):
    """`scene(play, **endpoint)` calls `await play(stage)` with the hooks process running."""

    def run(play, **endpoint):
        async def all_of_it():
            async with Client() as client, Stage(any_store, any_url, client, **endpoint) as stage:
                await play(stage)

        asyncio.run(all_of_it())

    return run
