"""A schedule, and a contact's plan, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from ...engine.life import iso
from ...model.contact import Contact
from ...model.ids import partition_of
from ...model.plan import MADE, public_id
from ...model.schedule import Schedule

STATES = ("scheduled", "executed", "canceled", "expired", "skipped", "failed")
EXAMPLE = {
    "to": "+573001112233",
    "at": "2030-12-01T10:00:00-05:00",
    "template": {"name": "visit_today", "params": {"name": "{{ contact.name }}"}},
}


class Shown(Schema):
    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    at = fields.String(required=True, allow_none=True, metadata={"format": "date-time", "description": "When next."})
    every = fields.Dict(required=True, allow_none=True)
    contact_id = fields.String(required=True, allow_none=True)
    group = fields.String(required=True)
    rule = fields.String(required=True, allow_none=True, metadata={"description": "null for what was ordered by API"})
    entity = fields.String(required=True, allow_none=True)
    template = fields.String(required=True, allow_none=True)
    flow = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True, metadata={"description": "It did not go out."})
    made = fields.String(required=True, allow_none=True, metadata={"description": "The message's or process's id."})
    ended_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    last_run_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    runs = fields.Integer(required=True)


def of_contact(contact: Contact, partitions: int) -> list[dict[str, Any]]:
    """All that the contact is to be sent, and the last that were; `ms` is their place in a list."""
    partition = partition_of(contact.id, partitions)
    return [
        {
            **_nothing(),
            "id": public_id(partition, contact.id, plan.id),
            "ms": plan.at,
            "state": plan.state,
            "at": iso(plan.at),
            "contact_id": contact.id,
            "group": plan.group,
            "rule": plan.rule or None,
            "entity": plan.entity or None,
            **_sent(plan.send),
            "why": plan.why or None,
            "made": plan.made or None,
            "ended_at": iso(plan.ended_at) if plan.ended_at else None,
        }
        for plan in contact.plans
        if plan.state != MADE
    ]


def of_schedule(one: Schedule, next_at: int) -> dict[str, Any]:
    at = next_at or one.at
    return {
        **_nothing(),
        "id": one.id,
        "ms": one.created_at,
        "state": one.state,
        "at": iso(at) if at else None,
        "every": dict(one.every) or None,
        "contact_id": one.contact or None,
        "group": one.group,
        **_sent(one.send),
        "last_run_at": iso(one.last_run_at) if one.last_run_at else None,
        "runs": one.runs,
    }


def _sent(send: Mapping[str, Any]) -> dict[str, Any]:
    return {"template": send.get("template") or None, "flow": send.get("flow") or None}


def _nothing() -> dict[str, Any]:
    return {**dict.fromkeys(Shown().fields), "group": "", "runs": 0}
