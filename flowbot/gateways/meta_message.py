"""One message of Meta's dialect -> Inbound. One small reader per type; an unknown type is kept as unsupported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ..model.choice import from_wire
from ..model.contact import Identity
from ..model.inbound import Inbound, Media, Place, Tap
from .meta_values import (
    Deformed,
    bsuid,
    degrees,
    ident,
    identity,
    items,
    keep,
    loads,
    mapping,
    moment,
    number,
    text,
    words,
)

Raw = Mapping[str, Any]
Fields = dict[str, Any]
_PLAIN = frozenset(("from", "id", "timestamp", "type", "text"))


def read_message(raw: Raw, profiles: dict[str, dict[str, Any]]) -> Inbound:
    """The message in our words; Deformed when it has no id, no sender or a body that cannot be read."""
    sender = identity(raw.get("from"), raw.get("from_user_id"), profiles)
    if not sender.number and not sender.bsuid:
        raise Deformed("sender")
    kind = text(raw.get("type"))
    if kind == "text" and raw.keys() <= _PLAIN:  # most messages: nothing else to look for
        return _plain_text(raw, sender)
    fields = _READERS.get(kind, _unsupported)(raw)
    fields["facts"] = {**fields.get("facts", {}), **_common_facts(raw)}
    errors = tuple(code for code in (_code(error) for error in items(raw.get("errors"))) if code is not None)
    group = text(raw.get("group_id"))
    if group:
        fields["facts"] = {**fields["facts"], "type": fields["kind"]}
        fields["kind"] = "group"
    return Inbound(
        id=ident(raw.get("id")),
        sender=sender,
        at=moment(raw.get("timestamp")),
        errors=errors,
        group=group,
        **_context(mapping(raw.get("context"))),
        **_referral(raw),
        **fields,
    )


def _plain_text(raw: Raw, sender: Identity) -> Inbound:
    return Inbound(
        id=ident(raw.get("id")),
        sender=sender,
        kind="text",
        at=moment(raw.get("timestamp")),
        text=words(mapping(raw.get("text")).get("body")),
    )


def _code(error: Any) -> int | None:
    code = mapping(error).get("code")
    return code if type(code) is int else None


def _common_facts(raw: Raw) -> Fields:
    facts: Fields = {}
    context = mapping(raw.get("context"))
    if context.get("referred_product"):
        facts["product"] = keep(context["referred_product"])
    parent = text(raw.get("from_parent_user_id"))
    if parent:
        facts["parent_user_id"] = parent
    return facts


def _context(context: Raw) -> Fields:
    forwarded = context.get("forwarded") is True or context.get("frequently_forwarded") is True
    return {"reply_to": text(context.get("id")), "forwarded": forwarded}


def _referral(raw: Raw) -> Fields:
    found = mapping(raw.get("referral"))
    return {"referral": keep(found)} if found else {}


def _text(raw: Raw) -> Fields:
    return {"kind": "text", "text": words(mapping(raw.get("text")).get("body"))}


def _media(raw: Raw) -> Fields:
    kind = text(raw.get("type"))
    body = mapping(raw.get(kind))
    media = Media(
        kind="audio" if kind == "voice" else kind,
        id=ident(body.get("id")),
        url=text(body.get("url") or body.get("link")),
        mime=text(body.get("mime_type")),
        filename=text(body.get("filename")),
        caption=text(body.get("caption")),
        sha256=text(body.get("sha256")),
        voice=kind == "voice" or body.get("voice") is True,
        animated=body.get("animated") is True,
    )
    return {"kind": media.kind, "media": media}


def _location(raw: Raw) -> Fields:
    body = mapping(raw.get("location"))
    place = Place(
        latitude=degrees(body.get("latitude"), 90),
        longitude=degrees(body.get("longitude"), 180),
        name=text(body.get("name")),
        address=text(body.get("address")),
        url=text(body.get("url")),
    )
    return {"kind": "location", "place": place}


def _contacts(raw: Raw) -> Fields:
    cards = tuple(keep(card) for card in items(raw.get("contacts")) if type(card) is dict)
    if not cards:
        raise Deformed("contacts")
    origin = text(raw.get("origin")) or next((text(card.get("origin")) for card in cards if card.get("origin")), "")
    return {"kind": "contacts", "contacts": cards, "facts": _known(origin=origin)}


def _interactive(raw: Raw) -> Fields:
    body = mapping(raw.get("interactive"))
    kind = text(body.get("type"))
    answer = mapping(body.get(kind))
    if kind in ("button_reply", "list_reply"):
        return _tap(answer.get("id"), answer, "button" if kind == "button_reply" else "list")
    if kind == "nfm_reply":
        return _form(answer)
    return {"kind": "unsupported", "facts": {"type": f"interactive.{kind}" if kind else "interactive", **keep(answer)}}


def _tap(wire: Any, answer: Raw, source: str) -> Fields:
    title = text(answer.get("title")) or text(answer.get("text"))
    raw_id = text(wire) or title
    if not raw_id:
        raise Deformed("choice")
    choice, visit = from_wire(raw_id)
    tap = Tap(choice=choice, visit=visit, title=title, source=source, raw=raw_id)
    described = text(answer.get("description"))
    return {"kind": "tap", "tap": tap, "text": title, "facts": _known(description=described)}


def _button(raw: Raw) -> Fields:
    body = mapping(raw.get("button"))
    return _tap(body.get("payload"), body, "template")


def _form(answer: Raw) -> Fields:
    """A form's answers are a text of JSON, or what such a text says; what is no object is kept under `value`."""
    values = answer.get("response_json")
    if type(values) is str:
        try:
            values = loads(values.encode("utf-8", "surrogatepass"))
        except orjson.JSONDecodeError:
            raise Deformed("form") from None
    elif type(values) is not dict:
        raise Deformed("form")
    values = keep(values)
    return {
        "kind": "form",
        "form": values if type(values) is dict else {"value": values},
        "text": text(answer.get("body")),
        "facts": _known(name=text(answer.get("name"))),
    }


def _reaction(raw: Raw) -> Fields:
    body = mapping(raw.get("reaction"))
    facts = {"emoji": text(body.get("emoji")), "message_id": ident(body.get("message_id"))}
    return {"kind": "reaction", "facts": facts}


def _order(raw: Raw) -> Fields:
    body = mapping(raw.get("order"))
    if not items(body.get("product_items")):
        raise Deformed("order")
    facts = {"catalog_id": text(body.get("catalog_id")), "items": keep(items(body.get("product_items")))}
    return {"kind": "order", "text": text(body.get("text")), "facts": facts}


def _system(raw: Raw) -> Fields:
    body = mapping(raw.get("system"))
    moved_to = number(body.get("wa_id")) or number(body.get("new_wa_id"))
    facts = _known(type=text(body.get("type")), number=moved_to, user_id=bsuid(body.get("user_id")))
    return {"kind": "system", "facts": facts}


def _known(**facts: str) -> Fields:
    return {name: value for name, value in facts.items() if value}


def _edit(raw: Raw) -> Fields:
    body = mapping(raw.get("edit"))
    inner = mapping(body.get("message"))
    facts = {"original": ident(body.get("original_message_id"))}
    words = mapping(inner.get("text")).get("body") or mapping(inner.get(text(inner.get("type")))).get("caption")
    return {"kind": "edit", "text": text(words), "facts": facts}


def _revoke(raw: Raw) -> Fields:
    body = mapping(raw.get("revoke"))
    return {"kind": "revoke", "facts": {"original": ident(body.get("original_message_id"))}}


def _unsupported(raw: Raw) -> Fields:
    kind = text(raw.get("type")) or "none"
    inner = text(mapping(raw.get("unsupported")).get("type"))
    return {"kind": "unsupported", "facts": _known(type=kind, inner=inner)}


_READERS: dict[str, Callable[[Raw], Fields]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker", "voice"), _media),
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "order": _order,
    "system": _system,
    "edit": _edit,
    "revoke": _revoke,
}


def read_moved(raw: Raw) -> Inbound:
    """The notice that somebody has another user id, as the system message that says the same."""
    change = mapping(raw.get("user_id"))
    now = bsuid(change.get("current"))
    sender = Identity(number=number(raw.get("wa_id")), bsuid=bsuid(change.get("previous")))
    if not now or not (sender.number or sender.bsuid):
        raise Deformed("user_id")
    facts = {"type": "user_changed_user_id", "user_id": now}
    return Inbound(id=f"moved:{now}", sender=sender, kind="system", at=moment(raw.get("timestamp")), facts=facts)
