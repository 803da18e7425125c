"""What may be ordered for a contact: what its record holds, and what it agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from ...errors import InvalidRequest
from ...model.order import ConsentGiven, ContactEdited
from . import contacts, orders
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts

_word = validate.Length(min=1, max=200)
_marks = fields.Dict(
    keys=fields.String(validate=_word),
    values=fields.Boolean(truthy={True}, falsy={False}),
    metadata={"description": "true puts it on, false takes it off.", "example": {"vip": True}},
)
TEXTS = ("name", "language", "timezone", "country")


class ContactAccepted(Schema):
    """It is stored, and done in its turn."""

    contact_id = fields.String(required=True)
    accepted = fields.Boolean(required=True, metadata={"example": True})


class Edit(Schema):
    name = fields.String(validate=validate.Length(max=200))
    language = fields.String(validate=validate.Length(max=35), metadata={"example": "es"})
    timezone = fields.String(validate=validate.Length(max=60), metadata={"example": "America/Bogota"})
    country = fields.String(validate=validate.Length(max=2), metadata={"example": "CO"})
    fields_ = fields.Dict(data_key="fields", metadata={"description": "Declared `contact_fields`; null empties one."})
    labels = _marks
    groups = _marks
    blocked = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "Recorded, and never answered."})
    reachable = fields.Boolean(
        truthy={True},
        falsy=set(),
        metadata={"description": "true: try again, whatever the provider said.", "example": True},
    )


class Consent(Schema):
    topic = fields.String(load_default="all", validate=_word, metadata={"example": "all"})
    change = fields.String(required=True, validate=validate.OneOf(["in", "out"]))
    method = fields.String(load_default="api", validate=_word, metadata={"example": "web form"})
    proof = fields.String(load_default="", validate=validate.Length(max=1000), metadata={"example": "form 4711"})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("contacts_orders", "/contacts", "Orders for a contact.", keeper)
    api.scope = "contacts"

    @api.door("PATCH", "/<contact_id>", takes=Edit, gives=ContactAccepted, status=202, fails=(404,))
    def edit(body: Mapping[str, Any], contact_id: str, caller: Caller) -> Any:
        """Change what is known of a contact"""
        contacts.find(parts.store, caller.account, contact_id)
        declared = parts.library.account(caller.account).contact_fields
        given = body.get("fields_", {})
        wrong = [(f"/fields/{name}", "no such contact field") for name in given if name not in declared]
        if wrong:
            raise InvalidRequest("The request has mistakes.", mistakes=wrong)
        order = ContactEdited(
            nonce=orders.nonce(parts, caller),
            texts={name: body[name] for name in TEXTS if name in body},
            fields=given,
            labels=body.get("labels", {}),
            groups=body.get("groups", {}),
            blocked=body.get("blocked"),
            reachable=body.get("reachable", False),
            by=caller.key.name,
        )
        return _give(parts, caller, contact_id, order)

    @api.door("POST", "/<contact_id>/consent", takes=Consent, gives=ContactAccepted, status=202, fails=(404,))
    def consent(body: Mapping[str, Any], contact_id: str, caller: Caller) -> Any:
        """Note that a contact agreed, or took it back

        It is added to the contact's ledger with its method, proof and time; nothing there is ever changed.
        """
        contacts.find(parts.store, caller.account, contact_id)
        order = ConsentGiven(nonce=orders.nonce(parts, caller), by=caller.key.name, **body)
        return _give(parts, caller, contact_id, order)

    return api


def _give(parts: Parts, caller: Caller, contact_id: str, order: Any) -> dict[str, Any]:
    orders.give(parts, contact_id, orders.channels_of(parts, caller.account, contact_id)[0], order)
    return {"contact_id": contact_id, "accepted": True}
