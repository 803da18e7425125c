"""Plain JSON to and from whatever you have: a web chat, a test, a provider of your own. Signed both ways.

Channel options: base_url, secret. Each call carries `X-Flowbot-Signature: sha256=<hex>`, the HMAC-SHA256 of its body
keyed with the secret, ours and yours alike. What the bodies hold is in plain.py.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import orjson

from ..errors import SignatureError
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Inbound, Item, Media, Receipt, Routed
from ..model.project import Channel
from .answers import by_status, failed, json_of
from .known import Known
from .meta_values import text
from .plain import as_bubble, read_items
from .proof import no_challenge

HEADER = "x-flowbot-signature"
KINDS = ("retry", "outage", "slow", "hold", "perm", "perm-user", "perm-tmpl", "hold-tmpl")
LIMITS = Limits(window=0, forms=True)
ACCEPTED = HttpResponse(status=200)
challenge = no_challenge


def verify(request: WebhookRequest, channel: Channel) -> None:
    """The HMAC of the raw bytes; SignatureError when it is not theirs."""
    given = request.headers.get(HEADER, "")
    if not channel.options.get("secret") or not hmac.compare_digest(
        given.encode("utf-8", "replace"), signature(request.body, channel).encode()
    ):
        raise SignatureError


def signature(body: bytes, channel: Channel) -> str:
    secret = channel.options.get("secret", "").encode()
    return "sha256=" + hmac.digest(secret, body, hashlib.sha256).hex()


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """The items of the body; only ParseError is raised."""
    return [Routed(item=_unseen(routed.item)) for routed in read_items(request.body)]


def _unseen(item: Item) -> Item:
    """What a file holds is ours to look at: only our own simulator is believed that it has."""
    if not isinstance(item, Inbound) or item.media is None:
        return item
    return replace(item, media=replace(item.media, looked=False, sharpness=None, damaged=False))


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """Posts the message; a Need for the address of a file of ours."""
    body = {"id": sending.id, "to": sending.to, **as_bubble(sending.outbound)}
    attachment = sending.outbound.attachment
    if attachment is not None and not attachment.url:
        fact = f"link:{attachment.path}"
        if fact not in sending.facts:
            return Need(fact=fact)
        body["media"]["url"] = sending.facts[fact]
    return _post(channel, body)


def read_need(need: Need, response: HttpResponse) -> str | Refused:
    return Refused(kind="perm", title="nothing else is ever asked for")


def read_send(response: HttpResponse) -> Sent | Refused:
    """2xx took it: with an `id` of its own, or else it goes by ours. Else `{"error": kind, "code", "title"}`, or what
    the status says.
    """
    answer = json_of(response)
    if response.status < 300:
        return Sent(provider_id=text(answer.get("id")))
    kind, code = answer.get("error"), answer.get("code")
    if kind in KINDS:
        shown = code if type(code) in (int, str) else None
        return failed(shown, Known(kind, text(answer.get("title")) or kind))
    return by_status(response)


def read_failure(receipt: Receipt) -> Refused:
    error = receipt.errors[0] if receipt.errors else {}
    return Refused(kind="perm", code=error.get("code"), title=str(error.get("title") or "failed"))


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    """Tells that a message waits to be answered: it is read, and that we write."""
    return _post(channel, {"read": provider_id, "typing": typing})


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    """The file lies open at its address; our secret is not for there."""
    return HttpRequest(method="GET", url=media.url)


def _post(channel: Channel, body: dict[str, Any]) -> HttpRequest:
    raw = orjson.dumps(body)
    headers = {"content-type": "application/json", HEADER: signature(raw, channel)}
    return HttpRequest(method="POST", url=channel.base_url, headers=headers, body=raw)
