"""Meta's WhatsApp Cloud API.

Channel options: phone_number_id, access_token, app_secret, verify_token.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import quote

import orjson

from ..errors import SignatureError
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed
from ..model.project import Channel
from .meta import parse_envelope
from .meta_send import media_fact, message_body, read_answer, read_failed

BASE_URL = "https://graph.facebook.com/v23.0"
_MB = 1024 * 1024
LIMITS = Limits(
    media={
        "image": 5 * _MB,
        "audio": 16 * _MB,
        "video": 16 * _MB,
        "document": 100 * _MB,
        "sticker": 500 * 1024,
    }
)


def verify(request: WebhookRequest, channel: Channel) -> None:
    """The HMAC-SHA256 of the raw bytes, keyed with the app's secret; SignatureError when it is not theirs."""
    secret = channel.options.get("app_secret", "")
    scheme, _, given = request.headers.get("x-hub-signature-256", "").partition("=")
    wanted = hmac.digest(secret.encode(), request.body, hashlib.sha256).hex()
    if not secret or scheme != "sha256" or not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise SignatureError


def challenge(request: WebhookRequest, channel: Channel) -> str | None:
    """What Meta wants to read back when it checks the address; None when the token is not ours."""
    token = channel.options.get("verify_token", "")
    given = request.query.get("hub.verify_token", "")
    if request.query.get("hub.mode") != "subscribe" or not token:
        return None
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        return None
    return request.query.get("hub.challenge") or None


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """Everything in the body; only ParseError is raised."""
    return parse_envelope(request.body)


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """The request that sends the message; a Need with the upload when a file of ours must go up first."""
    fact = media_fact(sending.outbound)
    if fact and fact not in sending.facts:
        return Need(fact=fact, request=HttpRequest(method="POST", url=_url(channel, "media"), headers=_auth(channel)))
    return _post(channel, message_body(sending))


def read_send(response: HttpResponse) -> Sent | Refused:
    return read_answer(response)


def read_failure(receipt: Receipt) -> Refused:
    return read_failed(receipt.errors[0] if receipt.errors else {})


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False) -> HttpRequest | None:
    """Marks a message as read; with `typing`, shows that we write, until the reply or 25 seconds."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
    if typing:
        body["typing_indicator"] = {"type": "text"}
    return _post(channel, body)


def build_upload(content: bytes, filename: str, mime: str, channel: Channel, boundary: str) -> HttpRequest:
    """The upload that a Need asked for; `read_upload` finds the media id in its answer."""
    name = filename.replace('"', "").replace("\r", "").replace("\n", "")
    edge = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = (
        f'{edge}"messaging_product"\r\n\r\nwhatsapp\r\n{edge}"type"\r\n\r\n{mime}\r\n'
        f'{edge}"file"; filename="{name}"\r\nContent-Type: {mime}\r\n\r\n'
    )
    return HttpRequest(
        method="POST",
        url=_url(channel, "media"),
        headers={**_auth(channel), "content-type": f"multipart/form-data; boundary={boundary}"},
        body=head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
    )


def read_upload(response: HttpResponse) -> str | Refused:
    """The media id, or why there is none."""
    found = _field(response, "id")
    return found or _media_refused(response)


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    """Asks where the file lies; the address in the answer (`read_media_url`) lives five minutes."""
    return HttpRequest(
        method="GET",
        url=f"{channel.base_url or BASE_URL}/{quote(media.id, safe='')}",
        headers=_auth(channel),
        query={"phone_number_id": channel.options.get("phone_number_id", "")},
    )


def read_media_url(response: HttpResponse, channel: Channel) -> HttpRequest | Refused:
    """The request that fetches the file itself; it too needs the token."""
    found = _field(response, "url")
    return HttpRequest(method="GET", url=found, headers=_auth(channel)) if found else _media_refused(response)


def _field(response: HttpResponse, name: str) -> str:
    try:
        answer = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return ""
    found = answer.get(name) if type(answer) is dict and response.status < 300 else None
    return str(found) if type(found) in (str, int) else ""


def _media_refused(response: HttpResponse) -> Refused:
    refused = read_answer(response)
    return refused if isinstance(refused, Refused) else Refused(kind="unclear", title="no media in the answer")


def _post(channel: Channel, body: dict[str, Any]) -> HttpRequest:
    return HttpRequest(
        method="POST",
        url=_url(channel, "messages"),
        headers={**_auth(channel), "content-type": "application/json"},
        body=orjson.dumps(body),
    )


def _url(channel: Channel, what: str) -> str:
    return f"{channel.base_url or BASE_URL}/{channel.options.get('phone_number_id', '')}/{what}"


def _auth(channel: Channel) -> dict[str, str]:
    return {"authorization": f"Bearer {channel.options.get('access_token', '')}"}
