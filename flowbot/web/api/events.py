"""/v1/events: what happened in the client's world, for the flows that wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ...errors import NotFound
from ...model.contact import Identity
from ...model.event import EventReceived
from ...model.quick import replace
from ...store import identity
from ..recipient import NO_NUMBER, read_recipient
from . import contacts, orders
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts

HAPPENED = {"event": "payment.received", "to": "+573001112233", "entity": "order-17", "data": {"amount": 120}}
_word = validate.Length(min=1, max=200)


class Event(Schema):
    event = fields.String(required=True, validate=_word, metadata={"example": "payment.received"})
    contact_id = fields.String(validate=_word, metadata={"description": "Whom it concerns; or `to`."})
    to = fields.String(validate=_word, metadata={"description": "A phone number, or a business-scoped user id."})
    channel = fields.String(
        validate=_word, metadata={"description": "Default: every one that the contact is known on."}
    )
    entity = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "What it is about: rules plan once for each.", "example": "visit-17"},
    )
    actor = fields.String(
        validate=_word, metadata={"description": "Who entered it: a phone number, or a business-scoped user id."}
    )
    user_authorized = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "The contact agreed to be written to: rules may, without a recorded opt-in."},
    )
    data = fields.Dict(load_default=dict, metadata={"description": "What the flow reads.", "example": {"amount": 120}})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def one_contact(self, _: Any, given: Any, **__: Any) -> None:
        if isinstance(given, dict) and ("contact_id" in given) == ("to" in given):
            raise ValidationError("or `to`: name one of the two", "contact_id")


class EventAccepted(Schema):
    """It is stored, and heard in its turn by every flow of the contact that waits for it, and by rules."""

    contact_id = fields.String(required=True)
    channels = fields.List(fields.String(), required=True)
    rules = fields.List(fields.String(), required=True, metadata={"description": "Those that go by it."})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("events", "/events", "What happens in the client's world.", keeper)

    def wrong(body: Mapping[str, Any], caller: Caller) -> list[tuple[str, str]]:
        account = parts.library.account(caller.account)
        found = [
            (f"/{name}", NO_NUMBER)
            for name in ("to", "actor")
            if name in body and read_recipient(body[name], account.default_country) is None
        ]
        if "channel" in body and body["channel"] not in account.channels:
            found.append(("/channel", "there is no such channel"))
        return found

    def also(body: Mapping[str, Any], caller: Caller) -> list[tuple[str, str]]:
        return wrong(body, caller) + contacts.missing(parts, caller.account, body)

    @api.door("POST", "", takes=Event, gives=EventAccepted, status=202, fails=(404,), example=HAPPENED, also=also)
    def happened(body: Mapping[str, Any], caller: Caller) -> Any:
        """Tell that something happened

        A flow that stands at `wait: {event: …}` goes on, and reads `data` under its step's id. Rules that go by it plan
        what they send; the same entity again moves what is unsent, `<kind>.deleted` cancels it. Where a rule goes by
        it, `to` may be somebody who is not known yet.
        """
        account = parts.library.account(caller.account)
        rules = [rule for rule in parts.library.rules(caller.account) if rule.event == body["event"]]
        contacts.refuse(wrong(body, caller), contacts.missing(parts, caller.account, body))
        actor = read_recipient(body["actor"], account.default_country) if "actor" in body else None
        contact_id, who = _whom(parts, caller.account, account.default_country, body, makes=bool(rules))
        known = orders.channels_of(parts, caller.account, contact_id)
        chosen = [f"{caller.account}/{body['channel']}"] if "channel" in body else known
        heed: dict[str, tuple[str, ...]] = dict.fromkeys(chosen, ())
        for rule in rules:
            key = f"{caller.account}/{rule.channel}" if rule.channel in account.channels else chosen[0]
            heed[key] = (*heed.get(key, ()), rule.name)
        happening = EventReceived(
            nonce=orders.nonce(parts, caller),
            name=body["event"],
            data=body["data"],
            entity=body["entity"],
            actor=actor,
            authorized=body["user_authorized"],
            to=who,
        )
        for key, names in heed.items():
            orders.give(parts, contact_id, key, replace(happening, rules=names))
        return {
            "contact_id": contact_id,
            "channels": [key.partition("/")[2] for key in heed],
            "rules": [rule.name for rule in rules],
        }

    return api


def _whom(
    parts: Parts, account: str, country: str, body: Mapping[str, Any], *, makes: bool
) -> tuple[str, Identity | None]:
    """The contact that is meant, and by which identity; one not known yet is made where `makes`, else NotFound."""
    if "contact_id" in body:
        return contacts.find(parts, account, body["contact_id"]).id, None
    who = read_recipient(body["to"], country)
    assert who is not None
    found = identity.resolve(parts.store, account, who) if makes else identity.known(parts.store, account, who)
    if not found:
        raise NotFound("There is no such contact.")
    return found, who
