"""Our own browser simulator: plain JSON in and out, and no provider at the other end.

    {"id": "1", "from": "15550001", "name": "Ana", "language": "es", "at": 1700000000000, "kind": "text", "text": "hi"}
    {…, "kind": "tap", "tap": {"id": "v3.accept", "title": "I agree"}}
    {…, "kind": "image", "media": {"id": "m1", "url": "…", "mime": "image/jpeg"}}
    {…, "kind": "location", "place": {"latitude": 4.6, "longitude": -74.1}}
    {"status": "read", "id": "s1", "our_id": "ms_3_…", "at": 1700000000000}

One of these, or `{"items": [...]}`. The header `x-simulator-secret` holds the channel's `secret`, which is no setting:
our own page server and this gateway are given it where there is a simulator; elsewhere such a channel takes nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

import orjson

from ..errors import SignatureError
from ..model.choice import from_wire
from ..model.contact import Identity
from ..model.gateway import HttpRequest, HttpResponse, Limits, Need, Refused, Sending, Sent, WebhookRequest
from ..model.inbound import Inbound, Item, Media, Place, Receipt, Routed, Tap, Unsupported
from ..model.outbound import Outbound
from ..model.project import Channel
from .answers import by_status, json_of
from .meta import load
from .meta_send import wire_id
from .meta_values import Deformed, decimal, ident, items, mapping, moment, number, text

LIMITS = Limits(window=0)
ACCEPTED = HttpResponse(status=200)
_MEDIA = ("image", "video", "audio", "document", "sticker")


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
    body = load(request.body)
    return [Routed(item=_read(raw)) for raw in (items(body.get("items")) if "items" in body else [body])]


def _read(raw: Any) -> Item:
    try:
        if type(raw) is not dict:
            raise Deformed("item")
        return _receipt(raw) if raw.get("status") else _inbound(raw)
    except Deformed as error:
        return Unsupported(what="malformed", why=str(error))


def _receipt(raw: dict[str, Any]) -> Receipt:
    return Receipt(
        provider_id=ident(raw.get("id")),
        status=text(raw.get("status")),
        at=moment(raw.get("at")),
        our_id=text(raw.get("our_id")),
    )


def _inbound(raw: dict[str, Any]) -> Inbound:
    kind = text(raw.get("kind")) or "text"
    return Inbound(
        id=ident(raw.get("id")),
        sender=_sender(raw),
        kind=kind,
        at=moment(raw.get("at")),
        text=text(raw.get("text")),
        reply_to=text(raw.get("reply_to")),
        facts={"language": text(raw.get("language"))} if raw.get("language") else {},
        **_body(kind, raw),
    )


def _sender(raw: dict[str, Any]) -> Identity:
    sender = ident(raw.get("from"))
    digits = number(sender)
    return Identity(number=digits, bsuid="" if digits else sender, name=text(raw.get("name")))


def _body(kind: str, raw: dict[str, Any]) -> dict[str, Any]:
    if kind == "tap":
        body = mapping(raw.get("tap"))
        choice, visit = from_wire(ident(body.get("id")))
        tap = Tap(
            choice=choice,
            visit=visit,
            title=text(body.get("title")),
            source=text(body.get("source")) or "button",
            raw=ident(body.get("id")),
        )
        return {"tap": tap}
    if kind in _MEDIA:
        return {"media": _media(kind, mapping(raw.get("media")))}
    if kind == "location":
        body = mapping(raw.get("place"))
        place = Place(
            latitude=decimal(body.get("latitude")),
            longitude=decimal(body.get("longitude")),
            name=text(body.get("name")),
            address=text(body.get("address")),
        )
        return {"place": place}
    return {}


def _media(kind: str, body: dict[str, Any]) -> Media:
    def count(name: str) -> int:
        value = body.get(name)
        return value if type(value) is int and value > 0 else 0

    return Media(
        kind=kind,
        id=text(body.get("id")),
        url=text(body.get("url")),
        mime=text(body.get("mime")),
        filename=text(body.get("filename")),
        caption=text(body.get("caption")),
        size=count("size"),
        width=count("width"),
        height=count("height"),
        looked=body.get("looked") is True,
        sharpness=decimal(body["sharpness"]) if body.get("sharpness") is not None else None,
        damaged=body.get("damaged") is True,
    )


def build_send(sending: Sending, channel: Channel) -> HttpRequest | Need:
    """Posts the message to the simulator's own page server."""
    return _post(channel, {"id": sending.id, "to": sending.to, **as_bubble(sending.outbound)})


def as_bubble(outbound: Outbound) -> dict[str, Any]:
    """A message as the simulator draws it."""
    bubble: dict[str, Any] = {"kind": outbound.kind, "text": outbound.text, "key": outbound.key}
    if outbound.footer:
        bubble["footer"] = outbound.footer
    if outbound.choices:
        bubble["button"] = outbound.button
        bubble["choices"] = [
            {"id": wire_id(choice, outbound), "title": choice.title, "description": choice.description}
            for choice in outbound.choices
        ]
    if outbound.attachment:
        attachment = outbound.attachment
        bubble["media"] = {"url": attachment.url, "path": attachment.path, "filename": attachment.filename}
    if outbound.place:
        bubble["place"] = dict(outbound.place)
    if outbound.template:
        template = outbound.template
        bubble["template"] = {"name": template.name, "language": template.language}
        bubble["heading"], bubble["links"] = template.heading, template.links
    return bubble


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
