"""A WSGI environ -> WebhookRequest: the raw bytes, never more of them than the cap."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from ..model.gateway import WebhookRequest

MAX_BODY = 4 * 1024 * 1024  # bytes; Meta sends up to 3 MB
_CHUNK = 64 * 1024
_PRIVATE = tuple(map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")))


class TooLarge(Exception):
    """The body is larger than the cap."""


class Incomplete(Exception):
    """The body ended before its announced length, or the length is no number."""


def read_request(environ: Mapping[str, Any], token: str = "") -> WebhookRequest:
    """The whole request; TooLarge by the announced length, or when a chunked body grows past the cap."""
    query = environ.get("QUERY_STRING", "")
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    return WebhookRequest(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        query=dict(parse_qsl(query, keep_blank_values=True, max_num_fields=50)) if query else {},
        query_string=query,
        headers=headers,
        body=read_body(environ),
        remote=caller(environ.get("REMOTE_ADDR", ""), headers.get("x-forwarded-for", "")),
        token=token,
    )


def caller(remote: str, forwarded: str) -> str:
    """Whose call it is: the last address that is not our own proxy's. Only such a proxy is believed about others.

    >>> caller("203.0.113.9", "198.51.100.1"), caller("10.0.0.2", "198.51.100.1, 203.0.113.9")
    ('203.0.113.9', '203.0.113.9')
    >>> caller("", "203.0.113.9"), caller("127.0.0.1", "")
    ('203.0.113.9', '127.0.0.1')
    """
    if forwarded and _ours(remote):
        for address in reversed(forwarded.split(",")):
            remote = address.strip()
            if not _ours(remote):
                break
    return remote


def _ours(address: str) -> bool:
    """Loopback, a private network, or a unix socket, which has no address."""
    if not address:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in net for net in _PRIVATE if net.version == found.version)


def read_body(environ: Mapping[str, Any], limit: int = MAX_BODY) -> bytes:
    """The body's bytes.

    >>> import io
    >>> read_body({"CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"{}...")})
    b'{}'
    """
    announced = environ.get("CONTENT_LENGTH", "")
    if announced:
        if not (announced.isascii() and announced.isdigit()):
            raise Incomplete
        length = int(announced)
        if length > limit:
            raise TooLarge
        body: bytes = environ["wsgi.input"].read(length)
        if len(body) < length:
            raise Incomplete
        return body
    if not environ.get("wsgi.input_terminated"):
        return b""  # neither a length nor chunks: there is no body
    return _read_chunks(environ["wsgi.input"], limit)


def _read_chunks(stream: Any, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := stream.read(_CHUNK):
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)
