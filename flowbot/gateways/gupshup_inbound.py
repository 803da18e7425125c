"""Gupshup's own format (version 2) -> items, and what its version 3 adds to Meta's dialect.

    {"type": "message", "payload": {"id", "type", "payload": {…}, "sender": {"phone", "name"}, "context"}}

A message of ours goes by the id that the send was answered with: `gsId` where there is one, else `id`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ..model.choice import from_wire
from ..model.contact import Identity
from ..model.inbound import ConsentTold, Inbound, Item, Media, Place, Receipt, Tap, TemplateStatus, Unsupported
from ..model.template import provider_language
from .errors_gupshup import classify
from .meta_values import Deformed, bsuid, code_of, degrees, ident, items, keep, mapping, moment, number, text, words

Raw = Mapping[str, Any]
Fields = dict[str, Any]
_OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{2,63}\Z")  # a sender that is no number
_NO_STATUS = ("mismatch", "referral")
_SHORT = 200


def read_event(body: Raw) -> Item:
    """The one thing in a call of version 2; Deformed when it cannot be read."""
    payload = body.get("payload")
    if type(payload) is not dict:
        raise Deformed("payload")
    kind = text(body.get("type")) or _guess(payload)
    at = moment(body.get("timestamp"))
    reader = _EVENTS.get(kind)
    if reader is None:
        return Unsupported(what=kind[:_SHORT] or "empty", why=text(payload.get("type"))[:_SHORT])
    return reader(payload, at)


def _guess(payload: Raw) -> str:
    """What some calls leave out."""
    if "sender" in payload or "source" in payload:
        return "message"
    return "message-event" if "destination" in payload else ""


def _message(payload: Raw, at: int) -> Inbound:
    inner = mapping(payload.get("payload"))
    kind = text(payload.get("type")) or ("text" if "text" in inner else "")
    context = mapping(payload.get("context"))
    return Inbound(
        id=ident(payload.get("id")),
        sender=_sender(payload),
        at=at,
        reply_to=text(context.get("gsId")) or text(context.get("id")),
        forwarded=context.get("forwarded") is True or context.get("frequentlyForwarded") is True,
        **_READERS.get(kind, _unsupported)(kind, inner),
    )


def _sender(payload: Raw) -> Identity:
    sender = mapping(payload.get("sender"))
    given = text(sender.get("phone")) or text(payload.get("source"))
    digits, scoped = number(given), bsuid(sender.get("user_id"))
    if not digits and not scoped:
        if not _OPAQUE.match(given):
            raise Deformed("sender")
        scoped = given
    return Identity(number=digits, bsuid=scoped, name=text(sender.get("name")))


def _text(_kind: str, inner: Raw) -> Fields:
    return {"kind": "text", "text": words(inner.get("text"))}


def _media(kind: str, inner: Raw) -> Fields:
    own = {"file": "document", "voice": "audio"}.get(kind, kind)
    url = text(inner.get("url"))
    if not url:
        raise Deformed("media")
    media = Media(
        kind=own,
        url=url,
        mime=text(inner.get("contentType")),
        filename=text(inner.get("name")),
        caption=text(inner.get("caption")),
        voice=kind == "voice",
    )
    return {"kind": own, "media": media}


def _location(_kind: str, inner: Raw) -> Fields:
    place = Place(
        latitude=degrees(inner.get("latitude"), 90),
        longitude=degrees(inner.get("longitude"), 180),
        name=text(inner.get("name")),
        address=text(inner.get("address")),
    )
    return {"kind": "location", "place": place}


def _contacts(_kind: str, inner: Raw) -> Fields:
    cards = tuple(keep(one) for one in items(inner.get("contacts")) if type(one) is dict)
    return {"kind": "contacts", "contacts": cards}


def _tap(kind: str, inner: Raw) -> Fields:
    title = text(inner.get("title")) or text(inner.get("text"))
    raw = text(inner.get("postbackText")) or text(inner.get("id")) or text(inner.get("payload")) or title
    if not raw:
        raise Deformed("choice")
    choice, visit = from_wire(raw)
    source = {"list_reply": "list", "quick_reply": "template"}.get(kind, "button")
    tap = Tap(choice=choice, visit=visit, title=title, source=source, raw=raw)
    facts = {name: text(inner[name]) for name in ("description", "reply", "id") if inner.get(name)}
    return {"kind": "tap", "tap": tap, "text": title, "facts": facts}


def _reaction(_kind: str, inner: Raw) -> Fields:
    about = text(inner.get("gsId")) or text(inner.get("message_id")) or text(inner.get("id"))
    return {"kind": "reaction", "facts": {"emoji": text(inner.get("emoji")), "message_id": about}}


def _unsupported(kind: str, _inner: Raw) -> Fields:
    return {"kind": "unsupported", "facts": {"type": kind or "none"}}


_READERS: dict[str, Callable[[str, Raw], Fields]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "voice", "file", "sticker"), _media),
    "location": _location,
    "contact": _contacts,
    "contacts": _contacts,
    **dict.fromkeys(("button_reply", "list_reply", "quick_reply"), _tap),
    "reaction": _reaction,
}


def _status(payload: Raw, at: int) -> Item:
    word, inner = text(payload.get("type")), mapping(payload.get("payload"))
    if word in _NO_STATUS:
        return Unsupported(what=word)
    said = moment(payload.get("ts")) or moment(inner.get("ts")) or at
    digits = number(payload.get("destination"))
    return Receipt(
        provider_id=ident(payload.get("gsId") or payload.get("id")),
        status=word,
        at=said,
        recipient=Identity(number=digits) if digits else None,
        errors=(_error(inner),) if word == "failed" and (inner.get("code") or inner.get("reason")) else (),
        facts={name: keep(inner[name]) for name in ("conversation", "pricing") if type(inner.get(name)) is dict},
    )


def _error(inner: Raw) -> Fields:
    code, title = code_of(inner.get("code")), text(inner.get("reason"))
    if type(code) is int and not title:
        title = classify(code).title
    return {"code": code, "title": title, "details": ""}


def _template(payload: Raw, at: int) -> Item:
    facts: Fields = {}
    if text(payload.get("type")) == "category-update":
        event = "category"
        category = mapping(payload.get("category"))
        facts = {name: text(category[name]) for name in ("old", "new", "current", "correct") if category.get(name)}
    elif text(payload.get("type")) == "quality-update":
        event, facts = "quality", {"quality": text(payload.get("quality"))}
    else:
        event = text(payload.get("status")).lower()
    return TemplateStatus(
        name=ident(payload.get("elementName")),
        language=provider_language(text(payload.get("languageCode"))),
        event=event,
        reason=text(payload.get("rejectedReason")) or text(payload.get("description")),
        provider_id=text(payload.get("id")),
        facts=facts,
        at=at,
    )


def _user(payload: Raw, at: int) -> Item:
    """Opted in or out at Gupshup; `sandbox-start` only tries the address, its phone is nobody's."""
    word = text(payload.get("type"))
    change = {"opted-in": "in", "opted-out": "out"}.get(word)
    if change is None:
        return Unsupported(what="user-event", why=word[:_SHORT], facts={"phone": text(payload.get("phone"))})
    digits, scoped = number(payload.get("phone")), bsuid(payload.get("phone"))
    if not digits and not scoped:
        raise Deformed("sender")
    return ConsentTold(sender=Identity(number=digits, bsuid=scoped), change=change, at=at)


def _billing(payload: Raw, _at: int) -> Unsupported:
    deductions, references = mapping(payload.get("deductions")), mapping(payload.get("references"))
    facts: Fields = {"gs_id": text(references.get("gsId")) or text(references.get("id"))}
    for name in ("type", "model", "billable", "category"):
        if name in deductions:
            facts[name] = keep(deductions[name])
    return Unsupported(what="billing-event", why=text(deductions.get("model"))[:_SHORT], facts=facts)


_EVENTS: dict[str, Callable[[Raw, int], Item]] = {
    "message": _message,
    "message-event": _status,
    "template-event": _template,
    "user-event": _user,
    "billing-event": _billing,
}


def ease(body: dict[str, Any]) -> None:
    """Makes version 3 plain Meta in place: the ids of our messages are Gupshup's, those on buttons our own."""
    for value in _values(body):
        for status in items(value.get("statuses")):
            if type(status) is dict and status.get("gs_id"):
                status["id"] = status["gs_id"]
        for message in items(value.get("messages")):
            answer = mapping(mapping(message).get("interactive"))
            for kind in ("button_reply", "list_reply"):
                reply = mapping(answer.get(kind))
                if text(reply.get("id")).startswith("{"):
                    reply["id"] = _unwrapped(reply["id"])


def _values(body: Raw) -> list[Raw]:
    changes = [one for entry in items(body.get("entry")) for one in items(mapping(entry).get("changes"))]
    return [mapping(mapping(change).get("value")) for change in changes]


def _unwrapped(raw: str) -> str:
    try:
        found = mapping(orjson.loads(raw))
    except orjson.JSONDecodeError:
        return raw
    return text(found.get("postbackText")) or raw


def read_flat(body: Raw) -> Item:
    """Gupshup Enterprise, another product: one flat object for a message or a status."""
    if "eventType" in body or "externalId" in body:
        word = text(body.get("eventType")).lower()
        digits, cause = number(body.get("destAddr")), text(body.get("cause"))
        failed = {"code": text(body.get("errorCode")), "title": cause, "details": ""}
        return Receipt(
            provider_id=ident(body.get("externalId")),
            status=word,
            at=moment(body.get("eventTs")),
            recipient=Identity(number=digits) if digits else None,
            errors=(failed,) if word == "failed" else (),
        )
    digits = number(body.get("mobile"))
    if not digits:
        raise Deformed("sender")
    kind = text(body.get("type")) or "text"
    own = text(body.get("text"))
    known = {"kind": "text", "text": own} if kind == "text" else {**_unsupported(kind, body), "text": own}
    return Inbound(
        id=ident(body.get("replyId") or body.get("messageId")),
        sender=Identity(number=digits, name=text(body.get("name"))),
        at=moment(body.get("timestamp")),
        **known,
    )
