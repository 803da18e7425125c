"""/v1/groups/<name>/messages: what was sent to a group, what is under way, and what waits for its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...engine.life import iso
from ...model import codec
from ...model.ids import partition_of
from ...model.plan import SCHEDULED, parts_of
from ...model.schedule import Run, Schedule
from ...store import broadcasts, contacts, group_sends, schedules
from . import groups
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, newest, page_of

if TYPE_CHECKING:
    from ...wiring import Parts


class GroupSend(Schema):
    """What goes, or went, to all of a group."""

    id = fields.String(required=True, metadata={"description": "Of the broadcast, schedule, plan or run."})
    kind = fields.String(required=True, metadata={"description": "broadcast, schedule, rule", "example": "broadcast"})
    at = fields.String(required=True, metadata={"format": "date-time", "description": "When it is, or was, due."})
    state = fields.String(
        required=True,
        metadata={"description": "scheduled, running, executed; of a broadcast its status.", "example": "executed"},
    )
    rule = fields.String(required=True, allow_none=True)
    entity = fields.String(required=True, allow_none=True)
    schedule_id = fields.String(required=True, allow_none=True)
    template = fields.String(required=True, allow_none=True)
    flow = fields.String(required=True, allow_none=True)
    contacts = fields.Integer(
        required=True, allow_none=True, metadata={"description": "That it has reached; null before its time."}
    )


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("groups_messages", "/groups", "What groups are sent.", keeper)
    api.scope = "groups"

    @api.door("GET", "/<name>/messages", query=PageQuery, gives=page_of(GroupSend), fails=(404,))
    def sent(query: Mapping[str, Any], name: str, caller: Caller) -> Any:
        """What was sent to a group and what waits, the newest first

        Broadcasts, schedules and rules; what waits for its time stands before what was sent. How each member fared is
        with the member: `/v1/contacts/{id}/messages`.
        """
        groups.find(parts, caller.account, name)
        page = newest(_rows(parts, caller.account, name), query, lambda row: (row["ms"], row["id"]))
        return {"items": _with_plans(parts, caller.account, page.items), "next": page.next}

    return api


def _rows(parts: Parts, account: str, group: str) -> Iterator[dict[str, Any]]:
    store = parts.store
    rules = {rule.name: rule for rule in parts.library.rules(account)}
    planned = dict(store.run(schedules.planned(account)))
    for name, at in planned.items():
        rule = rules.get(name.partition(":")[2].partition("#")[0]) if name.startswith("rule:") else None
        if rule is not None and rule.to.group == group:
            yield _row(f"rule:{rule.name}", "rule", at, SCHEDULED, rule=rule.name, **_sends(rule))
    for raw in store.run(schedules.records(account)).values():
        one = codec.decode(Schedule, raw)
        if one.group == group and one.state == SCHEDULED:
            at = planned.get(one.id, 0) or one.at
            yield _row(one.id, "schedule", at, SCHEDULED, schedule_id=one.id, **_sent(one.send))
    for raw in store.run(schedules.runs(account)).values():
        run = codec.decode(Run, raw)
        if run.group == group and not run.gone:
            yield _of_run(run, "running", rules)
    for past in store.run(group_sends.past(account, group)):
        yield _of_run(past, "executed", rules)
    for plan, at in group_sends.waiting(store, account, group):
        yield _row(plan, "rule", at, SCHEDULED)
    for id, _ in store.run(broadcasts.listed(account, below=2**52, count=group_sends.KEPT)):
        kept = store.run(broadcasts.get(id))
        if kept is not None and kept.broadcast.group == group:
            at = kept.started_at or kept.broadcast.created_at
            yield _row(id, "broadcast", at, kept.state, template=kept.broadcast.template, contacts=kept.total)


def _of_run(run: Run, state: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    about = {"rule": run.rule or None, "schedule_id": run.schedule or None, "contacts": run.reached}
    sends = _sent(run.send) if run.schedule else _sends(rules[run.rule]) if run.rule in rules else {}
    return _row(run.id, "rule" if run.rule else "schedule", run.at, state, entity=run.entity or None, **about, **sends)


def _sends(rule: Any) -> dict[str, Any]:
    return {"template": rule.template or None, "flow": rule.flow or None}


def _sent(send: Mapping[str, Any]) -> dict[str, Any]:
    return {"template": send.get("template") or None, "flow": send.get("flow") or None}


def _row(id: str, kind: str, at: int, state: str, **facts: Any) -> dict[str, Any]:
    shown = {**dict.fromkeys(GroupSend().fields), "id": id, "kind": kind, "state": state, **facts}
    return {**shown, "at": iso(at), "ms": at}


def _with_plans(parts: Parts, account: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a rule means to send because of an event stands with the contact whom that was about."""
    rules = {rule.name: rule for rule in parts.library.rules(account)}
    for row in rows:
        if row["id"].startswith("sc_"):
            _, contact_id, plan = parts_of(row["id"])
            partition = partition_of(contact_id, parts.store.partitions)
            found = parts.store.run(contacts.get(partition, contact_id))
            for one in found.plans if found else ():
                if one.id == plan:
                    sends = _sends(rules[one.rule]) if one.rule in rules else {}
                    row |= {"rule": one.rule, "entity": one.entity or None, **sends}
    return list(rows)
