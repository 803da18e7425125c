"""What people may ask of who keeps something about them: all of it, and that it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response
from marshmallow import Schema, fields

from ...people import archive, find, forget
from . import contacts, orders
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts


class Forgotten(Schema):
    """It is stored, and done in its turn."""

    contact_id = fields.String(required=True)
    accepted = fields.Boolean(required=True, metadata={"example": True})


class Everything(Schema):
    """All that is kept, as it was said: what lies encrypted in the store too."""

    made_at = fields.String(required=True, metadata={"format": "date-time"})
    account = fields.String(required=True)
    contacts = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "As a rule one; more where two ids of a person met late."},
    )


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("contacts_privacy", "/contacts", "What people may ask for.", keeper)
    api.scope = "contacts"

    @api.door("DELETE", "/<contact_id>", gives=Forgotten, status=202, fails=(404, 422))
    def erase(contact_id: str, caller: Caller) -> Any:
        """Forget a contact

        Everything of it goes: the conversation, answers, files, what waits to be sent, who it is. Events about it that
        were not delivered yet are not; its open processes end as `process.failed` with reason `forgotten` and nothing
        in them, then `contact.forgotten` comes. Who had opted out is still not written to: a keyed hash is kept for it.
        """
        account = parts.library.account(caller.account)
        nonce = orders.nonce(parts, caller)
        for one in find.same_person(parts.store, contacts.find(parts, caller.account, contact_id)):
            forget.clear_disk(parts.settings.data, parts.store, one)
            forget.order(parts.ledger, account, one.id, nonce=nonce, by=caller.key.name or caller.key.id)
        return {"contact_id": contact_id, "accepted": True}

    def collect(caller: Caller, contact_id: str) -> dict[str, Any]:
        account = parts.library.account(caller.account)
        people = find.same_person(parts.store, contacts.find(parts, caller.account, contact_id))
        return archive.everything(parts.store, account, people, parts.files, parts.store.now())

    @api.door("GET", "/<contact_id>/export", gives=Everything, fails=(404,))
    def export(contact_id: str, caller: Caller) -> Any:
        """All that is kept of a contact"""
        return collect(caller, contact_id)

    @api.door("GET", "/<contact_id>/export/zip", content_type=archive.ZIP, fails=(404,))
    def export_zip(contact_id: str, caller: Caller) -> Response:
        """The same with the files that the contact sent: `everything.json`, and each at its path"""
        answer = Response(archive.as_zip(collect(caller, contact_id), parts.files), mimetype=archive.ZIP)
        answer.headers["Content-Disposition"] = f'attachment; filename="{contact_id}.zip"'
        return answer

    return api
