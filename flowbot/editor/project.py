"""The schema of flowbot.yaml."""

from __future__ import annotations

from ..library import channels as numbers
from ..library import integrations as services
from ..library import project as doors
from ..library.office import DAYS
from ..library.one_time import CodesDoor
from ..library.outreach import OutreachDoor
from ..library.retention import NEVER, Kept, RetentionDoor
from . import hover, shapes
from .fields import SECRET, keys, properties, required
from .known import Known
from .shapes import Shape, either, one_of, ref, rows, suggested, table

NAME = {"pattern": "^[a-z][a-z0-9_-]{0,62}$", "patternErrorMessage": "Small letters, digits, _ and -."}


def project_schema(known: Known) -> Shape:
    shape = _told("project", keys(doors.ProjectDoor, {"accounts": table(ref("account"), propertyNames=NAME)}))
    definitions = {
        "account": _told("account", keys(doors.AccountDoor, _account(known))),
        "channel": _channel(),
        "endpoint": _told("endpoint", keys(doors.EndpointDoor, _endpoint(known))),
        "integration": _told("integration", keys(services.IntegrationDoor, _integration())),
        "action": _told("action", keys(services.ActionDoor)),
        "verifier": _told("verifier", keys(doors.VerifierDoor)),
        "codes": _told("codes", keys(CodesDoor)),
        "retention": _told("retention", keys(RetentionDoor, _retention())),
        "office": _office(),
        "outreach": _told("outreach", keys(OutreachDoor, _outreach())),
    }
    return shapes.document("A Flowbot project", shape, definitions)


def _account(known: Known) -> dict[str, Shape]:
    kinds = one_of(doors.FIELD_TYPES)
    return {
        "office": ref("office"),
        "outreach": ref("outreach"),
        "flows": _listed(known.flows),
        "channels": table(ref("channel"), propertyNames=NAME),
        "endpoints": rows(ref("endpoint")),
        "contact_fields": table(either(kinds, {**table(), "properties": {"type": kinds}})),
        "integrations": table(ref("integration")),
        "verifiers": table(ref("verifier")),
        "codes": ref("codes"),
        "retention": ref("retention"),
        "config": {"type": "object"},
    }


def _retention() -> dict[str, Shape]:
    kept = either(shapes.DURATION, {"const": NEVER})
    return {name: kept for name, one in RetentionDoor().fields.items() if isinstance(one, Kept) and not one.most}


def _integration() -> dict[str, Shape]:
    auth = keys(services.AuthDoor, {"basic": keys(services.BasicDoor)})
    return {"auth": _told("auth", auth), "actions": table(ref("action"), propertyNames=NAME)}


def _endpoint(known: Known) -> dict[str, Shape]:
    kinds = suggested((*doors.HOOK_TYPES, *doors.HOOK_GROUPS), {"type": "string", "pattern": r"^custom\."})
    return {
        "events": either({"const": "all"}, kinds, rows(kinds)),
        "flows": _listed(known.flows),
        "when": shapes.EXPRESSION,
    }


def _listed(names: tuple[str, ...]) -> Shape:
    one = suggested(names)
    return either({"const": "all"}, one, rows(one))


def _channel() -> Shape:
    """The keys of all gateways; each gateway asks for its own and refuses those of others."""
    shared = properties(numbers.ChannelDoor)
    every = {name: text for asks in numbers.GATEWAYS.values() for name, text in asks.own.items()}
    own = {name: shapes.told(shapes.TEXT, every[name]) for name in sorted(every) if name not in shared}
    made = shapes.keys({**own, **shared}, required=required(numbers.ChannelDoor))
    made["allOf"] = [
        {
            "if": {"properties": {"gateway": {"const": name}}, "required": ["gateway"]},
            "then": {
                "required": list(asks.required),
                "propertyNames": {"enum": list(dict.fromkeys((*shared, *asks.own)))},
            },
        }
        for name, asks in numbers.GATEWAYS.items()
    ]
    return _told("channel", made)


_SPAN: Shape = {"type": "string", "pattern": rf"^\d\d:\d\d\s*-\s*\d\d:\d\d$|{SECRET}", "examples": ["08:00-12:00"]}


def _outreach() -> dict[str, Shape]:
    return {"hours": either({"const": "office"}, ref("office")), "quiet": either(_SPAN, rows(_SPAN))}


def _office() -> Shape:
    days = "|".join(DAYS)
    part, span = f"({days})(-({days}))?", _SPAN
    return {
        "type": "object",
        "properties": {
            **{name: either(span, rows(span)) for name in (*DAYS, "mon-fri")},
            "holidays": either({"type": "string"}, {"type": "array"}),
        },
        "patternProperties": {f"^{part}( *, *{part})*$": either(span, rows(span))},
        "additionalProperties": False,
    }


def _told(place: str, shape: Shape) -> Shape:
    return {**shape, "properties": hover.explained(place, shape["properties"])}
