"""Hostile URLs get no connect; ordinary ones do, and nothing is followed."""

import asyncio

import pytest

from flowbot.delivery import guard
from flowbot.delivery.client import exchange, hook_client, provider_client
from flowbot.delivery.failure import Failure
from flowbot.model.gateway import HttpRequest, HttpResponse

HOSTILE = (
    "http://localhost:{port}/",
    "http://127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://017700000001:{port}/",
    "http://0:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://169.254.169.254/",
    "http://[::127.0.0.1]:{port}/",
    "http://224.0.0.1:{port}/",
    "http://①②⑦.0.0.1:{port}/",
    "http://127.0.0.1:22/",
    "ftp://127.0.0.1:{port}/",
    "not a url",
)


class Server:
    """Counts connects and sends every caller on to somewhere else."""

    def __init__(self) -> None:
        self.connects = 0
        self.paths: list[bytes] = []

    async def __aenter__(self) -> "Server":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        head = await reader.readuntil(b"\r\n\r\n")
        self.paths.append(head.split()[1])
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


def get(url: str) -> HttpRequest:
    return HttpRequest(method="GET", url=url)


@pytest.mark.parametrize("make", [hook_client, provider_client])
def test_hostile_urls_reach_nothing(make):
    async def scene() -> None:
        async with Server() as server, make() as client:
            for url in HOSTILE:
                answer = await exchange(client, get(url.format(port=server.port)), seconds=5)
                assert isinstance(answer, Failure), url
                assert answer.certainty in ("forbidden", "safe"), (url, answer)
            assert server.connects == 0

    asyncio.run(scene())


@pytest.mark.parametrize("make", [hook_client, provider_client])
def test_private_addresses_when_allowed_and_no_redirect_is_followed(make):
    async def scene() -> None:
        async with Server() as server, make(allow_private=True) as client:
            answer = await exchange(client, get(f"http://localhost:{server.port}/first"), seconds=5)
            assert isinstance(answer, HttpResponse) and answer.status == 302
            assert server.paths == [b"/first"]

    asyncio.run(scene())


def test_the_proxy_of_the_environment_is_not_trusted(monkeypatch):
    async def scene() -> None:
        async with Server() as proxy, Server() as server:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            for make in (hook_client, provider_client):
                async with make(allow_private=True) as client:
                    await exchange(client, get(f"http://127.0.0.1:{server.port}/"), seconds=5)
            assert (proxy.connects, server.connects) == (0, 2)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("192.88.99.1", False),
        ("nonsense", False),
    ],
)
def test_public_addresses(address, public):
    assert guard.is_public(address) is public
