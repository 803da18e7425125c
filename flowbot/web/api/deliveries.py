"""/v1/deliveries: what was posted to endpoints, what came back, and once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from ...engine.life import iso
from ...errors import NotFound
from ...model import ids
from ...store import deliveries
from ...store.listing import Place
from . import endpoints, orders
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, page_of

if TYPE_CHECKING:
    from ...store.deliveries import Pointer
    from ...wiring import Parts


class Delivery(Schema):
    """One hook to one endpoint."""

    id = fields.String(required=True, metadata={"example": "dl_19_6ah8m2k4q0e5r1t7v3x9z2b4"})
    endpoint = fields.String(required=True)
    type = fields.String(required=True, metadata={"example": "process.succeeded"})
    state = fields.String(required=True, metadata={"description": "pending, delivered, failed …"})
    attempts = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "The last answer's status."})
    error = fields.String(required=True, allow_none=True)
    tried_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class Attempt(Schema):
    """One attempt."""

    id = fields.String(required=True)
    at = fields.String(required=True, metadata={"format": "date-time"})
    outcome = fields.String(required=True)
    status = fields.Integer(required=True, allow_none=True)
    ms = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True)


class LogQuery(PageQuery):
    endpoint = fields.String(required=True, metadata={"example": "crm"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500), metadata={"example": 50})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("endpoints_deliveries", "/deliveries", "Hooks on their way.", keeper)
    api.scope = "endpoints"

    @api.door("GET", "", query=LogQuery, gives=page_of(Attempt), fails=(404,))
    def log(query: Mapping[str, Any], caller: Caller) -> Any:
        """List the attempts at an endpoint, the newest first

        The last 10,000 or so, of the last 8 days.
        """
        endpoint = endpoints.find(parts, caller.account, query["endpoint"])
        below = Place.read(query["after"]) if query["after"] else None
        page = parts.store.run(deliveries.log_page(endpoint.key, below, query["limit"]))
        return {"items": [_attempt(line) for line in page.items], "next": page.next}

    @api.door("GET", "/<delivery_id>", gives=Delivery, fails=(404,))
    def one(delivery_id: str, caller: Caller) -> Any:
        """A delivery"""
        return _told(parts, caller.account, delivery_id)

    @api.door("POST", "/<delivery_id>/replay", gives=Delivery, status=202, fails=(404,))
    def again(delivery_id: str, caller: Caller) -> Any:
        """Send a hook again, under the same id

        It also switches its endpoint on again.
        """
        _pointer(parts, caller.account, delivery_id)
        orders.note(parts, caller)
        deliveries.replay(parts.store, delivery_id)
        return _told(parts, caller.account, delivery_id)

    return api


def _pointer(parts: Parts, account: str, id: str) -> Pointer:
    try:
        kind, partition, _ = ids.split(id)
    except ValueError:
        kind, partition = "", -1
    known = kind == "dl" and 0 <= partition < parts.store.partitions
    pointer = parts.store.run(deliveries.find(id)) if known else None
    if pointer is None or pointer.endpoint.partition("/")[0] != account:
        raise NotFound("There is no such delivery, or it is older than the 8 days that it is kept.")
    return pointer


def _told(parts: Parts, account: str, id: str) -> dict[str, Any]:
    pointer = _pointer(parts, account, id)
    facts = parts.store.run(deliveries.read(pointer.endpoint, id))
    tried = int(facts.get("tried_at") or 0)
    return {
        "id": id,
        "endpoint": pointer.endpoint.partition("/")[2],
        "type": pointer.type,
        "state": facts.get("state", "pending"),
        "attempts": int(facts.get("attempts") or 0),
        "status": int(facts.get("status") or 0) or None,
        "error": facts.get("error") or None,
        "tried_at": iso(tried) if tried else None,
    }


def _attempt(line: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": line.get("id", ""),
        "at": iso(int(line["at"])),
        "outcome": line.get("outcome", ""),
        "status": int(line.get("status") or 0) or None,
        "ms": int(line.get("ms") or 0),
        "error": line.get("error") or None,
    }
