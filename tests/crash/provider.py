"""A provider that takes Meta's send body and misbehaves by a seed; and a client's endpoint for hooks. Both keep a log.

The log is written before any answer, so it knows what was taken even when nobody hears of it.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector, web

from . import meta


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often which thing goes wrong, as shares of all sends."""

    throttled: float = 0.0  # 429 with the channel's throttle code: not taken
    crowded: float = 0.0  # 400 with the pair limit's code: not taken
    broken: float = 0.0  # 500 with a provider's code: not taken
    hung: float = 0.0  # taken, never answered
    dropped: float = 0.0  # taken, connection closed
    garbled: float = 0.0  # taken, 502 without a body to read
    lost_statuses: float = 0.0  # of what was taken: no status ever comes
    refused_hooks: float = 0.0  # of the hooks' first attempts: 500
    busy_calls: float = 0.0  # of the calls of flows: 503


NONE = Faults()
BETWEEN_THROTTLES = 10.0  # seconds
LATE = 5.0  # seconds; a sender whose answer was lost waits some 6 for a status (start.TIMING), from before the send
REFUSALS = {"throttled": (429, 130429), "crowded": (400, 131056), "broken": (500, 131000)}


def rough(lost_statuses: float = 0.0) -> Faults:
    """One send in ten goes wrong, seven of these after the message was taken."""
    return Faults(
        throttled=0.002,
        crowded=0.015,
        broken=0.01,
        hung=0.02,
        dropped=0.03,
        garbled=0.02,
        refused_hooks=0.03,
        lost_statuses=lost_statuses,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One message that the provider took."""

    our_id: str
    to: str
    provider_id: str
    at: float
    text: str
    answered: bool
    line: str  # the number that it was sent by


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One hook that reached the client."""

    headers: Mapping[str, str]
    body: bytes
    at: float
    answered: int


@dataclass(slots=True)
class Log:
    taken: list[Taken] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    refused: int = 0
    statuses_lost: int = 0
    statuses_late: int = 0  # the web was down, or the machine busy
    called: list[tuple[str, bytes]] = field(default_factory=list)  # Idempotency-Key and body of flows' calls


class Provider:
    """Runs in a thread of the test; `url` is what goes into base_url, `hooks_url` what goes into an endpoint.

    >>> with Provider(seed=1) as provider:
    ...     provider.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        *,
        seed: int,
        faults: Faults = NONE,
        web_socket: str = "",
        webhook_path: str = "",
        other_path: str = "",
        latency: float = 0.0,
        statuses: bool = True,
        status_delay: float = 0.4,
    ) -> None:
        self.log = Log()
        self.faults = faults
        self.latency = latency  # seconds before an answer
        self.statuses = statuses
        self.status_delay = status_delay  # seconds, at most, until a status goes out
        self._dice = random.Random(seed)
        self._web_socket, self._webhook_path, self._other_path = web_socket, webhook_path, other_path
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="provider", daemon=True)
        self._port = 0
        self._told: set[str] = set()
        self._seen_hooks: set[str] = set()
        self._quiet_until = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v23.0"

    @property
    def hooks_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hooks"

    @property
    def crm_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/crm"

    def __enter__(self) -> Provider:
        self._thread.start()
        assert self._up.wait(10), "the provider's stub did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        self._stopping = asyncio.Event()
        app = web.Application()
        app.router.add_post("/v23.0/{number}/messages", self._message)
        app.router.add_post("/hooks", self._hook)
        app.router.add_post("/crm/note", self._note)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self._up.set()
        await self._stopping.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await runner.cleanup()

    async def _message(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        if self.latency:
            await asyncio.sleep(self.latency)
        if body.get("status") == "read":
            return web.json_response({"success": True})
        fate = self._fate()
        if fate in REFUSALS:
            self.log.refused += 1
            status, code = REFUSALS[fate]
            return web.json_response({"error": {"code": code, "message": fate}}, status=status)
        taken = self._take(body, request.match_info["number"], answered=fate == "fine")
        if fate == "hung":
            await asyncio.sleep(3600)
        if fate == "dropped":
            assert request.transport is not None
            request.transport.abort()
        if fate == "garbled":
            return web.Response(status=502, text="<html>")
        return web.json_response(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"wa_id": taken.to}],
                "messages": [{"id": taken.provider_id}],
            }
        )

    def _fate(self) -> str:
        point = self._dice.random()
        if point < self.faults.throttled:
            now = time.monotonic()
            if now < self._quiet_until:  # a real one is not throttled by lot: it sends too fast, or it does not
                return "fine"
            self._quiet_until = now + BETWEEN_THROTTLES
            return "throttled"
        for fate in ("crowded", "broken", "hung", "dropped", "garbled"):
            point -= getattr(self.faults, fate)
            if point < 0:
                return fate
        return "fine"

    def _take(self, body: Mapping[str, Any], line: str, *, answered: bool) -> Taken:
        taken = Taken(
            our_id=body.get("biz_opaque_callback_data", ""),
            to=body["to"].lstrip("+"),
            provider_id=f"wamid.{self._dice.getrandbits(96):024x}",
            at=time.time(),
            text=body.get("text", {}).get("body", ""),
            answered=answered,
            line=line,
        )
        self.log.taken.append(taken)
        if self.statuses and self._dice.random() >= self.faults.lost_statuses:
            self._start(self._tell(taken))
        else:
            self.log.statuses_lost += 1
        return taken

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, taken: Taken) -> None:
        """Post sent and delivered, in either order, until each is answered 200."""
        await asyncio.sleep(self._dice.random() * self.status_delay)
        words = ["sent", "delivered"]
        if self._dice.random() < 0.2:
            words.reverse()
        for word in words:
            body = meta.status(taken.provider_id, taken.to, word, taken.our_id, int(time.time()), taken.line)
            await self._post(body, self._other_path if taken.line == meta.OTHER_ID else self._webhook_path)
            if word == words[0] and time.time() - taken.at > LATE:
                self.log.statuses_late += 1
        self._told.add(taken.our_id)

    async def _post(self, body: bytes, path: str) -> None:
        while True:
            try:
                async with (
                    ClientSession(connector=UnixConnector(self._web_socket), timeout=ClientTimeout(10)) as client,
                    client.post("http://web" + path, data=body, headers=meta.signed(body)) as answer,
                ):
                    if answer.status == 200:
                        return
            except (ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(0.1)

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        name = request.headers.get("webhook-id", "")
        first = name not in self._seen_hooks
        self._seen_hooks.add(name)
        status = 500 if first and self._dice.random() < self.faults.refused_hooks else 200
        headers = {key.lower(): value for key, value in request.headers.items()}
        self.log.heard.append(Heard(headers=headers, body=body, at=time.time(), answered=status))
        return web.Response(status=status)

    async def _note(self, request: web.Request) -> web.StreamResponse:
        """A client's service: it says back what it was told."""
        body = await request.read()
        self.log.called.append((request.headers.get("idempotency-key", ""), body))
        if self._dice.random() < self.faults.busy_calls:
            return web.json_response({}, status=503)
        return web.Response(body=body, content_type="application/json")
