"""/v1/rules: what the project's own rules send, and when the recurring ones come next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.life import iso
from ...engine.rules import Rule
from ...errors import NotFound
from ...store import schedules
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, by_name, page_of

if TYPE_CHECKING:
    from ...wiring import Parts


class ShownRule(Schema):
    name = fields.String(required=True, metadata={"example": "visits.remind_mother"})
    event = fields.String(required=True, allow_none=True)
    to = fields.String(required=True, metadata={"description": "subject, actor, contact, or group:<name>"})
    template = fields.String(required=True, allow_none=True)
    flow = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    next_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "description": "Of one that recurs."}
    )


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("rules", "/rules", "What the project's own rules send.", keeper)
    api.scope = "schedules"

    @api.door("GET", "", query=PageQuery, gives=page_of(ShownRule))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List rules by name"""
        page, planned = by_name({rule.name: rule for rule in _rules(parts, caller)}, query), _planned(parts, caller)
        return {"items": [_told(rule, planned) for rule in page.items], "next": page.next}

    @api.door("GET", "/<name>", gives=ShownRule, fails=(404,))
    def one(name: str, caller: Caller) -> Any:
        """A rule"""
        for rule in _rules(parts, caller):
            if rule.name == name:
                return _told(rule, _planned(parts, caller))
        raise NotFound("There is no such rule.")

    return api


def _rules(parts: Parts, caller: Caller) -> tuple[Rule, ...]:
    return parts.library.rules(caller.account)


def _planned(parts: Parts, caller: Caller) -> dict[str, int]:
    found = parts.store.run(schedules.planned(caller.account))
    return {name.partition(":")[2].partition("#")[0]: at for name, at in found if name.startswith("rule:")}


def _told(rule: Rule, planned: dict[str, int]) -> dict[str, Any]:
    at = planned.get(rule.name)
    return {
        "name": rule.name,
        "event": rule.event or None,
        "to": f"group:{rule.to.group}" if rule.to.group else rule.to.kind,
        "template": rule.template or None,
        "flow": rule.flow or None,
        "channel": rule.channel or None,
        "next_at": iso(at) if at else None,
    }
