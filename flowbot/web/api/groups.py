"""/v1/groups: contacts that belong together, whether a flow or a client's system put them there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from ...engine.life import iso
from ...errors import Conflict, InvalidRequest, NotFound
from ...model import ids
from ...model.contact import Contact as Person
from ...model.contact import Identity
from ...model.order import ContactEdited
from ...store import contacts, groups, identity
from ..recipient import read_recipient
from . import orders
from .caller import Caller, Doorkeeper
from .contacts import Contact, shown
from .door import Blueprint
from .pages import PageQuery, by_name, page_of

if TYPE_CHECKING:
    from ...store.groups import Group as Kept
    from ...wiring import Parts

MOST = 1000  # members of one request
MEMBERS = {"add": ["+573001112233"], "remove": ["+573001112234"]}
_CONTACT = re.compile(r"c[0-9a-z]{16}")
_name = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z", error="letters, digits, _ . and -, at most 64")
_who = validate.Length(min=1, max=200)


class NewGroup(Schema):
    name = fields.String(required=True, validate=_name, metadata={"example": "mothers"})
    title = fields.String(load_default="", validate=validate.Length(max=200))


class Group(Schema):
    """Contacts that belong together."""

    name = fields.String(required=True, metadata={"example": "mothers"})
    title = fields.String(required=True, allow_none=True)
    members = fields.Integer(required=True, strict=True)
    created_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "description": "null: a flow made it."}
    )


class Members(Schema):
    """Each a phone number, a business-scoped user id or a contact's id."""

    add = fields.List(fields.String(validate=_who), load_default=list, validate=validate.Length(max=MOST))
    remove = fields.List(fields.String(validate=_who), load_default=list, validate=validate.Length(max=MOST))


class MembersAccepted(Schema):
    """It is stored, and done for each contact in its turn."""

    accepted = fields.Integer(required=True, strict=True, metadata={"description": "Contacts that it is about."})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("groups", "/groups", "Groups of contacts.", keeper)

    @api.door("POST", "", takes=NewGroup, gives=Group, status=201, example={"name": "mothers"})
    def make(body: Mapping[str, Any], caller: Caller) -> Any:
        """Make a group"""
        orders.nonce(parts, caller)
        made = groups.Group(name=body["name"], title=body["title"], created_at=parts.store.now())
        if not parts.store.run(groups.define(caller.account, made)):
            raise Conflict("There is a group of that name.", code="group_exists")
        return _shown(parts, caller.account, [made])[0]

    @api.door("GET", "", query=PageQuery, gives=page_of(Group))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List groups by name"""
        page = by_name({one.name: one for one in groups.every(parts.store, caller.account)}, query)
        return {"items": _shown(parts, caller.account, page.items), "next": page.next}

    @api.door("GET", "/<name>", gives=Group, fails=(404,))
    def one(name: str, caller: Caller) -> Any:
        """A group"""
        return _shown(parts, caller.account, [find(parts, caller.account, name)])[0]

    @api.door("GET", "/<name>/members", query=PageQuery, gives=page_of(Contact), fails=(404,))
    def members(query: Mapping[str, Any], name: str, caller: Caller) -> Any:
        """The contacts of a group"""
        find(parts, caller.account, name)
        page = groups.members(parts.store, caller.account, name, after=query["after"], limit=query["limit"])
        calls = [contacts.get(ids.partition_of(id, parts.store.partitions), id) for id in page.items]
        people = [one for one in parts.store.run_all(calls) if isinstance(one, Person)]
        return {"items": shown(parts, people), "next": page.next}

    def also(body: Mapping[str, Any], caller: Caller, name: str) -> list[tuple[str, str]]:
        return _nobody(parts, caller.account, body)[1]

    @api.door(
        "POST",
        "/<name>/members",
        takes=Members,
        gives=MembersAccepted,
        status=202,
        fails=(404,),
        example=MEMBERS,
        also=also,
    )
    def change(body: Mapping[str, Any], name: str, caller: Caller) -> Any:
        """Add contacts to a group, and take some out

        Who is not known yet becomes a contact. Each change stands in its contact's history.
        """
        find(parts, caller.account, name)
        who = _everybody(parts, caller.account, body)
        nonce = orders.nonce(parts, caller)
        marks = {**dict.fromkeys(who[: len(body["add"])], True), **dict.fromkeys(who[len(body["add"]) :], False)}
        people = list(marks)
        channels = orders.channels_of_all(parts, caller.account, [id for id, _ in people])
        orders.give_all(
            parts,
            [
                (id, keys[0], _order(f"{nonce}:{id}", name, marks[id, to], to, caller.key.name))
                for (id, to), keys in zip(people, channels, strict=True)
            ],
        )
        return {"accepted": len(people)}

    return api


def find(parts: Parts, account: str, name: str) -> Kept:
    found = groups.find(parts.store, account, name)
    if found is None:
        raise NotFound("There is no such group.")
    return found


def _order(nonce: str, group: str, on: bool, to: Identity | None, by: str) -> ContactEdited:
    return ContactEdited(nonce=nonce, groups={group: on}, by=by, to=to)


def _everybody(parts: Parts, account: str, body: Mapping[str, Any]) -> list[tuple[str, Identity | None]]:
    """The contact of each, those to add first; InvalidRequest for who is nobody."""
    told, wrong = _nobody(parts, account, body)
    if wrong:
        raise InvalidRequest("The request has mistakes.", mistakes=wrong)
    found = iter(identity.resolve_many(parts.store, [(account, who) for _, who in told if who is not None]))
    return [(one, None) if who is None else (next(found), who) for one, who in told]


def _nobody(
    parts: Parts, account: str, body: Mapping[str, Any]
) -> tuple[list[tuple[str, Identity | None]], list[tuple[str, str]]]:
    """Each as it was written, with who it is, or None for a contact's id; and the mistakes: who is neither."""
    country = parts.library.account(account).default_country
    given = [(f"/{way}/{at}", one) for way in ("add", "remove") for at, one in enumerate(body[way])]
    written = [(pointer, one) for pointer, one in given if one is not None]
    named = {one for _, one in written if _CONTACT.fullmatch(one)}
    known = {one for one in named if _is_ours(parts, account, one)}
    people = [None if one in known else read_recipient(one, country) for _, one in written]
    wrong = [
        (pointer, "is neither a phone number with its country code, nor a contact of this account")
        for (pointer, one), who in zip(written, people, strict=True)
        if who is None and one not in known
    ]
    return [(one, who) for (_, one), who in zip(written, people, strict=True)], wrong


def _is_ours(parts: Parts, account: str, id: str) -> bool:
    found = parts.store.run(contacts.get(ids.partition_of(id, parts.store.partitions), id))
    return found is not None and found.account == account


def _shown(parts: Parts, account: str, found: Sequence[Kept]) -> list[dict[str, Any]]:
    counted = groups.counts(parts.store, account, [one.name for one in found])
    return [
        {
            "name": one.name,
            "title": one.title or None,
            "members": count,
            "created_at": iso(one.created_at) if one.created_at else None,
        }
        for one, count in zip(found, counted, strict=True)
    ]
