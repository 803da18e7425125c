"""Twilio's form fields -> items: a message, or the status of one of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ..model.choice import from_wire
from ..model.contact import Identity
from ..model.inbound import Inbound, Item, Media, Place, Receipt, Tap, Unsupported
from .errors_twilio import classify
from .meta_values import Deformed, bsuid, degrees, ident, keep, number, text

Fields = Mapping[str, str]
OUR_ID = "m"  # in the query of the StatusCallback that we give
PREFIX = "whatsapp:"
MOST_MEDIA = 10
_FAILED = {"undelivered", "canceled"}  # their words for failed, beside that itself
_COMING = {"received", "receiving", ""}
_KINDS = ("image", "video", "audio", "document", "sticker")
_REFERRAL = {
    "ReferralSourceUrl": "source_url",
    "ReferralSourceId": "source_id",
    "ReferralSourceType": "source_type",
    "ReferralHeadline": "headline",
    "ReferralBody": "body",
    "ReferralCtwaClid": "ctwa_clid",
    "ReferralMediaUrl": "media_url",
    "ReferralMediaContentType": "media_type",
    "ReferralMediaId": "media_id",
}


def read_fields(fields: Fields, our_id: str) -> list[Item]:
    """The items of one call; what cannot be read is one Unsupported."""
    try:
        status = fields.get("MessageStatus") or fields.get("SmsStatus", "")
        if "MessageStatus" in fields or status not in _COMING:
            return [_receipt(fields, status, our_id)]
        return _messages(fields)
    except Deformed as error:
        return [Unsupported(what="malformed", why=str(error))]


def _id(fields: Fields) -> str:
    return ident(fields.get("MessageSid") or fields.get("SmsMessageSid") or fields.get("SmsSid"))


def _receipt(fields: Fields, word: str, our_id: str) -> Receipt:
    code = fields.get("ErrorCode", "")
    errors: tuple[dict[str, Any], ...] = ()
    if code and code != "0":
        known = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else 0
        title = text(fields.get("ErrorMessage")) or classify(known).title
        details = text(fields.get("ChannelStatusMessage"))
        errors = ({"code": known or text(code), "title": title, "details": details},)
    return Receipt(
        provider_id=_id(fields),
        status="failed" if word in _FAILED else text(word),
        our_id=text(our_id),
        recipient=_identity(fields.get("To", "")),
        errors=errors,
        facts={"status": word} if word in _FAILED else {},
    )


def _identity(address: str) -> Identity | None:
    bare = address.removeprefix(PREFIX)
    digits = number(bare)
    scoped = "" if digits else bsuid(bare)
    return Identity(number=digits, bsuid=scoped) if digits or scoped else None


def _sender(fields: Fields) -> Identity:
    bare = fields.get("From", "").removeprefix(PREFIX)
    digits = number(bare) or number(fields.get("WaId", ""))
    scoped = bsuid(fields.get("ExternalUserId", "").removeprefix(PREFIX)) or ("" if number(bare) else bsuid(bare))
    if not digits and not scoped:
        raise Deformed("sender")
    return Identity(number=digits, bsuid=scoped, name=text(fields.get("ProfileName")))


def _messages(fields: Fields) -> list[Item]:
    """One message; a file beyond its first is one of its own, so that none is lost."""
    known = _body(fields)
    message = Inbound(
        id=_id(fields),
        sender=_sender(fields),
        reply_to=text(fields.get("OriginalRepliedMessageSid")),
        forwarded=fields.get("Forwarded") == "true" or fields.get("FrequentlyForwarded") == "true",
        referral=_referral(fields),
        **known,
    )
    others = [_media(fields, place) for place in range(1, _count(fields))] if message.media else []
    return [message, *(_another(message, place, media) for place, media in enumerate(others, start=1))]


def _another(first: Inbound, place: int, media: Media) -> Inbound:
    return Inbound(id=f"{first.id}/{place}", sender=first.sender, kind=media.kind, media=media)


def _body(fields: Fields) -> dict[str, Any]:
    body, kind = text(fields.get("Body")), fields.get("MessageType", "")
    if fields.get("ListId"):
        return _tap(fields["ListId"], fields.get("ListTitle", "") or body, "list", body)
    # a text message from elsewhere may carry such fields too: there they are no answer
    if (fields.get("ButtonPayload") or fields.get("ButtonText")) and fields.get("From", "").startswith(PREFIX):
        title = fields.get("ButtonText", "") or body
        return _tap(fields.get("ButtonPayload") or title, title, "template" if kind == "button" else "button", body)
    if fields.get("Latitude") or fields.get("Longitude"):
        return {"kind": "location", "text": body, "place": _place(fields)}
    if _count(fields):
        media = _media(fields, 0)
        card = media.mime.startswith(("text/vcard", "text/x-vcard"))
        return {"kind": "contacts" if card else media.kind, "text": body, "media": media}
    answers = fields.get("InteractiveData") or fields.get("FlowData")
    if answers:
        return {"kind": "form", "text": body, "form": _form(answers)}
    if kind == "reaction":
        facts = {"emoji": body, "message_id": text(fields.get("OriginalRepliedMessageSid"))}
        return {"kind": "reaction", "facts": facts}
    if not body and kind not in ("text", ""):
        return {"kind": "unsupported", "facts": {"type": text(kind)}}
    if "Body" not in fields:
        raise Deformed("text")
    return {"kind": "text", "text": body}


def _tap(wire: str, title: str, source: str, body: str) -> dict[str, Any]:
    raw, title = text(wire), text(title)
    if not raw:
        raise Deformed("choice")
    choice, visit = from_wire(raw)
    tap = Tap(choice=choice, visit=visit, title=title, source=source, raw=raw)
    return {"kind": "tap", "tap": tap, "text": body or title}


def _place(fields: Fields) -> Place:
    return Place(
        latitude=degrees(fields.get("Latitude"), 90),
        longitude=degrees(fields.get("Longitude"), 180),
        name=text(fields.get("Label")),
        address=text(fields.get("Address")),
    )


def _count(fields: Fields) -> int:
    found = fields.get("NumMedia", "")
    return min(int(found), MOST_MEDIA) if found.isascii() and found.isdigit() and len(found) < 4 else 0


def _media(fields: Fields, place: int) -> Media:
    url = text(fields.get(f"MediaUrl{place}"))
    if not url:
        raise Deformed("media")
    mime = text(fields.get(f"MediaContentType{place}"))
    if place:  # what is said of the message is said of its first file
        return Media(kind=_kind(mime, ""), url=url, mime=mime)
    return Media(kind=_kind(mime, fields.get("MessageType", "")), url=url, mime=mime, caption=text(fields.get("Body")))


def _kind(mime: str, said: str) -> str:
    """
    >>> _kind("image/jpeg", ""), _kind("image/webp", ""), _kind("audio/ogg", ""), _kind("", "")
    ('image', 'sticker', 'audio', 'document')
    """
    if said in _KINDS:
        return said
    if mime == "image/webp":
        return "sticker"
    base = mime.partition("/")[0]
    return base if base in _KINDS else "document"


def _form(answers: str) -> dict[str, Any]:
    """A form's answers are a text of JSON; what is no object is kept under `value`."""
    try:
        values = keep(orjson.loads(text(answers)))
    except orjson.JSONDecodeError:
        raise Deformed("form") from None
    return values if type(values) is dict else {"value": values}


def _referral(fields: Fields) -> dict[str, str] | None:
    if "ReferralSourceId" not in fields and "ReferralSourceUrl" not in fields:
        return None
    return {name: text(fields[key]) for key, name in _REFERRAL.items() if fields.get(key)}
