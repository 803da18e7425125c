"""Meta's WhatsApp Cloud API.

Channel options: phone_number_id, access_token, app_secret, verify_token.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote

from ..errors import SignatureError
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed
from ..model.project import Channel
from . import meta_http
from .meta import parse_envelope
from .meta_send import MEDIA, read_answer, read_failed

BASE_URL = "https://graph.facebook.com/v23.0"
LIMITS = Limits(media=MEDIA, forms=True)
ACCEPTED = HttpResponse(status=200)


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
    return meta_http.build_message(sending, _base(channel), _auth(channel))


def read_need(need: Need, response: HttpResponse) -> str | Refused:
    """The media id of an upload."""
    return meta_http.read_id(response)


def read_send(response: HttpResponse) -> Sent | Refused:
    return read_answer(response)


def read_failure(receipt: Receipt) -> Refused:
    return read_failed(receipt.errors[0] if receipt.errors else {})


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    """Marks a message as read; with `typing`, shows that we write, until the reply or 25 seconds."""
    return meta_http.build_read(provider_id, typing, _base(channel), _auth(channel))


def build_upload(content: bytes, filename: str, mime: str, channel: Channel, boundary: str) -> HttpRequest:
    return meta_http.upload(content, filename, mime, boundary, _base(channel), _auth(channel))


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
    found = meta_http.read_address(response)
    return HttpRequest(method="GET", url=found, headers=_auth(channel)) if isinstance(found, str) else found


def _base(channel: Channel) -> str:
    return f"{channel.base_url or BASE_URL}/{channel.options.get('phone_number_id', '')}"


def _auth(channel: Channel) -> dict[str, str]:
    return {"authorization": f"Bearer {channel.options.get('access_token', '')}"}
