"""/v1/conversations: a client's system starts a flow for a contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import Schema, fields

from ..conversations import Starting
from ..mistakes import Mistakes
from ..start_request import StartRequest
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .processes import EXAMPLE

if TYPE_CHECKING:
    from ...wiring import Parts

START = {
    "flow": "antenatal_visit",
    "channel": "main",
    "to": "+573001112233",
    "account_id": "m-17",
    "inputs": {"clinic": "Norte"},
}


class Started(Schema):
    """It is stored, and begins in its turn."""

    process_id = fields.String(required=True, metadata={"example": EXAMPLE})
    contact_id = fields.String(required=True)
    message_id = fields.String(metadata={"description": "Of the template that goes out first."})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("conversations", "/conversations", "Starting flows.", keeper)

    def also(body: Mapping[str, Any], caller: Caller) -> Mistakes:
        return Starting(parts, caller.account).mistakes(body)

    @api.door("POST", "", takes=StartRequest, gives=Started, status=202, example=START, also=also)
    def start(body: Mapping[str, Any], caller: Caller) -> Any:
        """Start a flow for a contact

        With a `template` that has Continue and Cancel the flow waits for the contact's yes.
        """
        key = request.headers.get("Idempotency-Key", "")
        return Starting(parts, caller.account).start(dict(body), key, request.get_data() or b"{}")

    return api
