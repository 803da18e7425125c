"""Botsquad's broadcasts: a bot is a channel, a user an address like whatsapp+573001112233, its `optout` all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from marshmallow import RAISE, Schema, fields, validate

from ...broadcasts import standing
from ...errors import InvalidRequest, NotFound
from ...model import ids
from ...model.order import ConsentGiven, ContactEdited
from ...store import contacts, identity
from ..api import broadcasts, orders
from ..recipient import NO_NUMBER, read_recipient
from .entrance import WRONG, Refused, json_object, read, refusals, written

if TYPE_CHECKING:
    from ...model.contact import Contact, Identity
    from ...wiring import Parts
    from ..api.caller import Caller, Doorkeeper

ALL = "all"
MOST = 1000  # statuses in one answer
NAMES = {"/recipients": "users", "/channel": "bot", "/template/name": "template", "/template/language": "language"}


class Strict(Schema):
    class Meta:
        unknown = RAISE


class User(Strict):
    address = fields.String(required=True, validate=validate.Length(min=1, max=200))
    params = fields.Dict(keys=fields.String(), load_default=dict)


class Order(Strict):
    template = fields.String(required=True, validate=validate.Length(min=1, max=512))
    language = fields.String(load_default="", validate=validate.Length(max=35))
    params = fields.Dict(keys=fields.String(), load_default=dict)
    users = fields.List(fields.Nested(User), required=True, validate=validate.Length(1, broadcasts.INLINE))
    name = fields.String(load_default="", validate=validate.Length(max=200))
    user_authorized = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class Standing(Strict):
    limit = fields.Integer(load_default=MOST, validate=validate.Range(1, MOST))
    after = fields.String(load_default="", validate=validate.Length(max=400))
    failures_after = fields.String(load_default="", validate=validate.Length(max=400))


class OptOut(Strict):
    optout = fields.String(required=True, allow_none=True, validate=validate.OneOf([ALL]))


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    room = Blueprint("botsquad", __name__, url_prefix="/api/bot/<bot>")
    refusals(room, _error)

    def admit(bot: str, scope: str, writes: bool) -> Caller:
        caller = keeper.admit(scope, writes)
        if bot not in parts.library.account(caller.account).channels:
            raise NotFound("There is no such bot: it is a channel of the key's account.")
        return caller

    @room.post("/broadcast")
    def make(bot: str) -> Response:
        caller = admit(bot, "broadcasts", True)
        given = read(Order, json_object(request.get_data()))
        asked = {"name": given["template"], "language": given["language"], "params": given["params"]}
        people = [{"to": _number(one["address"]), "params": one["params"]} for one in given["users"]]
        body = {"channel": bot, "template": asked, "recipients": people, "name": given["name"]}
        body["user_authorized"] = given["user_authorized"]
        made = broadcasts.order_one(parts, caller, read(broadcasts.BroadcastRequest, body))
        return written({"id": made["broadcast_id"], **_shown(parts, caller.account, made["broadcast_id"], {})}, 201)

    @room.get("/broadcast/<id>")
    def one(bot: str, id: str) -> Response:
        """Statistics, one status per user, and those it failed for."""
        caller = admit(bot, "broadcasts", False)
        query = read(Standing, request.args.to_dict())
        return written({"id": id, **_shown(parts, caller.account, id, query, bot)})

    @room.get("/user/<address>")
    def user(bot: str, address: str) -> Response:
        caller = admit(bot, "contacts", False)
        _, found = _contact(parts, caller.account, address)
        if found is None:
            raise NotFound("There is no such user.")
        return written({"address": address, "optout": ALL if ALL in found.opted_out else None})

    @room.post("/user/<address>")
    def opt_out(bot: str, address: str) -> Response:
        caller = admit(bot, "contacts", True)
        given = read(OptOut, json_object(request.get_data()))
        who = _who(parts, caller.account, address)
        id = identity.resolve(parts.store, caller.account, who)
        change = "out" if given["optout"] else "in"
        nonce = orders.nonce(parts, caller)
        consent = ConsentGiven(nonce=nonce, topic=ALL, change=change, by=caller.key.name)
        known = ContactEdited(nonce=nonce, by=caller.key.name, to=who)  # who never wrote may have said so elsewhere
        key = f"{caller.account}/{bot}"
        orders.give_all(parts, [(id, key, known), (id, key, consent)])
        return written({"address": address, **given}, 202)

    return room


def _error(refused: Refused) -> tuple[int, Any]:
    return refused.status, {"error": refused.code, "message": refused.told(NAMES)}


def _shown(parts: Parts, account: str, id: str, query: Mapping[str, Any], bot: str = "") -> dict[str, Any]:
    kept = broadcasts.find(parts, account, id)
    if bot and kept.broadcast.channel != bot:
        raise NotFound("There is no such broadcast of this bot.")
    limit = query.get("limit", MOST)
    every = standing.statuses(parts.store, kept, after=query.get("after", ""), limit=limit)
    failed = standing.failures(parts.store, kept, after=query.get("failures_after", ""), limit=limit)
    return {
        "status": kept.state,
        "statistics": standing.counted(parts.store, kept),
        "statuses": [_status(one) for one in every.items],
        "next": every.next,
        "failures": [_status(one) for one in failed.items],
        "failures_next": failed.next,
    }


def _status(one: Mapping[str, Any]) -> dict[str, Any]:
    """Who has opted out of everything failed for the reason `optout` (R088)."""
    out = one["code"] == "opted_out"
    return {
        "address": "whatsapp" + one["to"] if str(one["to"]).startswith("+") else one["to"],
        "status": one["status"],
        "details": "optout" if out else one["reason"] or one["code"],
        "message_id": one["message_id"],
        "at": one["at"],
    }


def _number(address: str) -> str:
    """
    >>> _number("whatsapp+573001112233"), _number("+573001112233"), _number("3001112233")
    ('+573001112233', '+573001112233', '3001112233')
    """
    kind, plus, number = address.partition("+")
    return plus + number if plus and (not kind or kind == "whatsapp") else address


def _contact(parts: Parts, account: str, address: str) -> tuple[str, Contact | None]:
    who = _who(parts, account, address)
    id = identity.known(parts.store, account, who)
    found = parts.store.run(contacts.get(ids.partition_of(id, parts.store.partitions), id)) if id else None
    return id, found if found is not None and found.account == account else None


def _who(parts: Parts, account: str, address: str) -> Identity:
    who = read_recipient(_number(address), parts.library.account(account).default_country)
    if who is None:
        raise InvalidRequest(WRONG, mistakes=[("?address", NO_NUMBER)])
    return who
