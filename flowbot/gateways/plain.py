"""Plain JSON, in and out: what our own simulator speaks, and the `http` gateway to whatever you have.

    {"id": "1", "from": "15550001", "name": "Ana", "language": "es", "at": 1700000000000, "kind": "text", "text": "hi"}
    {…, "kind": "tap", "tap": {"id": "v3.accept", "title": "I agree"}}
    {…, "kind": "image", "media": {"id": "m1", "url": "…", "mime": "image/jpeg"}}
    {…, "kind": "location", "place": {"latitude": 4.6, "longitude": -74.1}}
    {"status": "read", "id": "s1", "our_id": "ms_3_…", "at": 1700000000000}
    {"template": "invite", "language": "es", "event": "approved"}

One of these, or `{"items": [...]}`. `from` is a number, or any id of the sender's that stays.
"""

from __future__ import annotations

from typing import Any

from ..model.choice import FORM, from_wire, to_wire
from ..model.contact import Identity
from ..model.inbound import Inbound, Item, Media, Place, Receipt, Routed, Tap, TemplateStatus, Unsupported
from ..model.outbound import Outbound
from ..model.template import provider_language
from .meta import load
from .meta_send import wire_id
from .meta_values import Deformed, decimal, degrees, ident, items, keep, mapping, moment, number, text

_MEDIA = ("image", "video", "audio", "document", "sticker")
_KINDS = ("text", "tap", "location", "contacts", "form", *_MEDIA)


def read_items(body: bytes) -> list[Routed]:
    """The items of a body, each for itself; ParseError when it is no JSON object."""
    loaded = load(body)
    return [Routed(item=_read(raw)) for raw in (items(loaded.get("items")) if "items" in loaded else [loaded])]


def _read(raw: Any) -> Item:
    try:
        if type(raw) is not dict:
            raise Deformed("item")
        if raw.get("status"):
            return _receipt(raw)
        return _template(raw) if raw.get("template") else _inbound(raw)
    except Deformed as error:
        return Unsupported(what="malformed", why=str(error))


def _receipt(raw: dict[str, Any]) -> Receipt:
    return Receipt(
        provider_id=ident(raw.get("id")),
        status=text(raw.get("status")),
        at=moment(raw.get("at")),
        our_id=text(raw.get("our_id")),
        errors=tuple(_error(one) for one in items(raw.get("errors")) if type(one) is dict),
    )


def _error(raw: dict[str, Any]) -> dict[str, Any]:
    code = raw.get("code")
    return {"code": code if type(code) is int else text(code), "title": text(raw.get("title")), "details": ""}


def _template(raw: dict[str, Any]) -> TemplateStatus:
    return TemplateStatus(
        name=ident(raw.get("template")),
        language=provider_language(text(raw.get("language"))),
        event=text(raw.get("event")).lower(),
        reason=text(raw.get("reason")),
        at=moment(raw.get("at")),
    )


def _inbound(raw: dict[str, Any]) -> Inbound:
    said = text(raw.get("kind")) or "text"
    kind = said if said in _KINDS else "unsupported"
    facts = {"language": text(raw.get("language"))} if raw.get("language") else {}
    return Inbound(
        id=ident(raw.get("id")),
        sender=_sender(raw),
        kind=kind,
        at=moment(raw.get("at")),
        text=text(raw.get("text")),
        reply_to=text(raw.get("reply_to")),
        facts=facts if kind == said else {**facts, "type": said},
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
            latitude=degrees(body.get("latitude"), 90),
            longitude=degrees(body.get("longitude"), 180),
            name=text(body.get("name")),
            address=text(body.get("address")),
        )
        return {"place": place}
    if kind == "contacts":
        return {"contacts": tuple(keep(one) for one in items(raw.get("contacts")) if type(one) is dict)}
    if kind == "form":
        return {"form": keep(mapping(raw.get("form")))}
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


def as_bubble(outbound: Outbound) -> dict[str, Any]:
    """A message, in the words of the inbound ones; a button's `id` comes back in a tap."""
    bubble: dict[str, Any] = {"kind": outbound.kind, "text": outbound.text, "key": outbound.key}
    if outbound.footer:
        bubble["footer"] = outbound.footer
    if outbound.choices:
        bubble["button"] = outbound.button
        bubble["choices"] = [
            {"id": wire_id(choice, outbound), "title": choice.title, "description": choice.description}
            for choice in outbound.choices
        ]
    if outbound.form:
        bubble["button"] = outbound.button
        bubble["form"] = {**outbound.form, "token": to_wire(FORM, outbound.visit)}
    if outbound.attachment:
        attachment = outbound.attachment
        bubble["media"] = {"url": attachment.url, "path": attachment.path, "filename": attachment.filename}
    if outbound.reply_to:
        bubble["reply_to"] = outbound.reply_to
    if outbound.place:
        bubble["place"] = dict(outbound.place)
    if outbound.template:
        template = outbound.template
        bubble["template"] = {"name": template.name, "language": template.language}
        bubble["heading"], bubble["links"] = template.heading, template.links
    return bubble
