"""An order for a contact, into the contact's inbox: the same request with the same key gives one event."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import orjson
from flask import request

from ...errors import Conflict, InvalidRequest
from ...model import event, ids
from ...store import idempotency, inbox, sessions
from .caller import Caller

if TYPE_CHECKING:
    from ...model.event import Event
    from ...wiring import Parts

MAX_KEY = 255  # characters of an Idempotency-Key


def nonce(parts: Parts, caller: Caller) -> str:
    """What makes this request one, from its Idempotency-Key; Conflict when that came with another body before."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return secrets.token_hex(12)
    if len(key) > MAX_KEY:
        raise InvalidRequest(f"Idempotency-Key is longer than {MAX_KEY} characters.")
    told = f"{request.method} {request.path}\n".encode() + _canonical(request.get_data())
    if not parts.store.run(idempotency.note(caller.account, key, told, parts.store.salt)):
        raise Conflict("The Idempotency-Key came with another request before.", code="idempotency_key_reused")
    return ids.digest(caller.account, key)


def give(parts: Parts, contact_id: str, channel_key: str, order: Event) -> None:
    """Into the inbox: stored when this returns, done by the contact's worker; AccountBusy when too much waits."""
    parts.shares.admit(channel_key.partition("/")[0])
    partition = ids.partition_of(contact_id, parts.store.partitions)
    body = event.to_bytes(order)
    # by the day it came, not by the hour: an idempotency key is good for 8 days
    sealed = parts.live.keeps_secrets(channel_key.partition("/")[0])
    parts.ledger.run(inbox.push(partition, contact_id, channel_key, body, dedupe_id=order.id, at_ms=0, sealed=sealed))


def channels_of(parts: Parts, account: str, contact_id: str) -> list[str]:
    """The channels on which a contact is known, the most recently used first; the account's first one when on none."""
    names = list(parts.library.account(account).channels)
    partition = ids.partition_of(contact_id, parts.store.partitions)
    pairs = [(contact_id, f"{account}/{name}") for name in names]
    found: list[tuple[int, str]] = []
    for name, one in zip(names, parts.store.run(sessions.load(partition, pairs)) if pairs else [], strict=True):
        if isinstance(one, tuple) and one[0] is not None:
            found.append((-one[0].last_inbound_at, f"{account}/{name}"))
    return [key for _, key in sorted(found)] or [f"{account}/{name}" for name in names[:1]]


def _canonical(raw: bytes) -> bytes:
    """The same for a body that says the same."""
    try:
        body: Any = orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return raw
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
