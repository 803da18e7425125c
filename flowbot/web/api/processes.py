"""/v1/processes: how conversations stand and how they ended, one by one, listed, and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response
from marshmallow import Schema, fields, validate

from ...store import listing, processes
from ...store.listing import Page
from .. import processes as shown
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .moment import moment
from .pages import PageQuery, page_of
from .table import table

if TYPE_CHECKING:
    from ...wiring import Parts

EXAMPLE = "pr_19_6ah8m2k4q0e5r1t7v3x9z2b4"
SAID = ("inputs", "answers", "result")  # in a table as JSON
COLUMNS = (
    "process_id",
    "flow",
    "flow_version",
    "channel",
    "account_id",
    "contact_id",
    "phone",
    "user_id",
    "name",
    "status",
    "outcome",
    "reason",
    "failed_step",
    "started_at",
    "ended_at",
    *SAID,
)


class ContactShort(Schema):
    id = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+573001112233"})
    user_id = fields.String(allow_none=True, metadata={"description": "Business-scoped user id."})
    name = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True, metadata={"example": "es"})


class Process(Schema):
    """One run of a flow by a contact; the same object as a hook's `data`."""

    process_id = fields.String(required=True, metadata={"example": EXAMPLE})
    account = fields.String(required=True)
    channel = fields.String(required=True)
    flow = fields.String(required=True, metadata={"example": "identity"})
    flow_version = fields.String(required=True, allow_none=True)
    account_id = fields.String(required=True, allow_none=True, metadata={"description": "The client's own id."})
    contact = fields.Nested(ContactShort, required=True)
    status = fields.String(required=True, validate=validate.OneOf(["pending", "success", "failure"]))
    outcome = fields.String(required=True, allow_none=True, metadata={"example": "succeeded"})
    reason = fields.String(required=True, allow_none=True)
    failed_step = fields.String(required=True, allow_none=True)
    inputs = fields.Dict(required=True)
    answers = fields.Dict(required=True)
    verifications = fields.List(fields.Dict(), required=True)
    result = fields.Dict(required=True)
    started_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    ended_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    sequence = fields.Integer(metadata={"description": "Of the hook that told of it last; not while it is pending."})
    overridden = fields.Dict(metadata={"description": "When, by whom and why, and what it was before."})


class ProcessQuery(PageQuery):
    status = fields.String(validate=validate.OneOf(["pending", "success", "failure"]))
    outcome = fields.String()
    reason = fields.String()
    flow = fields.String()
    channel = fields.String()
    account_id = fields.String()
    from_ = moment(data_key="from", metadata={"description": "Begun then or later.", "example": "2026-11-21T00:00:00Z"})
    to = moment(metadata={"description": "Begun before then."})


SAME = ("status", "outcome", "reason", "flow", "channel", "account_id")  # what a filter compares


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("processes", "/processes", "Runs of flows, and their results.", keeper)

    @api.door("GET", "", query=ProcessQuery, gives=page_of(Process))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List processes, the newest first"""
        return _page(parts, caller.account, query)

    @api.door("GET", "/csv", query=ProcessQuery, content_type="text/csv")
    def as_csv(query: Mapping[str, Any], caller: Caller) -> Response:
        """The same list as a table

        Page by page, as the list; `Link` names the next one. Inputs, answers and the result are JSON. A text that a
        spreadsheet would take for a formula is written with an apostrophe before it.
        """
        found = _page(parts, caller.account, query)
        return table(COLUMNS, [_row(record) for record in found.items], found.next)

    @api.door("GET", "/<process_id>", gives=Process, fails=(404,))
    def one(process_id: str, caller: Caller) -> Any:
        """How a process stands

        Of an open one, with the answers so far. A client that lost a hook finds the same here.
        """
        return shown.find(parts.store, caller.account, process_id)

    return api


def _page(parts: Parts, account: str, query: Mapping[str, Any]) -> Page[dict[str, Any]]:
    wanted = {name: query[name] for name in SAME if name in query}
    since, until = query.get("from_"), query.get("to")

    def read(ids: list[str]) -> list[dict[str, Any] | None]:
        records = parts.store.run_all([processes.get(id) for id in ids])
        return [record if isinstance(record, dict) and _is(record, wanted) else None for record in records]

    return listing.page(
        parts.store,
        account,
        "pr",
        read,
        after=query["after"],
        since=int(since.timestamp() * 1000) if since else 0,
        until=int(until.timestamp() * 1000) if until else 0,
        limit=query["limit"],
    )


def _is(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(record.get(name) == value for name, value in wanted.items())


def _row(record: Mapping[str, Any]) -> list[Any]:
    contact = record["contact"]
    flat = {**record, "contact_id": contact["id"], **{name: contact.get(name) for name in ("phone", "user_id", "name")}}
    flat |= {name: orjson.dumps(record.get(name) or {}).decode() for name in SAID}
    return [flat.get(name) for name in COLUMNS]
