"""What may be ordered for a contact: that there is one, what its record holds, and what it agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, validate

from ...errors import Conflict, InvalidRequest
from ...model import ids
from ...model.order import ConsentGiven, ContactEdited
from ...store import contacts as people
from ...store import identity
from ..languages import language_tag
from ..mistakes import Mistakes
from ..recipient import NO_NUMBER, read_recipient
from . import contacts, orders
from .caller import Caller, Doorkeeper
from .consents import out_since
from .contact_fields import read_fields
from .door import Blueprint
from .moment import moment
from .topics import ALL, odd_topics

if TYPE_CHECKING:
    from ...model.contact import Identity
    from ...model.event import Event
    from ...wiring import Parts

_word = validate.Length(min=1, max=200)


class Marks(fields.Dict):
    """`{vip: true, new: false}`; or as they are shown, `[vip]`, to put them on."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = dict.fromkeys(value, True)
        return super()._deserialize(value, attr, data, **more)  # type: ignore[no-untyped-call]


_marks = Marks(
    keys=fields.String(validate=_word),
    values=fields.Boolean(truthy={True}, falsy={False}),
    metadata={"description": "true puts it on, false takes it off; a list puts them on.", "example": {"vip": True}},
)
EDIT = {"name": "Ana", "language": "es", "labels": {"vip": True}}
AGREED = {"topic": "all", "change": "in", "method": "web form", "proof": "form 4711", "at": "2025-11-20T09:30:00Z"}
NEW = {"to": "+573001112233", **EDIT, "consent": [AGREED]}
CLOCKS = 300_000  # ms that a client's clock may be ahead
TEXTS = ("name", "language", "timezone", "country")


def _timezone(text: str) -> None:
    try:
        if text:
            ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        raise ValidationError("is no time zone: write it like America/Bogota") from None


class ContactAccepted(Schema):
    """It is stored, and done in its turn."""

    contact_id = fields.String(required=True)
    accepted = fields.Boolean(required=True, metadata={"example": True})


class Edit(Schema):
    name = fields.String(validate=validate.Length(max=200))
    language = fields.String(validate=[validate.Length(max=35), language_tag], metadata={"example": "es"})
    timezone = fields.String(validate=[validate.Length(max=60), _timezone], metadata={"example": "America/Bogota"})
    country = fields.String(
        validate=validate.Regexp(r"^([A-Z]{2})?\Z", error="is no country: two capital letters, like CO"),
        metadata={"example": "CO"},
    )
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
    topic = fields.String(
        load_default=ALL,
        validate=_word,
        metadata={"example": "all", "description": "all, a category of templates, or a topic of the project."},
    )
    change = fields.String(required=True, validate=validate.OneOf(["in", "out"]))
    method = fields.String(load_default="api", validate=_word, metadata={"example": "web form"})
    proof = fields.String(load_default="", validate=validate.Length(max=1000), metadata={"example": "form 4711"})
    at = moment(
        load_default=None,
        metadata={"description": "When the contact said so; default: now.", "example": "2026-11-20T09:30:00Z"},
    )


class NewContact(Edit):
    to = fields.String(
        required=True,
        validate=_word,
        metadata={"description": "A phone number, or a business-scoped user id.", "example": "+573001112233"},
    )
    consent = fields.List(
        fields.Nested(Consent), load_default=list, validate=validate.Length(max=20), metadata={"example": [AGREED]}
    )


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("contacts_orders", "/contacts", "Orders for a contact.", keeper)
    api.scope = "contacts"

    def wrong_of_new(body: Mapping[str, Any], caller: Caller) -> Mistakes:
        account = parts.library.account(caller.account)
        who = read_recipient(body["to"], account.default_country) if "to" in body else None
        known = identity.known(parts.store, caller.account, who) if who is not None else ""
        consents = [(f"/consent/{at}", one) for at, one in enumerate(body["consent"]) if one is not None]
        return [
            *([("/to", NO_NUMBER)] if "to" in body and who is None else ()),
            *read_fields(body.get("fields_", {}), account.contact_fields)[1],
            *_wrong_consents(parts, caller.account, consents, known),
        ]

    @api.door(
        "POST", "", takes=NewContact, gives=ContactAccepted, status=202, example=NEW, also=wrong_of_new, fails=(404,)
    )
    def make(body: Mapping[str, Any], caller: Caller) -> Any:
        """Make a contact, or add to one

        Who is known already is found by `to`, and gets what is named here, as by PATCH. `consent` goes into the
        ledger, with its method, proof and time.
        """
        _refuse(wrong_of_new(body, caller))
        who = read_recipient(body["to"], parts.library.account(caller.account).default_country)
        assert who is not None
        contact_id = identity.resolve(parts.store, caller.account, who)
        for one in body["consent"]:
            _refuse_if_out_since(parts, contact_id, one)
        nonce = orders.nonce(parts, caller)
        key = orders.channels_of(parts, caller.account, contact_id)[0]
        given: list[Event] = [_edited(parts, caller, body, nonce, who)]
        given += [_agreed(one, f"{nonce}:{at}", caller) for at, one in enumerate(body["consent"])]
        orders.give_all(parts, [(contact_id, key, order) for order in given])
        return {"contact_id": contact_id, "accepted": True}

    def wrong_of_edit(body: Mapping[str, Any], caller: Caller, contact_id: str) -> Mistakes:
        return read_fields(body.get("fields_", {}), parts.library.account(caller.account).contact_fields)[1]

    @api.door(
        "PATCH",
        "/<contact_id>",
        takes=Edit,
        gives=ContactAccepted,
        status=202,
        fails=(404,),
        example=EDIT,
        also=wrong_of_edit,
    )
    def edit(body: Mapping[str, Any], contact_id: str, caller: Caller) -> Any:
        """Change what is known of a contact"""
        contacts.find(parts, caller.account, contact_id)
        _refuse(wrong_of_edit(body, caller, contact_id))
        return _give(parts, caller, contact_id, _edited(parts, caller, body, orders.nonce(parts, caller)))

    def wrong_of_consent(body: Mapping[str, Any], caller: Caller, contact_id: str) -> Mistakes:
        return _wrong_consents(parts, caller.account, [("", body)], contact_id)

    @api.door(
        "POST",
        "/<contact_id>/consent",
        takes=Consent,
        gives=ContactAccepted,
        status=202,
        fails=(404,),
        example=AGREED,
        also=wrong_of_consent,
    )
    def consent(body: Mapping[str, Any], contact_id: str, caller: Caller) -> Any:
        """Note that a contact agreed, or took it back

        It is added to the contact's ledger with its method, proof and time; nothing there is ever changed. An opt-in of
        before the contact opted out is refused.
        """
        contacts.find(parts, caller.account, contact_id)
        _refuse(wrong_of_consent(body, caller, contact_id))
        _refuse_if_out_since(parts, contact_id, body)
        return _give(parts, caller, contact_id, _agreed(body, orders.nonce(parts, caller), caller))

    return api


def _edited(
    parts: Parts, caller: Caller, body: Mapping[str, Any], nonce: str, who: Identity | None = None
) -> ContactEdited:
    declared = parts.library.account(caller.account).contact_fields
    return ContactEdited(
        nonce=nonce,
        texts={name: body[name] for name in TEXTS if name in body},
        fields=read_fields(body.get("fields_", {}), declared)[0],
        labels=body.get("labels", {}),
        groups=body.get("groups", {}),
        blocked=body.get("blocked"),
        reachable=body.get("reachable", False),
        by=caller.key.name,
        to=who,
    )


def _agreed(one: Mapping[str, Any], nonce: str, caller: Caller) -> ConsentGiven:
    said = {name: one[name] for name in ("topic", "change", "method", "proof")}
    return ConsentGiven(nonce=nonce, given_at=_at(one), by=caller.key.name, **said)


def _at(one: Mapping[str, Any]) -> int:
    """ms UTC when it was said; 0: now."""
    return int(one["at"].timestamp() * 1000) if one.get("at") else 0


def _wrong_consents(
    parts: Parts, account: str, given: list[tuple[str, Mapping[str, Any]]], contact_id: str
) -> Mistakes:
    """Topics that nobody knows, and times to come."""
    store = parts.store
    known = store.run(people.get(ids.partition_of(contact_id, store.partitions), contact_id)) if contact_id else None
    topics = [(f"{pointer}/topic", one["topic"]) for pointer, one in given if "topic" in one]
    late = [f"{pointer}/at" for pointer, one in given if _at(one) > store.now() + CLOCKS]
    return [*odd_topics(parts, account, topics, known), *((where, "is in the future") for where in late)]


def _refuse(wrong: Mistakes) -> None:
    if wrong:
        raise InvalidRequest("The request has mistakes.", mistakes=wrong)


def _refuse_if_out_since(parts: Parts, contact_id: str, one: Mapping[str, Any]) -> None:
    """An old form does not undo what the contact said later."""
    if one["change"] == "in" and _at(one) and out_since(parts.store, contact_id, one["topic"], _at(one)):
        raise Conflict("The contact has opted out since then.", code="opted_out")


def _give(parts: Parts, caller: Caller, contact_id: str, order: Event) -> dict[str, Any]:
    orders.give(parts, contact_id, orders.channels_of(parts, caller.account, contact_id)[0], order)
    return {"contact_id": contact_id, "accepted": True}
