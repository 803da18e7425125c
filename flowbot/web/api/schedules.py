"""/v1/schedules: what goes out at a certain time, or again and again; to one contact, or to all of a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from ...errors import Conflict, NotFound
from ...model import codec, ids
from ...model.contact import Contact
from ...model.plan import SCHEDULED, parts_of, plan_id, public_id
from ...model.planning import PlanCanceled, PlanOrdered
from ...model.quick import replace
from ...model.schedule import Schedule
from ...store import groups, identity, schedules
from . import contacts, orders
from . import schedule_look as look
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, newest, page_of
from .schedule_order import Asked, Order, read_order
from .topics import odd_topic

if TYPE_CHECKING:
    from ...wiring import Parts

MOST = 10_000  # of one account that wait, or are kept
PREFIX = "sa_"


class Accepted(Schema):
    """It is stored, and goes out when its time has come."""

    schedule_id = fields.String(required=True)
    contact_id = fields.String(required=True, allow_none=True)


class ScheduleQuery(PageQuery):
    contact_id = fields.String(load_default="", metadata={"description": "What one contact is sent, rules' too."})
    group = fields.String(load_default="")
    state = fields.String(load_default="", validate=validate.OneOf(["", *look.STATES]))


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("schedules", "/schedules", "What goes out at a certain time, or again and again.", keeper)

    def read(body: Mapping[str, Any], caller: Caller) -> tuple[Asked, list[tuple[str, str]]]:
        asked, wrong = read_order(body, parts.library.account(caller.account), parts.library, parts.store.now())
        if asked.group and groups.find(parts.store, caller.account, asked.group) is None:
            wrong.append(("/group", "there is no such group"))
        return asked, [*wrong, *odd_topic(parts, caller.account, body)]

    def also(body: Mapping[str, Any], caller: Caller) -> list[tuple[str, str]]:
        return read(body, caller)[1] + contacts.missing(parts, caller.account, body)

    @api.door("POST", "", takes=Order, gives=Accepted, status=202, fails=(404,), example=look.EXAMPLE, also=also)
    def order(body: Mapping[str, Any], caller: Caller) -> Any:
        """Send a template, or start a flow, at a certain time

        To one contact or to a group; once (`at`) or again and again (`every`). Values may hold `{{ contact.name }}`:
        they are computed when it is sent. What cannot go out for four days (`max_age`) is not sent any more.
        """
        asked, wrong = read(body, caller)
        contacts.refuse(wrong, contacts.missing(parts, caller.account, body))
        person = _person(parts, caller.account, asked)
        nonce = orders.nonce(parts, caller)
        if person and asked.at:
            return _plan(parts, caller.account, person, nonce, asked)
        return _schedule(parts, caller, nonce, asked, person)

    @api.door("GET", "", query=ScheduleQuery, gives=page_of(look.Shown), fails=(404,))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List schedules, the newest first

        With `contact_id`, all that this contact is to be sent by schedules and rules, and the last that were.
        """
        if query["contact_id"]:
            contact = contacts.find(parts, caller.account, query["contact_id"])
            rows = look.of_contact(contact, parts.store.partitions)
            rows += [row for row in _of_account(parts, caller.account) if row["contact_id"] == contact.id]
        else:
            rows = _of_account(parts, caller.account)
        wanted = [row for row in rows if query["state"] in ("", row["state"]) and query["group"] in ("", row["group"])]
        return newest(wanted, query, lambda row: (row["ms"], row["id"]))

    @api.door("GET", "/<schedule_id>", gives=look.Shown, fails=(404,))
    def one(schedule_id: str, caller: Caller) -> Any:
        """A schedule"""
        found = _find(parts, caller.account, schedule_id)
        if isinstance(found, Schedule):
            planned = dict(parts.store.run(schedules.planned(caller.account)))
            return look.of_schedule(found, planned.get(found.id, 0))
        return next(row for row in look.of_contact(found, parts.store.partitions) if row["id"] == schedule_id)

    @api.door("DELETE", "/<schedule_id>", gives=Accepted, status=202, fails=(404,))
    def cancel(schedule_id: str, caller: Caller) -> Any:
        """Cancel what has not gone out

        A schedule that is over is taken off the list.
        """
        found = _find(parts, caller.account, schedule_id)
        if isinstance(found, Contact):
            (row,) = (row for row in look.of_contact(found, parts.store.partitions) if row["id"] == schedule_id)
            _refuse_if_over(row["state"])
            plan = parts_of(schedule_id)[2]
            event = PlanCanceled(nonce=orders.nonce(parts, caller), plan=plan, by=caller.key.name)
            for key in orders.channels_of(parts, caller.account, found.id)[:1]:
                orders.give(parts, found.id, key, event)
            return {"schedule_id": schedule_id, "contact_id": found.id}
        orders.note(parts, caller)
        parts.store.run(schedules.drop(caller.account, found.id))
        if found.state != SCHEDULED:
            parts.store.run(schedules.remove(caller.account, found.id))
        else:
            record = codec.encode(replace(found, state="canceled"))
            parts.store.run(schedules.rewrite(caller.account, found.id, record))
        return {"schedule_id": schedule_id, "contact_id": found.contact or None}

    return api


def _person(parts: Parts, account: str, asked: Asked) -> str:
    """The contact whom it is for; "" for a group."""
    if asked.contact_id:
        return contacts.find(parts, account, asked.contact_id).id
    return identity.resolve(parts.store, account, asked.to) if asked.to else ""


def _plan(parts: Parts, account: str, person: str, nonce: str, asked: Asked) -> dict[str, Any]:
    plan = plan_id("api", nonce)
    order = PlanOrdered(nonce=nonce, plan=plan, at=asked.at, send=asked.send, authorized=asked.authorized, to=asked.to)
    known = orders.channels_of(parts, account, person)
    orders.give(parts, person, f"{account}/{asked.channel}" if asked.channel else known[0], order)
    partition = ids.partition_of(person, parts.store.partitions)
    return {"schedule_id": public_id(partition, person, plan), "contact_id": person}


def _schedule(parts: Parts, caller: Caller, nonce: str, asked: Asked, who: str) -> dict[str, Any]:
    if len(parts.store.run(schedules.records(caller.account))) >= MOST:
        raise Conflict(f"There are {MOST} schedules already: delete some that are over.", code="too_many_schedules")
    if asked.contact_id:
        contact = contacts.find(parts, caller.account, asked.contact_id)
        to = contact.number or contact.bsuid
    else:
        to = (asked.to.number or asked.to.bsuid) if asked.to else ""
    one = Schedule(
        id=PREFIX + ids.digest("schedule", nonce),
        account=caller.account,
        at=asked.at,
        every=asked.every,
        group=asked.group,
        to=to,
        contact=who,
        channel=asked.channel,
        send=asked.send,
        authorized=asked.authorized,
        created_at=parts.store.now(),
        by=caller.key.name,
    )
    parts.store.run(schedules.add(caller.account, one.id, asked.first, codec.encode(one)))
    return {"schedule_id": one.id, "contact_id": who or None}


def _find(parts: Parts, account: str, schedule_id: str) -> Schedule | Contact:
    """The schedule, or the contact that has the plan."""
    if schedule_id.startswith(PREFIX):
        raw = parts.store.run(schedules.get(account, schedule_id))
        if raw is not None:
            return codec.decode(Schedule, raw)
        raise NotFound("There is no such schedule.")
    try:
        _, contact_id, plan = parts_of(schedule_id)
    except ValueError:
        raise NotFound("There is no such schedule.") from None
    contact = contacts.find(parts, account, contact_id)
    if not any(one.id == plan for one in contact.plans):
        raise NotFound("There is no such schedule, or it was long ago.")
    return contact


def _of_account(parts: Parts, account: str) -> list[dict[str, Any]]:
    planned = dict(parts.store.run(schedules.planned(account)))
    found = [codec.decode(Schedule, raw) for raw in parts.store.run(schedules.records(account)).values()]
    return [look.of_schedule(one, planned.get(one.id, 0)) for one in found]


def _refuse_if_over(state: str) -> None:
    if state != SCHEDULED:
        raise Conflict(f"It is {state} already.", code="schedule_ended")
