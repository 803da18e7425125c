"""/v1/events: what happened in the client's world, for the flows that wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from ...errors import InvalidRequest, NotFound
from ...model.event import EventReceived
from ...store import identity
from ..recipient import NO_NUMBER, read_recipient
from . import contacts, orders
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts

_word = validate.Length(min=1, max=200)


class Event(Schema):
    event = fields.String(required=True, validate=_word, metadata={"example": "payment.received"})
    contact_id = fields.String(validate=_word, metadata={"description": "Whom it concerns; or `to`."})
    to = fields.String(validate=_word, metadata={"description": "A phone number, or a business-scoped user id."})
    channel = fields.String(
        validate=_word, metadata={"description": "Default: every one that the contact is known on."}
    )
    data = fields.Dict(load_default=dict, metadata={"description": "What the flow reads.", "example": {"amount": 120}})


class EventAccepted(Schema):
    """It is stored, and heard in its turn by every flow of the contact that waits for it."""

    contact_id = fields.String(required=True)
    channels = fields.List(fields.String(), required=True)


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("events", "/events", "What happens in the client's world.", keeper)

    @api.door("POST", "", takes=Event, gives=EventAccepted, status=202, fails=(404,))
    def happened(body: Mapping[str, Any], caller: Caller) -> Any:
        """Tell that something happened

        A flow that stands at `wait: {event: …}` goes on, and reads `data` under its step's id.
        """
        account = parts.library.account(caller.account)
        if "channel" in body and body["channel"] not in account.channels:
            raise InvalidRequest("The request has mistakes.", mistakes=[("/channel", "there is no such channel")])
        contact_id = _whom(parts, caller.account, account.default_country, body)
        known = orders.channels_of(parts, caller.account, contact_id)
        chosen = [f"{caller.account}/{body['channel']}"] if "channel" in body else known
        nonce = orders.nonce(parts, caller)
        for key in chosen:
            orders.give(parts, contact_id, key, EventReceived(nonce=nonce, name=body["event"], data=body["data"]))
        return {"contact_id": contact_id, "channels": [key.partition("/")[2] for key in chosen]}

    return api


def _whom(parts: Parts, account: str, country: str, body: Mapping[str, Any]) -> str:
    """The contact that is meant. InvalidRequest when none is named, NotFound when there is no such."""
    if ("contact_id" in body) == ("to" in body):
        raise InvalidRequest("The request has mistakes.", mistakes=[("/contact_id", "or `to`: name one of the two")])
    if "contact_id" in body:
        return contacts.find(parts.store, account, body["contact_id"]).id
    who = read_recipient(body["to"], country)
    if who is None:
        raise InvalidRequest("The request has mistakes.", mistakes=[("/to", NO_NUMBER)])
    found = identity.known(parts.store, account, who)
    if not found:
        raise NotFound("There is no such contact.")
    return found
