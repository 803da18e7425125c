"""/v1/flows: what can be started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.flow import Flow as Made
from ...errors import NotFound
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import page_of

if TYPE_CHECKING:
    from ...wiring import Parts


class Input(Schema):
    name = fields.String(required=True)
    type = fields.String(required=True)
    required = fields.Boolean(required=True)


class Flow(Schema):
    """A flow that this account may use, as it now runs."""

    id = fields.String(required=True, metadata={"example": "identity"})
    title = fields.String(required=True)
    version = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    api = fields.Boolean(required=True, metadata={"description": "Whether POST /v1/conversations may start it."})
    messages = fields.List(fields.String(), required=True, metadata={"description": "Whole messages that start it."})
    keywords = fields.List(fields.String(), required=True)
    inputs = fields.List(fields.Nested(Input), required=True)
    steps = fields.List(fields.String(), required=True)


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("flows", "/flows", "Flows.", keeper)

    @api.door("GET", "", gives=page_of(Flow))
    def every(caller: Caller) -> Any:
        """List flows"""
        return {"items": [_told(flow) for flow in _usable(parts, caller.account)], "next": None}

    @api.door("GET", "/<flow_id>", gives=Flow, fails=(404,))
    def one(flow_id: str, caller: Caller) -> Any:
        """A flow"""
        return _told(find(parts, caller.account, flow_id))

    return api


def find(parts: Parts, account: str, id: str) -> Made:
    """NotFound also for a flow that the account may not use."""
    for flow in _usable(parts, account):
        if flow.id == id:
            return flow
    raise NotFound("There is no such flow.")


def _usable(parts: Parts, account: str) -> list[Made]:
    """What is published, or what the files say where nothing has to be."""
    library, versions = parts.library, parts.live.published(account)
    if versions is None:
        return library.flows_of(account)
    allowed = library.account(account).flows
    return [library.flow(id, version) for id, version in sorted(versions.items()) if not allowed or id in allowed]


def _told(flow: Made) -> dict[str, Any]:
    inputs = [{"name": name, "type": one.type, "required": one.required} for name, one in flow.inputs.items()]
    return {
        "id": flow.id,
        "title": flow.title,
        "version": flow.version,
        "languages": list(flow.languages),
        "api": flow.start.api,
        "messages": list(flow.start.messages),
        "keywords": list(flow.start.keywords),
        "inputs": inputs,
        "steps": list(flow.steps),
    }
