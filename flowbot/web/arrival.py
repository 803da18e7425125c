"""A WSGI environ -> WebhookRequest: the raw bytes, never more of them than the cap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ..model.gateway import WebhookRequest

MAX_BODY = 4 * 1024 * 1024  # bytes; Meta sends up to 3 MB
_CHUNK = 64 * 1024


class TooLarge(Exception):
    """The body is larger than the cap."""


class Incomplete(Exception):
    """The body ended before its announced length, or the length is no number."""


def read_request(environ: Mapping[str, Any]) -> WebhookRequest:
    """The whole request; TooLarge by the announced length, or when a chunked body grows past the cap."""
    query = environ.get("QUERY_STRING", "")
    return WebhookRequest(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        query=dict(parse_qsl(query, keep_blank_values=True, max_num_fields=50)) if query else {},
        headers={name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"},
        body=read_body(environ),
        remote=environ.get("REMOTE_ADDR", ""),
    )


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
