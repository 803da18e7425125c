"""LIME envelopes -> items: a message, or the notification of one of ours.

    {"id", "from", "to", "type": "text/plain", "content", "metadata"} · {"id", "from", "event", "reason"}

The id of a notification is the one that we gave the message. Behind a router the sender is a tunnel; the person is its
originator, and the answer goes to the tunnel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ..model.choice import from_wire
from ..model.contact import Identity
from ..model.inbound import Inbound, Item, Media, Place, Receipt, Tap, Unsupported
from .errors_blip import classify
from .meta_values import Deformed, bsuid, code_of, degrees, ident, items, keep, mapping, moment, number, text, words

Raw = Mapping[str, Any]
Fields = dict[str, Any]
WHATSAPP = "wa.gw.msging.net"
STATUSES = {"accepted": "sent", "dispatched": "sent", "received": "delivered", "consumed": "read"}
_LIME = "application/vnd.lime."
_BUTTON, _LIST = "#wa.interactive.button.id", "#wa.interactive.list.id"
_SILENT = {f"{_LIME}chatstate+json": "chatstate", "application/vnd.iris.ticket+json": "ticket"}
_WRAPPED = (f"{_LIME}sensitive+json", f"{_LIME}container+json")  # around another content
_SHORT = 200


def read_envelope(body: Raw) -> Item:
    """The one thing in a call; Deformed when it cannot be read."""
    if "event" in body:
        return _receipt(body)
    if "method" in body or "uri" in body:
        return Unsupported(what="command", why=text(body.get("status") or body.get("method"))[:_SHORT])
    if "type" not in body:
        return Unsupported(what="empty")
    kind = text(body.get("type"))
    if kind in _SILENT:
        return Unsupported(what=_SILENT[kind])
    return _message(body, kind)


def _receipt(body: Raw) -> Receipt:
    word, reason = text(body.get("event")), mapping(body.get("reason"))
    ours = ident(body.get("id"))
    name, _, domain = _node(text(body.get("from")))
    errors: tuple[Fields, ...] = ()
    if reason:
        code, described = code_of(reason.get("code")), text(reason.get("description"))
        title = described or classify(code if type(code) is int else 0).title
        errors = ({"code": code, "title": title, "details": ""},)
    return Receipt(
        provider_id=ours,
        status=STATUSES.get(word, word),
        at=_moment(mapping(body.get("metadata"))),
        our_id=ours,
        recipient=Identity(number=name) if domain == WHATSAPP and number(name) else None,
        errors=errors,
        facts={"event": word} if word in STATUSES else {},
    )


def _node(address: str) -> tuple[str, str, str]:
    """An address as name, instance and domain.

    >>> _node("5531@wa.gw.msging.net/x"), _node("nobody")
    (('5531', 'x', 'wa.gw.msging.net'), ('nobody', '', ''))
    """
    name, _, rest = address.partition("@")
    domain, _, instance = rest.partition("/")
    return name, instance, domain


def _moment(metadata: Raw) -> int:
    for name in ("#wa.timestamp", "#date_processed", "date_processed", "#date_created", "date_created"):
        found = moment(metadata.get(name))
        if found:
            return found
    return 0


def _message(body: Raw, kind: str) -> Inbound:
    metadata = mapping(body.get("metadata"))
    fields = _body(kind, body.get("content"), metadata)
    facts = {"unique": text(metadata["#uniqueId"])} if metadata.get("#uniqueId") else {}
    return Inbound(
        id=ident(body.get("id")),
        sender=_sender(body, metadata),
        at=_moment(metadata),
        forwarded=text(metadata.get("#wa.forwarded")).lower() == "true" or metadata.get("#wa.forwarded") is True,
        **{"reply_to": text(metadata.get("#wa.context.id")), **fields, "facts": {**fields.get("facts", {}), **facts}},
    )


def _sender(body: Raw, metadata: Raw) -> Identity:
    """Who wrote, and where the answer goes when that is not simply their number."""
    came = text(body.get("from"))
    name, _, domain = _node(text(metadata.get("#tunnel.originator")) or came)
    if not name or not domain or len(came) > 512:
        raise Deformed("sender")
    digits = number(name) if domain == WHATSAPP else ""
    scoped = bsuid(metadata.get("#wa.bsuid")) or (bsuid(name) if domain == WHATSAPP else "")
    if not digits and not scoped:
        scoped = f"{name}@{domain}"
    plain = came == f"{digits}@{WHATSAPP}"
    said = text(metadata.get("#contactName")) or text(metadata.get("#wa.contact.name"))
    return Identity(number=digits, bsuid=scoped, name=said, address="" if plain else came)


def _body(kind: str, content: Any, metadata: Raw, deep: bool = False) -> Fields:
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(content, metadata)
    if kind in _WRAPPED and not deep:
        inner = mapping(content)
        return _body(text(inner.get("type")), inner.get("value"), metadata, deep=True)
    return {"kind": "unsupported", "facts": {"type": kind[:_SHORT] or "none"}}


def _pressed(metadata: Raw) -> tuple[str, str]:
    """The id of the button or list row that was pressed, and which it was."""
    button, row = text(metadata.get(_BUTTON)), text(metadata.get(_LIST))
    return (button, "button") if button else (row, "list")


def _tap(raw: str, title: str, source: str) -> Fields:
    if not raw:
        raise Deformed("choice")
    choice, visit = from_wire(raw)
    return {
        "kind": "tap",
        "text": title,
        "tap": Tap(choice=choice, visit=visit, title=title, source=source, raw=raw),
    }


def _text(content: Any, metadata: Raw) -> Fields:
    raw, source = _pressed(metadata)
    own = text(content) if raw else words(content)
    return _tap(raw, own, source) if raw else {"kind": "text", "text": own}


def _reply(content: Any, metadata: Raw) -> Fields:
    """An answer to a message of ours: a press has its id in the metadata; what quotes a text is text."""
    replied, about = mapping(mapping(content).get("replied")), mapping(mapping(content).get("inReplyTo"))
    raw, source = _pressed(metadata)
    title = text(replied.get("value"))
    context = text(metadata.get("#wa.context.id")) or text(about.get("id"))
    if not raw and text(about.get("type")) == "text/plain":
        return {"kind": "text", "text": title, "reply_to": context}
    return {**_tap(raw or title, title, source if raw else "button"), "reply_to": context}


def _media(content: Any, _metadata: Raw) -> Fields:
    body = mapping(content)
    uri, mime = text(body.get("uri")), text(body.get("type"))
    if not uri:
        raise Deformed("media")
    base = mime.partition("/")[0]
    kind = "sticker" if mime == "image/webp" else base if base in ("image", "video", "audio") else "document"
    size = body.get("size")
    media = Media(
        kind=kind,
        url=uri,
        mime=mime,
        filename=text(body.get("title")) if kind == "document" else "",
        caption=text(body.get("text")),
        size=size if type(size) is int and size > 0 else 0,
    )
    return {"kind": kind, "media": media}


def _location(content: Any, _metadata: Raw) -> Fields:
    body = mapping(content)
    place = Place(
        latitude=degrees(body.get("latitude"), 90),
        longitude=degrees(body.get("longitude"), 180),
        name=text(body.get("text")),
    )
    return {"kind": "location", "place": place}


def _contact(content: Any, _metadata: Raw) -> Fields:
    return {"kind": "contacts", "contacts": (keep(mapping(content)),)}


def _reaction(content: Any, metadata: Raw) -> Fields:
    body = mapping(content)
    points = items(mapping(body.get("emoji")).get("values"))
    emoji = "".join(chr(point) for point in points if _is_character(point))
    about = text(mapping(body.get("inReactionTo")).get("id")) or text(metadata.get("#wa.context.id"))
    return {"kind": "reaction", "facts": {"emoji": emoji, "message_id": about}}


def _is_character(point: Any) -> bool:
    return type(point) is int and (0 < point < 0xD800 or 0xDFFF < point <= 0x10FFFF)


def _json(content: Any, _metadata: Raw) -> Fields:
    """The answers of a form, or the value of an option; what is no object is kept under `value`."""
    answer = mapping(mapping(content).get("interactive")) or mapping(content)
    inner = mapping(answer.get("nfm_reply"))
    values = content
    if inner:
        try:
            values = orjson.loads(text(inner.get("response_json")) or "{}")
        except orjson.JSONDecodeError:
            raise Deformed("form") from None
    values = keep(values)
    form = values if type(values) is dict else {"value": values}
    return {"kind": "form", "form": form, "text": text(inner.get("body"))}


_READERS: dict[str, Callable[[Any, Raw], Fields]] = {
    "text/plain": _text,
    f"{_LIME}reply+json": _reply,
    f"{_LIME}media-link+json": _media,
    f"{_LIME}location+json": _location,
    f"{_LIME}contact+json": _contact,
    f"{_LIME}reaction+json": _reaction,
    "application/json": _json,
}
