"""Our own browser simulator: plain JSON in and out, and no provider at the other end.

The header `x-simulator-secret` holds the channel's `secret`, which is no setting: our own page server and this gateway
are given it where there is a simulator; elsewhere such a channel takes nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

import orjson

from ..errors import SignatureError
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Media, Receipt, Routed
from ..model.project import Channel
from .answers import by_status, json_of
from .meta_values import text
from .plain import as_bubble, read_items

LIMITS = Limits(window=0, forms=True)
ACCEPTED = HttpResponse(status=200)


def verify(request: WebhookRequest, channel: Channel) -> None:
    """SignatureError unless the request knows the channel's secret."""
    secret = channel.options.get("secret", "")
    given = request.headers.get("x-simulator-secret", "")
    if not secret or not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        raise SignatureError


def challenge(request: WebhookRequest, channel: Channel) -> str | None:
    return None


def parse(request: WebhookRequest, channel: Channel) -> list[Routed]:
    """The items of the body; only ParseError is raised."""
    return read_items(request.body)


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """Posts the message to the simulator's own page server."""
    return _post(channel, {"id": sending.id, "to": sending.to, **as_bubble(sending.outbound)})


def read_need(need: Need, response: HttpResponse) -> str | Refused:
    return Refused(kind="perm", title="the simulator needs nothing")


def read_send(response: HttpResponse) -> Sent | Refused:
    """The page server answers with the id it gave the message."""
    found = text(json_of(response).get("id"))
    if response.status < 300 and found:
        return Sent(provider_id=found)
    refused = by_status(response)
    return replace(refused, kind="perm") if refused.kind == "hold" else refused  # no channel to stop: a page is closed


def read_failure(receipt: Receipt) -> Refused:
    return Refused(kind="perm", title="failed")


def build_mark_read(provider_id: str, channel: Channel, typing: bool = False, to: str = "") -> HttpRequest | None:
    return _post(channel, {"read": provider_id, "typing": typing})


def build_media_fetch(media: Media, channel: Channel) -> HttpRequest:
    return HttpRequest(method="GET", url=media.url)


def _post(channel: Channel, body: dict[str, Any]) -> HttpRequest:
    return HttpRequest(
        method="POST",
        url=channel.base_url,
        headers={"content-type": "application/json"},
        body=orjson.dumps(body),
    )
