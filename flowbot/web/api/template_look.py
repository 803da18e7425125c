"""A template as clients see it, with what each provider says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.life import iso
from ...model.template import UNKNOWN, Approval, Template, Wording, fingerprint, provider_language
from ...store import approval_news, approvals
from ...store.approvals import Table

if TYPE_CHECKING:
    from ...wiring import Parts

STATUSES = "UNKNOWN: nobody has told yet; QUEUED: it waits to be handed in; else the provider's own word."
_text_or_null: dict[str, Any] = {"required": True, "allow_none": True}


class ShownApproval(Schema):
    """What a provider says of a template in one language."""

    channels = fields.List(
        fields.String(), required=True, metadata={"description": "That share the provider's account."}
    )
    gateway = fields.String(required=True, metadata={"example": "cloud_api"})
    status = fields.String(required=True, metadata={"example": "APPROVED", "description": STATUSES})
    reason = fields.String(**_text_or_null)
    category = fields.String(**_text_or_null, metadata={"description": "As the provider has it: it may change it."})
    quality = fields.String(**_text_or_null)
    changed = fields.Boolean(
        required=True, metadata={"description": "The words have changed since they were handed in."}
    )
    at = fields.String(**_text_or_null, metadata={"format": "date-time", "description": "When we heard it."})
    submission = fields.String(
        **_text_or_null,
        metadata={"description": "What became of handing it in over the API: queued, created, edited, refused …"},
    )
    detail = fields.String(**_text_or_null, metadata={"description": "Why so."})


class ShownButton(Schema):
    kind = fields.String(required=True, metadata={"example": "quick_reply"})
    text = fields.String(required=True)
    id = fields.String(**_text_or_null, metadata={"description": "Of a quick reply: continue, cancel, or its own."})
    value = fields.String(**_text_or_null)


class ShownWording(Schema):
    """A template in one language."""

    language = fields.String(required=True, metadata={"example": "es"})
    header = fields.String(**_text_or_null, metadata={"description": "The text, or the sample of the file."})
    header_kind = fields.String(**_text_or_null, metadata={"description": "text, image, video, document"})
    body = fields.String(required=True)
    footer = fields.String(**_text_or_null)
    buttons = fields.List(fields.Nested(ShownButton), required=True)
    parameters = fields.List(fields.String(), required=True, metadata={"description": "What a send has to give."})
    approvals = fields.List(fields.Nested(ShownApproval), required=True)


class ShownTemplate(Schema):
    name = fields.String(required=True, metadata={"example": "order_update"})
    made_by = fields.String(
        required=True, metadata={"description": "file: content/templates/; api: POST /v1/templates"}
    )
    category = fields.String(required=True, metadata={"example": "utility"})
    topic = fields.String(**_text_or_null)
    is_notification = fields.Boolean(required=True)
    invites = fields.Boolean(
        required=True, metadata={"description": "It has Continue and Cancel: a flow begins with it."}
    )
    languages = fields.List(fields.Nested(ShownWording), required=True)


class Look:
    """The templates of one account, with what is known of them now."""

    def __init__(self, parts: Parts, account: str) -> None:
        self._files = parts.library.templates
        mine = parts.library.account(account)
        channels = list(mine.holders.values())
        tables = parts.store.all([approvals.read(account, one.holder) for one in channels])
        self._places = [
            (approval_news.of(one, mine.channels.values()), table) for one, table in zip(channels, tables, strict=True)
        ]

    def tell(self, template: Template) -> dict[str, Any]:
        return {
            "name": template.name,
            "made_by": "file" if template.name in self._files else "api",
            "category": template.category,
            "topic": template.topic or None,
            "is_notification": template.notification,
            "invites": template.invites,
            "languages": [self._wording(template, one) for one in template.wordings.values()],
        }

    def _wording(self, template: Template, wording: Wording) -> dict[str, Any]:
        header = wording.header
        return {
            "language": provider_language(wording.language),
            "header": header.value if header else None,
            "header_kind": header.kind if header else None,
            "body": wording.body,
            "footer": wording.footer or None,
            "buttons": [
                {"kind": one.kind, "text": one.text, "id": one.id or None, "value": one.value or None}
                for one in wording.buttons
            ],
            "parameters": list(wording.variables),
            "approvals": list(self._approvals(template, wording)),
        }

    def _approvals(self, template: Template, wording: Wording) -> Iterator[Mapping[str, Any]]:
        for where, table in self._places:
            known = _known(table, template, wording)
            yield {
                "channels": list(where.channels),
                "gateway": where.gateway,
                "status": known.status,
                "reason": known.reason or None,
                "category": known.category or None,
                "quality": known.quality or None,
                "changed": bool(known.digest) and known.digest != fingerprint(template, wording),
                "at": iso(known.at) if known.at else None,
                "submission": known.outcome or None,
                "detail": known.detail or None,
            }


def _known(table: Table, template: Template, wording: Wording) -> Approval:
    language = provider_language(wording.language)
    nothing = Approval(name=template.name, language=language, status=UNKNOWN)
    return table.approvals.get((template.name, language), nothing)
