"""The calls of Meta's dialect, wherever the gateway that speaks it lies: send, mark as read, upload, media."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ..model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending
from .answers import json_of
from .meta_send import media_fact, message_body, read_answer

Headers = Mapping[str, str]


def build_message(sending: Sending, base: str, headers: Headers) -> HttpRequest | Need:
    """The request that sends the message; a Need with the upload when a file of ours must go up first."""
    fact = media_fact(sending.outbound)
    if fact and fact not in sending.facts:
        return Need(fact=fact, request=HttpRequest(method="POST", url=f"{base}/media", headers=headers))
    return post(f"{base}/messages", headers, message_body(sending))


def build_read(provider_id: str, typing: bool, base: str, headers: Headers) -> HttpRequest:
    """Marks a message as read; with `typing`, shows that we write, until the reply or 25 seconds."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
    if typing:
        body["typing_indicator"] = {"type": "text"}
    return post(f"{base}/messages", headers, body)


def post(url: str, headers: Headers, body: dict[str, Any]) -> HttpRequest:
    return HttpRequest(
        method="POST", url=url, headers={**headers, "content-type": "application/json"}, body=orjson.dumps(body)
    )


def upload(content: bytes, filename: str, mime: str, boundary: str, base: str, headers: Headers) -> HttpRequest:
    """The upload that a Need asked for; `read_id` finds the media id in its answer."""
    name = filename.replace('"', "").replace("\r", "").replace("\n", "")
    edge = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = (
        f'{edge}"messaging_product"\r\n\r\nwhatsapp\r\n{edge}"type"\r\n\r\n{mime}\r\n'
        f'{edge}"file"; filename="{name}"\r\nContent-Type: {mime}\r\n\r\n'
    )
    return HttpRequest(
        method="POST",
        url=f"{base}/media",
        headers={**headers, "content-type": f"multipart/form-data; boundary={boundary}"},
        body=head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
    )


def read_id(response: HttpResponse) -> str | Refused:
    """The media id of an upload, or why there is none."""
    return _field(response, "id") or _refused(response)


def read_address(response: HttpResponse) -> str | Refused:
    """Where a received file lies for the next five minutes, or why nowhere."""
    return _field(response, "url") or _refused(response)


def _field(response: HttpResponse, name: str) -> str:
    found = json_of(response).get(name) if response.status < 300 else None
    return str(found) if type(found) in (str, int) else ""


def _refused(response: HttpResponse) -> Refused:
    refused = read_answer(response)
    return refused if isinstance(refused, Refused) else Refused(kind="unclear", title="no media in the answer")
