"""/v1/flows: what can be started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.flow import Flow as Made
from ...errors import NotFound
from ...figures.flows import fares
from ...publishing.standing import read_versions
from ...store import publications
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, by_name, page_of

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


class FunnelStep(Schema):
    """A question of a version."""

    step = fields.String(required=True)
    asked = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    waiting = fields.Integer(required=True, metadata={"description": "Conversations that stand there now."})
    left = fields.Dict(required=True, metadata={"description": "Reason -> conversations that ended there."})
    median_ms = fields.Integer(
        required=True, allow_none=True, metadata={"description": "From the question to its answer, to an eighth."}
    )


class Funnel(Schema):
    """How one version of a flow fares."""

    flow = fields.String(required=True)
    version = fields.String(required=True)
    started = fields.Integer(required=True)
    open = fields.Integer(required=True)
    succeeded = fields.Integer(required=True)
    failed = fields.Dict(required=True, metadata={"description": "Reason -> conversations."})
    median_ms = fields.Integer(required=True, allow_none=True, metadata={"description": "Of those that succeeded."})
    steps = fields.List(fields.Nested(FunnelStep), required=True)


VERSIONS = 20  # of a flow, the latest that were published


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("flows", "/flows", "Flows.", keeper)

    @api.door("GET", "", query=PageQuery, gives=page_of(Flow))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List flows by id"""
        page = by_name({flow.id: flow for flow in _usable(parts, caller.account)}, query)
        return {"items": [_told(flow) for flow in page.items], "next": page.next}

    @api.door("GET", "/<flow_id>", gives=Flow, fails=(404,))
    def one(flow_id: str, caller: Caller) -> Any:
        """A flow"""
        return _told(find(parts, caller.account, flow_id))

    @api.door("GET", "/<flow_id>/funnel", query=PageQuery, gives=page_of(Funnel), fails=(404,))
    def funnel(query: Mapping[str, Any], flow_id: str, caller: Caller) -> Any:
        """Where people leave a flow

        Of the version that runs, and of the latest that were published before: since each was first begun. The
        simulator's conversations do not count.
        """
        current = find(parts, caller.account, flow_id)
        account, store = parts.library.account(caller.account), parts.store
        versions = {**read_versions(store, _before(parts, caller.account, flow_id)), current.version: current}
        page = by_name({one.version: one for one in fares(store, versions, [account])}, query)
        return {"items": [asdict(one) for one in page.items], "next": page.next}

    return api


def _before(parts: Parts, account: str, flow: str) -> list[str]:
    """The versions that were published, the latest of them."""
    found = [one.changes[flow] for one in parts.store.run(publications.history(account)) if flow in one.changes]
    return list(dict.fromkeys(version for pair in found for version in pair if version))[:VERSIONS]


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
