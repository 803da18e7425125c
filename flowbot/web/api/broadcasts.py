"""/v1/broadcasts: one template to many, and how each of them fared."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ...broadcasts import check, standing
from ...broadcasts.audience import CSV, LINES, Bad, json_row
from ...broadcasts.intake import Intake, Taken
from ...broadcasts.order import ORDERS
from ...broadcasts.order import order as obey
from ...broadcasts.recipients import Reader, without
from ...engine.life import iso
from ...errors import NotFound
from ...model.broadcast import MAX_AGE, STATES, Broadcast, is_id, new_id
from ...model.duration import parse_duration
from ...store import broadcasts, groups
from ...store.broadcasts import Kept
from ..mistakes import escape
from ..start_request import TemplateRequest
from . import orders
from .broadcast_audience import accepted, begin, refuse, stream_audience
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, page_of
from .topics import odd_topic

if TYPE_CHECKING:
    from ...wiring import Parts

INLINE = 10_000  # recipients in the request itself
SHOWN = 1000  # recipients in the answer about one broadcast
EXAMPLE = "bc4k2m8q0e5r1t7v3x"
BODY = {
    "channel": "main",
    "template": {"name": "order_update", "params": {"order": "A-1043"}},
    "recipients": [{"to": "+573001112233", "params": {"name": "Ana"}}],
    "user_authorized": True,
}
AUDIENCES = {
    CSV: "phone,name\n+573001112233,Ana\n+573001112234,Ben\n",
    LINES: '{"to": "+573001112233", "params": {"name": "Ana"}}\n{"to": "+573001112234", "params": {"name": "Ben"}}\n',
}
_word = validate.Length(min=1, max=200)


def _duration(text: str) -> None:
    try:
        parse_duration(text)
    except ValueError:
        raise ValidationError("is no duration: write it like 36h or 4d") from None


class BroadcastRequest(Schema):
    channel = fields.String(required=True, validate=_word)
    template = fields.Nested(TemplateRequest, required=True)
    recipients = fields.List(
        fields.Raw(metadata={"type": "object"}),
        validate=validate.Length(min=1, max=INLINE),
        metadata={"description": f"`{{to, params?, fields?}}` each, at most {INLINE}."},
    )
    group = fields.String(validate=_word, metadata={"description": "To the members of a group, as they are now."})
    name = fields.String(load_default="", validate=validate.Length(max=200), metadata={"description": "For people."})
    topic = fields.String(load_default="", validate=validate.Length(max=200))
    user_authorized = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    max_age = fields.String(
        validate=[validate.Length(max=20), _duration],
        metadata={"description": "What has not left by then will not: 4d.", "example": "4d"},
    )
    dry_run = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def one_audience(self, _: Any, given: Any, **__: Any) -> None:
        if isinstance(given, dict) and {"recipients", "group"} <= set(given):
            raise ValidationError("or `recipients`: name one of the two", "group")


class BroadcastQuery(PageQuery):
    group = fields.String(load_default="", validate=validate.Length(max=200))
    status = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))


class AudienceQuery(Schema):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Look at all of it, and queue nothing."})


class BroadcastAccepted(Schema):
    """draft: it waits for its recipients; running; checked: nothing was wrong, and nothing was kept."""

    broadcast_id = fields.String(required=True, allow_none=True, metadata={"example": EXAMPLE})
    status = fields.String(required=True, validate=validate.OneOf([*STATES, "checked"]))
    total = fields.Integer(required=True, strict=True, metadata={"description": "Recipients, each counted once."})
    duplicates = fields.Integer(required=True, strict=True)


class Statistics(Schema):
    """total = pending + success + failure + cancelled, at any time."""

    total = fields.Integer(required=True, strict=True)
    pending = fields.Integer(required=True, strict=True)
    success = fields.Integer(required=True, strict=True, metadata={"description": "The provider has taken them."})
    failure = fields.Integer(required=True, strict=True)
    cancelled = fields.Integer(required=True, strict=True)
    delivered = fields.Integer(required=True, strict=True, metadata={"description": "Of those of success."})
    read = fields.Integer(required=True, strict=True)
    duplicates = fields.Integer(required=True, strict=True, metadata={"description": "Left out of total."})


class BroadcastShown(Schema):
    """One template to many."""

    id = fields.String(required=True, metadata={"example": EXAMPLE})
    name = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    template = fields.Dict(required=True)
    group = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(STATES))
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    started_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    statistics = fields.Nested(Statistics, required=True)


class RecipientStatus(Schema):
    """How it stands with one recipient."""

    contact_id = fields.String(required=True)
    to = fields.String(required=True, allow_none=True, metadata={"description": "null when it is too old."})
    message_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(["pending", "success", "failure", "cancelled"]))
    state = fields.String(required=True, allow_none=True, metadata={"description": "As of any message."})
    code = fields.String(required=True, allow_none=True, metadata={"example": "opted_out"})
    reason = fields.String(required=True, allow_none=True)
    at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class BroadcastDetail(BroadcastShown):
    """With a status for each recipient, the first thousand of them."""

    statuses = fields.List(fields.Nested(RecipientStatus), required=True)
    statuses_next = fields.String(
        required=True, allow_none=True, metadata={"description": "For `after` at /statuses; null: these are all."}
    )
    failures = fields.List(fields.Nested(RecipientStatus), required=True)
    failures_next = fields.String(required=True, allow_none=True, metadata={"description": "The same at /failures."})


class Ordered(Schema):
    broadcast_id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATES))


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("broadcasts", "/broadcasts", "One template to many.", keeper)

    def also(body: Mapping[str, Any], caller: Caller) -> Iterable[tuple[str, str]]:
        return _also(parts, caller, body)

    @api.door("POST", "", takes=BroadcastRequest, gives=BroadcastAccepted, status=202, example=BODY, also=also)
    def make(body: Mapping[str, Any], caller: Caller) -> Any:
        """Make a broadcast

        With `recipients` or a `group` it runs at once; without, it is a draft that waits for its recipients. Everything
        is looked at before anything is queued: any mistake, and nothing is.
        """
        return order_one(parts, caller, body)

    @api.door(
        "PUT",
        "/<broadcast_id>/recipients",
        query=AudienceQuery,
        gives=BroadcastAccepted,
        status=202,
        fails=(400, 404),
        streams=AUDIENCES,
    )
    def stream(query: Mapping[str, Any], broadcast_id: str, caller: Caller) -> Any:
        """Give a draft its recipients

        As CSV, the phone first, a column for each variable or contact field; or as JSON lines of
        `{to, params?, fields?}`. At most a million. Every bad row is told with its line, and then none counts: so it is
        when an upload breaks off. The same audience again changes nothing, and is told what became of it.
        """
        return stream_audience(parts, caller, find(parts, caller.account, broadcast_id), query["dry_run"])

    @api.door("GET", "", query=BroadcastQuery, gives=page_of(BroadcastShown))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List broadcasts, the newest first

        Of a group, or in a state, where one is named.
        """
        page = standing.listed(parts.store, caller.account, **query)
        return {"items": [_shown(parts, one) for one in page.items], "next": page.next}

    @api.door("GET", "/<broadcast_id>", gives=BroadcastDetail, fails=(404,))
    def one(broadcast_id: str, caller: Caller) -> Any:
        """How a broadcast stands, and how it stands with each recipient

        Of the recipients the first thousand; `/statuses` and `/failures` have the others, page by page.
        """
        kept = find(parts, caller.account, broadcast_id)
        everybody = standing.statuses(parts.store, kept, limit=SHOWN)
        failed = standing.failures(parts.store, kept, limit=SHOWN)
        return {
            **_shown(parts, kept),
            "statuses": everybody.items,
            "statuses_next": everybody.next,
            "failures": failed.items,
            "failures_next": failed.next,
        }

    @api.door("GET", "/<broadcast_id>/statuses", query=PageQuery, gives=page_of(RecipientStatus), fails=(404,))
    def statuses(query: Mapping[str, Any], broadcast_id: str, caller: Caller) -> Any:
        """How it stands with each recipient

        In the order in which they were given. What became of a message is kept for 8 days after its end.
        """
        return standing.statuses(parts.store, find(parts, caller.account, broadcast_id), **query)

    @api.door("GET", "/<broadcast_id>/failures", query=PageQuery, gives=page_of(RecipientStatus), fails=(404,))
    def failures(query: Mapping[str, Any], broadcast_id: str, caller: Caller) -> Any:
        """Whom it failed for, and why"""
        return standing.failures(parts.store, find(parts, caller.account, broadcast_id), **query)

    @api.door("POST", "/<broadcast_id>/<order>", gives=Ordered, status=202, fails=(404,))
    def ordered(broadcast_id: str, order: str, caller: Caller) -> Any:
        """Pause, resume or cancel it

        `order` is one of these words. What is on its way is not called back.
        """
        kept = find(parts, caller.account, broadcast_id)
        if order not in ORDERS:
            raise NotFound("There is no such order: pause, resume, cancel.")
        orders.nonce(parts, caller)
        return {"broadcast_id": broadcast_id, "status": obey(parts.store, kept, order)}

    return api


def find(parts: Parts, account: str, id: str) -> Kept:
    """NotFound also for another account's."""
    kept = parts.store.run(broadcasts.get(id)) if is_id(id) else None
    if kept is None or kept.broadcast.account != account:
        raise NotFound("There is no such broadcast.")
    return kept


def _also(parts: Parts, caller: Caller, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a request of which a part could not be read."""
    asked = body.get("template", {})
    body = {"channel": "", **body, "template": {"name": "", "language": "", "params": {}, **asked}}
    broadcast = _asked(parts, caller, {name: value for name, value in body.items() if name != "max_age"})
    known = {one.name: one for one in groups.every(parts.store, caller.account)} if broadcast.group else {}
    template, mistakes = check.look(parts.library, broadcast, known)
    yield from [*mistakes, *odd_topic(parts, caller.account, body)]
    reader = Reader(parts.library.account(caller.account), template)
    for at, one in enumerate(body.get("recipients", ())):
        row = json_row(f"/recipients/{at}", one)
        found = row if isinstance(row, Bad) else reader.read(row)
        if isinstance(found, Bad):
            yield found.line + found.at, found.reason
    if body.get("recipients"):
        for name in without(template, broadcast.params, reader.given):
            yield f"/template/params/{escape(name)}", f"'{name}' has no value: neither here, nor for any recipient"


def order_one(parts: Parts, caller: Caller, body: Mapping[str, Any]) -> dict[str, Any]:
    """The broadcast that the request asks for, once it is one without mistakes."""
    broadcast = _asked(parts, caller, body)
    known = {one.name: one for one in groups.every(parts.store, caller.account)} if broadcast.group else {}
    template, mistakes = check.look(parts.library, broadcast, known)
    mistakes += odd_topic(parts, caller.account, body)
    before = parts.store.run(broadcasts.get(broadcast.id))
    if before is not None and before.state != "draft":
        orders.note(parts, caller)
        return accepted(before)
    intake = Intake(parts.store, broadcast, secrets.token_hex(8))
    account, taken = parts.library.account(caller.account), Taken()
    if "recipients" in body:
        rows = (json_row(f"/recipients/{at}", one) for at, one in enumerate(body["recipients"]))
        taken = intake.rows(rows, account, template)
    elif broadcast.group and not mistakes:
        taken = intake.group(account, template)
    refuse(intake, [*mistakes, *((one.line + one.at, one.reason) for one in taken.mistakes())])
    check.refuse_if_not_approved(parts.library, broadcast)
    if not body["dry_run"]:
        orders.note(parts, caller)
    else:
        intake.discard()
        return {"broadcast_id": None, "status": "checked", "total": taken.total, "duplicates": taken.duplicates}
    old = broadcasts.unlist(caller.account, broadcast.created_at - broadcasts.KEPT)
    parts.store.all([broadcasts.make(broadcast), broadcasts.list_it(broadcast), old])
    if "recipients" in body or broadcast.group:
        return begin(parts, intake, broadcast, taken)
    return {"broadcast_id": broadcast.id, "status": "draft", "total": 0, "duplicates": 0}


def _asked(parts: Parts, caller: Caller, body: Mapping[str, Any]) -> Broadcast:
    asked = body["template"]
    return Broadcast(
        id=new_id(caller.account, orders.seed(caller)),
        account=caller.account,
        channel=body["channel"],
        template=asked["name"],
        language=asked["language"],
        params=asked["params"],
        name=body["name"],
        topic=body["topic"],
        group=body.get("group", ""),
        user_authorized=body["user_authorized"],
        max_age=parse_duration(body["max_age"]) if "max_age" in body else MAX_AGE,
        created_at=parts.store.now(),
        by=caller.key.name,
    )


def _shown(parts: Parts, kept: Kept) -> dict[str, Any]:
    one = kept.broadcast
    return {
        "id": one.id,
        "name": one.name or None,
        "channel": one.channel,
        "template": {"name": one.template, "language": one.language or None, "params": dict(one.params)},
        "group": one.group or None,
        "status": kept.state,
        "created_at": iso(one.created_at),
        "started_at": iso(kept.started_at) if kept.started_at else None,
        "statistics": standing.counted(parts.store, kept),
    }
