"""A contact's ledger: what it agreed to and took back, when and how that is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from ...engine.life import iso
from ...model import ids
from ...store import ledger
from ...store.listing import Page
from .pages import newest

if TYPE_CHECKING:
    from ...store.client import Store


class Change(Schema):
    """One entry of the ledger; none is ever changed."""

    topic = fields.String(required=True, metadata={"description": "all, a category of templates, or a topic."})
    change = fields.String(required=True, validate=validate.OneOf(["in", "out"]))
    method = fields.String(required=True, metadata={"description": "word, step, provider, api, or the client's own."})
    proof = fields.String(required=True, allow_none=True)
    at = fields.String(required=True, metadata={"format": "date-time", "description": "When the contact said so."})
    recorded_at = fields.String(required=True, metadata={"format": "date-time"})


def changes(store: Store, contact_id: str, query: Mapping[str, Any]) -> Page[dict[str, Any]]:
    """The page of the newest behind the cursor."""
    found = store.run(ledger.read(ids.partition_of(contact_id, store.partitions), contact_id))
    page = newest(enumerate(found), query, lambda row: (row[0], ""))
    return Page(items=[_told(one) for _, one in page.items], next=page.next)


def out_since(store: Store, contact_id: str, topic: str, at: int) -> bool:
    """Whether the contact opted out, of that or of all, after `at` (ms UTC)."""
    found = store.run(ledger.read(ids.partition_of(contact_id, store.partitions), contact_id))
    return any(one.change == "out" and one.topic in ("all", topic) and _said_at(one) > at for one in found)


def _said_at(one: ledger.Change) -> int:
    return int(one.record.get("given_at") or one.record.get("at") or 0)


def _told(one: ledger.Change) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "change": one.change,
        "method": one.record.get("method", ""),
        "proof": one.record.get("proof") or None,
        "at": iso(_said_at(one)),
        "recorded_at": iso(int(one.record.get("at") or 0)),
    }
