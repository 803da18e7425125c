"""360dialog: Meta's dialect behind a host of its own, with one API key for each number and no signature.

Channel options: api_key, secret; phone_number_id where several numbers share one webhook.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlsplit

from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed
from ..model.project import Channel
from . import meta_http
from .answers import json_of, refused
from .errors_dialog360 import classify
from .meta import load, read_envelope
from .meta_send import MEDIA, read_answer, read_failed
from .proof import no_challenge, verify_secret

BASE_URL = "https://waba-v2.360dialog.io"
LIMITS = Limits(media=MEDIA, forms=True)
ACCEPTED = HttpResponse(status=200)
verify = verify_secret
challenge = no_challenge


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """Everything in the body; only ParseError is raised. A channel that names no number has a webhook of its own.

    Numbers on premises send the value without its envelope.
    """
    body = load(request.body)
    if "entry" not in body and ("messages" in body or "statuses" in body):
        body = {"entry": [{"changes": [{"field": "messages", "value": body}]}]}
    found = read_envelope(body)
    return found if channel.options.get("phone_number_id") else [replace(one, address="") for one in found]


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """The request that sends the message; a Need with the upload when a file of ours must go up first."""
    return meta_http.build_message(sending, _base(channel), _auth(channel))


def read_need(need: Need, response: HttpResponse) -> str | Refused:
    """The media id of an upload."""
    found = meta_http.read_id(response)
    return found if isinstance(found, str) else _own(found, response)


def read_send(response: HttpResponse) -> Sent | Refused:
    """Meta's answer, handed through; without one of its codes it is 360dialog that speaks."""
    found = read_answer(response)
    return found if isinstance(found, Sent) or found.code is not None else _own(found, response)


def _own(found: Refused, response: HttpResponse) -> Refused:
    """What 360dialog itself says; an answer that nobody has written leaves it open whether the message was taken."""
    if found.code is not None or response.status < 400:
        return found
    answer = json_of(response)
    known = classify(response.status, response.body.decode("utf-8", "replace").lower() if answer else "")
    if known.kind == "outage" and not answer:
        return found
    return refused(response.status, known, response)


def read_failure(receipt: Receipt) -> Refused:
    return read_failed(receipt.errors[0] if receipt.errors else {})


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    """Marks a message as read; with `typing`, shows that we write, until the reply or 25 seconds."""
    return meta_http.build_read(provider_id, typing, _base(channel), _auth(channel))


def build_upload(content: bytes, filename: str, mime: str, channel: Channel, boundary: str) -> HttpRequest:
    return meta_http.upload(content, filename, mime, boundary, _base(channel), _auth(channel))


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    """Asks where the file lies; the address in the answer (`read_media_url`) lives five minutes."""
    return HttpRequest(method="GET", url=f"{_base(channel)}/{quote(media.id, safe='')}", headers=_auth(channel))


def read_media_url(response: HttpResponse, channel: Channel) -> HttpRequest | Refused:
    """The request that fetches the file: Meta's host would refuse our key, so 360dialog's stands in its place."""
    found = meta_http.read_address(response)
    if not isinstance(found, str):
        return _own(found, response)
    parts = urlsplit(found)
    query = f"?{parts.query}" if parts.query else ""
    return HttpRequest(method="GET", url=f"{_base(channel)}{parts.path}{query}", headers=_auth(channel))


def _base(channel: Channel) -> str:
    return channel.base_url or BASE_URL


def _auth(channel: Channel) -> dict[str, str]:
    return {"d360-api-key": channel.options.get("api_key", "")}
