"""Webhooks a second, stored, against a bare Flask view under the same gunicorn and the same client, in turns."""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from collections.abc import Iterator

from tests.crash.town import WEBHOOK, Door, Town

from .result import Result
from .town import town, webhook

CONNECTIONS, REQUESTS, ROUNDS = 32, 4000, 3


def measure() -> list[Result]:
    """One web worker each; medians of rounds that alternate."""
    ours: list[float] = []
    floors: list[float] = []
    with town(workers=0, senders=0, hooks=0) as made:
        bare = _bare(made)
        try:
            for round_ in range(ROUNDS + 1):
                requests = [_request(round_, index) for index in range(REQUESTS)]
                floor, own = _rate(str(made.folder / "bare.sock"), requests), _rate(made.web_socket, requests)
                if round_:  # the first one warms up
                    floors.append(floor)
                    ours.append(own)
        finally:
            bare.kill()
    own, floor = statistics.median(ours), statistics.median(floors)
    note = f"{own:.0f} against {floor:.0f} requests/s"
    return [Result(what="ingress against a bare Flask view", value=own / floor, unit="x", at_least=0.55, note=note)]


def _bare(made: Town) -> Door:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(made.folder / "bare.sock"))
    listener.listen(512)
    listener.set_inheritable(True)
    environ = {**made.environ("bare"), "FLOWBOT_LISTEN_FD": str(listener.fileno())}
    door = Door("bare", "bench.bare", environ, made.folder / "bare.log", (listener.fileno(),))
    door.start()
    return door


def _request(round_: int, index: int) -> bytes:
    body, headers = webhook(f"57302{index % 500:07d}", f"wamid.i{round_}x{index}", "hello there")
    lines = [f"POST {WEBHOOK} HTTP/1.1", "host: web", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _rate(path: str, requests: list[bytes]) -> float:
    return asyncio.run(_drive(path, requests))


async def _drive(path: str, requests: list[bytes]) -> float:
    waiting = iter(requests)
    loop = asyncio.get_running_loop()
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    clients = [(await loop.create_unix_connection(lambda end=end: Client(waiting, end), path))[1] for end in done]
    began = time.perf_counter()
    for client in clients:
        client.next()
    await asyncio.gather(*done)
    return len(requests) / (time.perf_counter() - began)


class Client(asyncio.Protocol):
    """One kept-open connection; it must cost less than what it measures."""

    def __init__(self, waiting: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self._waiting, self._done = waiting, done
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        request = next(self._waiting, None)
        if request is None:
            self._transport.close()
            self._done.set_result(None)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, end, body = self._seen.partition(b"\r\n\r\n")
        if not end:
            return
        found = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if len(body) < int(found):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        self._seen = b""
        self.next()
