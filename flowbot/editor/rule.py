"""The schema of rules/*.yaml."""

from __future__ import annotations

from ..library import recurrence
from ..library import rules as doors
from . import hover, shapes
from .fields import properties
from .known import Known
from .shapes import DURATION, EXPRESSION, TEXT, Shape, either, one_of, suggested, table


def rules_schema(known: Known) -> Shape:
    rule = hover.explained("rule", properties(doors.RuleDoor, _parts(known)))
    shape = {
        **shapes.keys(rule),
        "allOf": [
            {"oneOf": [{"required": [one]} for one in pair]} for pair in (("event", "every"), ("template", "start"))
        ],
    }
    return shapes.document("Rules: what the business sends by itself", table(shape, propertyNames=_name()), {})


def _parts(known: Known) -> dict[str, Shape]:
    receiver = either(
        one_of(("subject", "actor")),
        shapes.keys({"group": {"type": "string"}}, required=["group"]),
        shapes.keys({"contact": TEXT}, required=["contact"]),
    )
    return {
        "every": _every(),
        "when": EXPRESSION,
        "at": _moment(),
        "to": receiver,
        "template": suggested(known.templates),
        "start": suggested(known.flows),
        "with": {"type": "object"},
        "max_age": DURATION,
        "channel": suggested(known.channels),
        "account": shapes.one_or_more(suggested(known.accounts)),
    }


def _every() -> Shape:
    parts: dict[str, Shape] = {
        "hourly": either({"const": True}, {"type": "integer", "minimum": 1, "maximum": 23}),
        "daily": {"const": True},
        "weekdays": {"const": True},
        "monthly": shapes.one_or_more({"type": "integer", "minimum": 1, "maximum": 31}),
        "date": EXPRESSION,
        "plus": DURATION,
        "minus": DURATION,
        "timezone": shapes.zones(),
    }
    named = hover.explained("rule_every", properties(recurrence.EveryDoor, parts))
    kinds = (*recurrence.KINDS, "date")
    return either(one_of(recurrence.WORDS), {**shapes.keys(named), "oneOf": [{"required": [kind]} for kind in kinds]})


def _moment() -> Shape:
    parts: dict[str, Shape] = {"date": EXPRESSION, "plus": DURATION, "minus": DURATION}
    return shapes.keys(hover.explained("rule_at", properties(doors.MomentDoor, parts)), required=["date"])


def _name() -> Shape:
    return {"pattern": "^[a-z][a-z0-9_-]{0,62}$"}
