"""HTTP clients that try exactly once, follow nothing, trust no environment, and say what became of the attempt."""

from __future__ import annotations

import asyncio
import functools
import ssl
import zlib
from collections.abc import Awaitable, Callable

import aiohttp
import httpcore
import httpx
from httpx_aiohttp import AiohttpTransport

from ..errors import AddressForbidden
from ..model.gateway import HttpRequest, HttpResponse
from . import guard
from .failure import Failure

CONNECT_SECONDS = 3.0
LIGHT = 1 << 20  # bytes
Room = Callable[[], Awaitable[None]]
_GZIP = zlib.MAX_WBITS | 16
# aiohttp's errors that can only come before a byte of the request was written.
_BEFORE_SEND = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def provider_client(*, allow_private: bool = False, in_flight: int = 512) -> httpx.AsyncClient:
    """A client for many sends at once: httpx's face, aiohttp's pool."""
    allowed = guard.anywhere if allow_private else guard.is_public

    def session() -> aiohttp.ClientSession:
        # Below the usual 30-60 s of a server: a POST on a connection that the server is closing would be ambiguous.
        connector = aiohttp.TCPConnector(
            limit=in_flight,
            keepalive_timeout=15.0,
            socket_factory=guard.guarded_socket(allowed),
            ssl=_trust(),
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)

    return httpx.AsyncClient(
        transport=AiohttpTransport(verify=_trust(), client=session, trust_env=False),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        headers={"accept-encoding": "gzip"},
    )


def hook_client(*, allow_private: bool = False, in_flight: int = 40) -> httpx.AsyncClient:
    """A client for URLs that our clients chose: https on 443 and public addresses only, unless private ones may be."""
    backend = guard.Guard(guard.anywhere, ()) if allow_private else guard.Guard()
    transport = httpx.AsyncHTTPTransport(verify=_trust(), trust_env=False)
    # httpx 0.28 has no public way to give the network; a test holds this line.
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=_trust(),
        network_backend=backend,
        max_connections=in_flight,
        max_keepalive_connections=in_flight,
        keepalive_expiry=5.0,
        retries=0,
    )
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
        headers={"user-agent": "flowbot-hooks", "accept-encoding": "gzip"},
        event_hooks={"request": [] if allow_private else [_https_only]},
    )


async def _https_only(request: httpx.Request) -> None:
    if request.url.scheme != "https":
        raise AddressForbidden("only https")


async def exchange(
    client: httpx.AsyncClient, request: HttpRequest, *, seconds: float, cap: int = 1 << 20, room: Room | None = None
) -> HttpResponse | Failure:
    """One attempt, at most `seconds` in all and `cap` bytes of answer; never raises for what the network does.

    An answer of more than `LIGHT` bytes is read on only when there is `room` for it.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _attempt(client, request, cap, room)
    except TimeoutError:
        return Failure(certainty="ambiguous", reason="timeout")
    except AddressForbidden:
        return Failure(certainty="forbidden", reason="address")
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        return _failure(error)


async def _attempt(
    client: httpx.AsyncClient, request: HttpRequest, cap: int, room: Room | None
) -> HttpResponse | Failure:
    url = _url(request.url)
    if url.scheme not in ("http", "https") or not url.host:
        raise AddressForbidden("not a web address")
    if request.query:
        url = url.copy_merge_params(dict(request.query))
    made = client.build_request(request.method, url, headers=dict(request.headers), content=request.body)
    answer = await client.send(made, stream=True)
    try:
        told = answer.headers.get("content-length", "")
        if told.isdecimal() and int(told) > cap:
            return Failure(certainty="ambiguous", reason="too_big")
        packed = bytearray()
        async for chunk in answer.aiter_raw():
            packed += chunk
            if len(packed) > cap:
                return Failure(certainty="ambiguous", reason="too_big")
            if room is not None and len(packed) > LIGHT:
                await room()
                room = None
    finally:
        await answer.aclose()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body = _unpacked(bytes(packed), headers.get("content-encoding", ""), cap)
    if len(body) > cap:
        return Failure(certainty="ambiguous", reason="too_big")
    return HttpResponse(status=answer.status_code, headers=headers, body=body)


def _unpacked(packed: bytes, encoding: str, cap: int) -> bytes:
    """The body as it was before its encoding, and no more of it than one byte over the cap.

    httpx would unpack each piece that comes as far as it goes: a few kilobytes are enough to fill the memory.
    """
    if encoding.lower() != "gzip":  # the only one that we ask for
        return packed
    try:
        return zlib.decompressobj(_GZIP).decompress(packed, cap + 1)
    except zlib.error as error:
        raise ValueError("the body is not gzip") from error


@functools.cache
def _trust() -> ssl.SSLContext:
    """The public authorities and this system's own; reading them takes a while."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


@functools.lru_cache(maxsize=256)
def _url(text: str) -> httpx.URL:
    """Parsed once: a channel's URL is the same for every send."""
    return httpx.URL(text)


def _failure(error: Exception) -> Failure:
    """httpx-aiohttp calls a server that hung up a connect time-out; the cause below tells the truth."""
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    if isinstance(cause, aiohttp.ClientError):
        if isinstance(cause, _BEFORE_SEND):
            forbidden = isinstance(cause, aiohttp.ClientConnectorError) and "forbidden address" in str(cause.os_error)
            return Failure(certainty="forbidden" if forbidden else "safe", reason="address" if forbidden else "connect")
        if isinstance(cause, aiohttp.InvalidURL):
            return Failure(certainty="forbidden", reason="address")
        return Failure(certainty="ambiguous", reason=_word(cause))
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return Failure(certainty="safe", reason="connect")
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return Failure(certainty="forbidden", reason="address")
    return Failure(certainty="ambiguous", reason=_word(error))


def _word(error: Exception) -> str:
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        return "timeout"
    lost = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, httpx.NetworkError, OSError)
    return "disconnected" if isinstance(error, lost) else "protocol"
