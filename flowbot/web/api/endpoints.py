"""/v1/endpoints: where hooks go, and how they fare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.life import iso
from ...errors import NotFound
from ...model.project import Endpoint as Declared
from ...store import deliveries
from . import orders
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, by_name, page_of

if TYPE_CHECKING:
    from ...wiring import Parts


class Endpoint(Schema):
    """An endpoint of flowbot.yaml."""

    name = fields.String(required=True, metadata={"example": "crm"})
    url = fields.String(required=True)
    events = fields.List(fields.String(), required=True)
    flows = fields.List(fields.String(), required=True, metadata={"description": "Empty: all."})
    when = fields.String(required=True, metadata={"description": "Only events for which it holds. Empty: all."})
    format = fields.String(required=True)
    state = fields.String(
        required=True, metadata={"description": "on; failing; disabled; off: its secret is not set.", "example": "on"}
    )
    failing_since = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    waiting = fields.Integer(required=True, metadata={"description": "Deliveries that wait or are on their way."})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("endpoints", "/endpoints", "Where hooks go.", keeper)

    @api.door("GET", "", query=PageQuery, gives=page_of(Endpoint))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List endpoints by name"""
        page = by_name(parts.library.account(caller.account).endpoints, query)
        return {"items": [_told(parts, one) for one in page.items], "next": page.next}

    @api.door("GET", "/<name>", gives=Endpoint, fails=(404,))
    def one(name: str, caller: Caller) -> Any:
        """An endpoint"""
        return _told(parts, find(parts, caller.account, name))

    @api.door("POST", "/<name>/enable", gives=Endpoint, fails=(404,))
    def enable(name: str, caller: Caller) -> Any:
        """Switch an endpoint on again

        What waited for it goes out now.
        """
        endpoint = find(parts, caller.account, name)
        orders.note(parts, caller)
        parts.store.run(deliveries.enable(endpoint.key))
        return _told(parts, endpoint)

    return api


def find(parts: Parts, account: str, name: str) -> Declared:
    found = parts.library.account(account).endpoints.get(name)
    if found is None:
        raise NotFound("There is no such endpoint.")
    return found


def _told(parts: Parts, endpoint: Declared) -> dict[str, Any]:
    facts = parts.store.run(deliveries.endpoint(endpoint.key))
    since = int(facts.get("failing_since") or 0)
    state = "on" if endpoint.secret and not endpoint.missing else "off"
    if state == "on":
        state = "disabled" if facts.get("disabled") else "failing" if since else "on"
    return {
        "name": endpoint.name,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "flows": list(endpoint.flows),
        "when": endpoint.when,
        "format": endpoint.format,
        "state": state,
        "failing_since": iso(since) if since else None,
        "waiting": parts.store.run(deliveries.waiting(endpoint.key)),
    }
