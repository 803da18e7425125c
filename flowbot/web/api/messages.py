"""/v1/messages: sending one, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.life import iso
from ...errors import InvalidRequest, NotFound
from ...model import ids
from ...store import outbox
from ..misfits import WRONG
from ..mistakes import Mistakes
from ..send_request import MessageRequest
from ..sending import Sending
from . import orders
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .topics import odd_topic

if TYPE_CHECKING:
    from ...store.client import Store
    from ...wiring import Parts

# what the store says of a message -> the words that clients know (R130)
WORDS = {
    "accepted": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "unknown": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "expired": "failed",
    "suppressed": "failed",
    "cancelled": "failed",
}


SEND = {"channel": "main", "to": "+573001112233", "text": "Your results are in."}


class MessageAccepted(Schema):
    """It is stored, and leaves in its turn."""

    message_id = fields.String(required=True, metadata={"example": "ms_19_6ah8m2k4q0e5r1t7v3x9z2b4"})
    contact_id = fields.String(required=True)


class Status(Schema):
    state = fields.String(required=True, metadata={"example": "delivered"})
    at = fields.String(required=True, metadata={"format": "date-time"})


class Message(Schema):
    """A message to a contact, and what became of it."""

    id = fields.String(required=True, metadata={"example": "ms_19_6ah8m2k4q0e5r1t7v3x9z2b4"})
    channel = fields.String(required=True)
    contact_id = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "accepted, sent, delivered, read, failed."})
    state = fields.String(
        required=True,
        metadata={
            "description": "accepted, queued, sending, unknown, sent, delivered, read, failed, expired, suppressed, or "
            "cancelled."
        },
    )
    attempts = fields.Integer(required=True)
    code = fields.String(required=True, allow_none=True, metadata={"description": "The provider's code of a failure."})
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it failed, or was held back."})
    history = fields.List(fields.Nested(Status), required=True)


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("messages", "/messages", "Messages, and what became of them.", keeper)

    def also(body: Mapping[str, Any], caller: Caller) -> Mistakes:
        return [*Sending(parts, caller.account).mistakes(body), *odd_topic(parts, caller.account, body)]

    @api.door("POST", "", takes=MessageRequest, gives=MessageAccepted, status=202, example=SEND, also=also)
    def send(body: Mapping[str, Any], caller: Caller) -> Any:
        """Send a message

        Free text and files reach only who wrote on the channel within 24 hours; anybody else gets a template. What is
        held back, because the contact opted out, is on record as failed.
        """
        if odd_topic(parts, caller.account, body):
            raise InvalidRequest(WRONG, mistakes=also(body, caller))
        return Sending(parts, caller.account).send(body, lambda: orders.nonce(parts, caller))

    @api.door("GET", "/<message_id>", gives=Message, fails=(404,))
    def one(message_id: str, caller: Caller) -> Any:
        """What became of a message

        It is kept for 8 days after its end.
        """
        return find(parts.store, caller.account, message_id)

    return api


def find(store: Store, account: str, id: str) -> dict[str, Any]:
    """NotFound also for another account's."""
    try:
        kind, partition, _ = ids.split(id)
    except ValueError:
        kind, partition = "", -1
    record = store.run(outbox.read(id)) if kind == "ms" and 0 <= partition < store.partitions else {}
    if not record or record.get("ch", "").partition("/")[0] != account:
        raise NotFound("There is no such message; of one that was sent, the record is kept for 8 days.")
    return told(id, record)


def told(id: str, record: Mapping[str, str]) -> dict[str, Any]:
    """A message's record as clients see it."""
    state = record.get("state", "")
    if state == "sent":
        state = next((word for word in ("read", "delivered") if f"{word}_at" in record), state)
    return {
        "id": id,
        "channel": record.get("ch", "").partition("/")[2],
        "contact_id": record.get("contact", ""),
        "status": WORDS.get(state, "accepted"),
        "state": state,
        "attempts": int(record.get("attempt") or 0),
        "code": record.get("code") or None,
        "reason": record.get("reason") or record.get("error") or None,
        "history": [_status(word) for word in record.get("log", "").split()],
    }


def _status(word: str) -> dict[str, str]:
    state, _, at = word.partition("@")
    return {"state": state, "at": iso(int(at or 0))}
