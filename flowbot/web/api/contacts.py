"""/v1/contacts: who wrote, what is known of them, and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import Schema, fields, validate

from ...engine.life import iso
from ...errors import InvalidRequest, NotFound, StoreError
from ...model import ids
from ...model.broadcast import message_id
from ...model.contact import Contact as Person
from ...store import broadcasts, contacts, history, identity, listing, outbox
from ...store.listing import Page
from ..recipient import NO_NUMBER, read_recipient
from .caller import Caller, Doorkeeper
from .consents import Change, changes
from .door import Blueprint
from .newcomer import newcomer
from .pages import PageQuery, newest, page_of

if TYPE_CHECKING:
    from ...store.client import Store
    from ...wiring import Parts


class Unreachable(Schema):
    """The provider says that nobody is there: nothing that you start is sent, until the contact writes."""

    code = fields.String(required=True, metadata={"description": "The provider's own.", "example": "1002"})
    since = fields.String(required=True, metadata={"format": "date-time"})


SHOWN = 20  # entries of the ledger in the answer about one contact
BROADCASTS = 200  # of the account, the latest: those that are looked at for a contact


class Counts(Schema):
    """How its conversations began, how many were left by a word, and the templates that were no conversation's: by the
    API, by rules, schedules and broadcasts, or a step's `template` with `to`.
    """

    user_initiated = fields.Integer(required=True)
    business_initiated = fields.Integer(required=True)
    canceled = fields.Integer(required=True)
    notifications = fields.Integer(required=True)


class Contact(Schema):
    """A person in this account."""

    id = fields.String(required=True, metadata={"example": "c961y5k2m4q6r8t0"})
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+573001112233"})
    user_id = fields.String(required=True, allow_none=True, metadata={"description": "Business-scoped user id."})
    name = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True, allow_none=True)
    country = fields.String(required=True, allow_none=True)
    fields_ = fields.Dict(required=True, data_key="fields", metadata={"description": "The declared `contact_fields`."})
    labels = fields.List(fields.String(), required=True)
    groups = fields.List(fields.String(), required=True)
    opted_out = fields.List(
        fields.String(), required=True, metadata={"description": "Topics, categories of templates, or `all`."}
    )
    opted_in = fields.List(fields.String(), required=True)
    unreachable = fields.Nested(Unreachable, required=True, allow_none=True)
    blocked = fields.Boolean(required=True)
    counts = fields.Nested(Counts, required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    last_seen_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class ContactDetail(Contact):
    """With its ledger."""

    consent = fields.List(fields.Nested(Change), required=True, metadata={"description": "The newest first."})
    consent_next = fields.String(
        required=True, allow_none=True, metadata={"description": "For `after` at /consent; null: these are all."}
    )


class Sent(Schema):
    """A message to a contact."""

    id = fields.String(required=True)
    at = fields.String(required=True, metadata={"format": "date-time"})
    kind = fields.String(required=True)
    key = fields.String(required=True, allow_none=True, metadata={"description": "The content entry."})
    state = fields.String(
        required=True, allow_none=True, metadata={"description": "null when older than the 8 days that it is kept."}
    )


class ContactQuery(PageQuery):
    to = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "A phone number, or a business-scoped user id."},
    )


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("contacts", "/contacts", "People.", keeper)

    @api.door("GET", "", query=ContactQuery, gives=page_of(Contact))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List contacts, the newest first

        With `to`, the one that is known by it, or none.
        """
        if query["to"]:
            return {"items": _known(parts, caller.account, query["to"]), "next": None}

        def read(ids_: list[str]) -> list[Mapping[str, Any] | None]:
            calls = [contacts.get(ids.partition_of(id, parts.store.partitions), id) for id in ids_]
            found = parts.store.run_all(calls)
            made = _notices(parts, ids_)
            return [told(one, n) if isinstance(one, Person) else None for one, n in zip(found, made, strict=True)]

        return listing.page(parts.store, caller.account, "c", read, after=query["after"], limit=query["limit"])

    @api.door("GET", "/<contact_id>", gives=ContactDetail, fails=(404,))
    def one(contact_id: str, caller: Caller) -> Any:
        """A contact, with what it agreed to

        Of its ledger the latest entries; `/consent` has all, page by page.
        """
        (found,) = shown(parts, [find(parts, caller.account, contact_id)])
        ledger = changes(parts.store, contact_id, {"after": "", "limit": SHOWN})
        return {**found, "consent": ledger.items, "consent_next": ledger.next}

    @api.door("GET", "/<contact_id>/consent", query=PageQuery, gives=page_of(Change), fails=(404,))
    def consent(query: Mapping[str, Any], contact_id: str, caller: Caller) -> Any:
        """What a contact agreed to and took back, the newest first"""
        find(parts, caller.account, contact_id)
        return changes(parts.store, contact_id, query)

    @api.door("GET", "/<contact_id>/messages", query=PageQuery, gives=page_of(Sent), fails=(404,))
    def messages(query: Mapping[str, Any], contact_id: str, caller: Caller) -> Any:
        """What was sent to a contact and what waits, the newest first"""
        find(parts, caller.account, contact_id)
        return _sent(parts.store, caller.account, contact_id, query)

    return api


def _known(parts: Parts, account: str, to: str) -> list[dict[str, Any]]:
    who = read_recipient(to, parts.library.account(account).default_country)
    if who is None:
        raise InvalidRequest("The request has mistakes.", mistakes=[("?to", NO_NUMBER)])
    id = identity.known(parts.store, account, who)
    try:
        return shown(parts, [find(parts, account, id)]) if id else []
    except NotFound:
        return []


def find(parts: Parts, account: str, contact_id: str) -> Person:
    """Also one whose first orders still wait; NotFound also for another account's."""
    read = contacts.get(ids.partition_of(contact_id, parts.store.partitions), contact_id)
    found = parts.store.run(read) or newcomer(parts, account, contact_id)
    found = found or parts.store.run(read)  # the worker may just have done them
    if found is None or found.account != account:
        raise NotFound("There is no such contact.")
    return found


def missing(parts: Parts, account: str, body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The mistake that a body's `contact_id` is, if it is one."""
    try:
        if id := body.get("contact_id"):
            find(parts, account, id)
    except NotFound:
        return [("/contact_id", "there is no such contact")]
    return []


def refuse(wrong: list[tuple[str, str]], missing: list[tuple[str, str]]) -> None:
    """InvalidRequest with all of it; NotFound when nothing is wrong but that the contact is missing."""
    if wrong:
        raise InvalidRequest("The request has mistakes.", mistakes=[*wrong, *missing])
    if missing:
        raise NotFound("There is no such contact.")


def shown(parts: Parts, people: Sequence[Person]) -> list[dict[str, Any]]:
    made = _notices(parts, [one.id for one in people])
    return [told(one, n) for one, n in zip(people, made, strict=True)]


def _notices(parts: Parts, contact_ids: Sequence[str]) -> list[int]:
    """How many messages of broadcasts were made for each."""
    partitions = parts.store.partitions
    return parts.store.all([contacts.notices(ids.partition_of(one, partitions), one) for one in contact_ids])


def told(contact: Person, notices: int = 0) -> dict[str, Any]:
    """`notices`: of broadcasts, which its record does not count."""
    return {
        "id": contact.id,
        "phone": "+" + contact.number if contact.number else None,
        "user_id": contact.bsuid or None,
        "name": contact.name or None,
        "language": contact.language or None,
        "timezone": contact.timezone or None,
        "country": contact.country or None,
        "fields_": dict(contact.fields),
        "labels": list(contact.labels),
        "groups": list(contact.groups),
        "opted_out": list(contact.opted_out),
        "opted_in": list(contact.opted_in),
        "unreachable": _unreachable(contact),
        "blocked": contact.blocked,
        "counts": {
            "user_initiated": contact.counts.get("user", 0),
            "business_initiated": contact.counts.get("business", 0),
            "canceled": contact.counts.get("canceled", 0),
            "notifications": contact.counts.get("notification", 0) + notices,
        },
        "created_at": iso(contact.created_at),
        "last_seen_at": iso(contact.last_seen_at) if contact.last_seen_at else None,
    }


def _unreachable(contact: Person) -> dict[str, str] | None:
    return {"code": contact.unreachable, "since": iso(contact.unreachable_at)} if contact.unreachable else None


def _sent(store: Store, account: str, contact_id: str, query: Mapping[str, Any]) -> Page[dict[str, Any]]:
    """From the contact's history, which keeps its last 200 turns, and of the account's latest broadcasts."""
    partition = ids.partition_of(contact_id, store.partitions)
    rows = _of_broadcasts(store, account, partition, contact_id)
    for entry in reversed(store.run(history.latest(partition, contact_id, history.KEPT))):
        if entry.kind != "out":
            continue
        body = orjson.loads(entry.body)
        outbound = body.get("outbound", {})
        shown = {"kind": outbound.get("kind", "text"), "key": outbound.get("key") or None}
        rows.append({"id": body["id"], "ms": entry.at, "at": iso(entry.at), **shown})
    page = newest(rows, query, lambda row: (row["ms"], row["id"]))
    states = store.run_all([outbox.read(row["id"]) for row in page.items])
    for row, state in zip(page.items, states, strict=True):
        row["state"] = None if isinstance(state, StoreError) else state.get("state")
    return page


def _of_broadcasts(store: Store, account: str, partition: int, contact_id: str) -> list[dict[str, Any]]:
    """No history holds them: a million at once would push out what was said. Their own records last 8 days."""
    latest = store.run(broadcasts.listed(account, below=store.now(), count=BROADCASTS))
    names = [message_id(id, partition, contact_id) for id, _ in latest]
    found = store.all([outbox.made_at(name) for name in names])
    return [
        {"id": name, "ms": at, "at": iso(at), "kind": "template", "key": None}
        for name, at in zip(names, found, strict=True)
        if at
    ]
