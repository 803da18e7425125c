"""Meta's statuses -> Receipt, and its news about templates -> TemplateStatus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.contact import Identity
from ..model.inbound import ConsentTold, Item, Receipt, TemplateStatus, Unsupported
from ..model.template import MARKETING, provider_language
from .meta_values import Deformed, bsuid, ident, identity, items, keep, mapping, moment, number, text

Raw = Mapping[str, Any]
_SHORT = 200

# field -> the event it stands for when the value itself names none
TEMPLATE_FIELDS = {
    "message_template_status_update": "",
    "message_template_quality_update": "quality",
    "message_template_components_update": "components",
    "template_category_update": "category",
}
_TEMPLATE_FACTS = (
    "message_template_category",
    "previous_quality_score",
    "new_quality_score",
    "previous_category",
    "new_category",
    "correct_category",
    "disable_info",
    "other_info",
    "rejection_info",
)


def read_receipt(raw: Raw) -> Receipt:
    """A status in our words; Deformed when it names no message."""
    return Receipt(
        provider_id=ident(raw.get("id")),
        status=text(raw.get("status")),
        at=moment(raw.get("timestamp")),
        our_id=text(raw.get("biz_opaque_callback_data")),
        recipient=_recipient(raw),
        errors=tuple(read_error(error) for error in items(raw.get("errors")) if type(error) is dict),
        facts={name: keep(raw[name]) for name in ("pricing", "conversation") if type(raw.get(name)) is dict},
    )


def read_error(raw: Raw) -> dict[str, Any]:
    """One error as {code, title, details}; a code that is no number is kept as text."""
    code = raw.get("code")
    return {
        "code": code if type(code) is int else text(code),
        "title": text(raw.get("title")) or text(raw.get("message")),
        "details": text(mapping(raw.get("error_data")).get("details")) or text(raw.get("details")),
    }


def _recipient(raw: Raw) -> Identity | None:
    digits, scoped = number(raw.get("recipient_id")), bsuid(raw.get("recipient_user_id"))
    if not digits and not scoped:
        scoped = bsuid(raw.get("recipient_id"))
    return Identity(number=digits, bsuid=scoped) if digits or scoped else None


def read_template(field: str, value: Raw, entry: Raw) -> TemplateStatus:
    """News about a template of the account that the entry names; Deformed when it names none."""
    event = text(value.get("event")).lower() or TEMPLATE_FIELDS[field]
    if not event and "new_quality_score" in value:
        event = "quality"
    reason = text(value.get("reason"))
    return TemplateStatus(
        name=ident(value.get("message_template_name")),
        language=provider_language(text(value.get("message_template_language"))),
        event=event,
        reason="" if reason.upper() == "NONE" else reason,
        provider_id=text(value.get("message_template_id")),
        facts={name: keep(value[name]) for name in _TEMPLATE_FACTS if value.get(name)},
        at=moment(entry.get("time")),
        waba=text(entry.get("id")),
    )


def read_preference(raw: Raw, profiles: dict[str, dict[str, Any]]) -> Item:
    """Whether somebody wants marketing messages, told in WhatsApp itself."""
    change = {"stop": "out", "resume": "in"}.get(text(raw.get("value")).lower())
    if change is None or text(raw.get("category")) not in ("marketing_messages", ""):
        return Unsupported(what="user_preferences", why=text(raw.get("value"))[:_SHORT])
    sender = identity(raw.get("wa_id"), raw.get("user_id"), profiles)
    if not sender.number and not sender.bsuid:
        raise Deformed("sender")
    return ConsentTold(sender=sender, change=change, topic=MARKETING, at=moment(raw.get("timestamp")))
