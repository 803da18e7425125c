"""An order for a contact, into the contact's inbox: the same request with the same key gives one event."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
from flask import g, request

from ...errors import Conflict, InvalidRequest
from ...model import event, ids
from ...store import idempotency, inbox, sessions
from ...store.call import Call
from .caller import Caller

if TYPE_CHECKING:
    from ...model.event import Event
    from ...wiring import Parts

MAX_KEY = 255  # characters of an Idempotency-Key


def nonce(parts: Parts, caller: Caller) -> str:
    """What makes this request one, from its Idempotency-Key; Conflict when that came with another body before."""
    made = seed(caller)
    note(parts, caller)
    return made


def key() -> str:
    """What makes the request under way known when it comes again: its header, or what its door found in its body."""
    return request.headers.get("Idempotency-Key", "") or str(g.get("idempotency_key", ""))


def seed(caller: Caller) -> str:
    """The nonce, before anybody has noted it: a request that is refused for its mistakes may come again corrected."""
    given = key()
    if len(given) > MAX_KEY:
        raise InvalidRequest(f"Idempotency-Key is longer than {MAX_KEY} characters.")
    return ids.digest(caller.account, given) if given else secrets.token_hex(12)


def note(parts: Parts, caller: Caller, what: bytes = b"") -> None:
    """From now on the Idempotency-Key stands for this request, or for `what` it streamed; Conflict when it does for
    another.
    """
    given = key()
    if not given:
        return
    if not parts.store.run(idempotency.note(caller.account, given, what or told(), parts.store.salt)):
        raise Conflict("The Idempotency-Key came with another request before.", code="idempotency_key_reused")


def told() -> bytes:
    """What makes the request under way this one: the same for one that says the same."""
    return f"{request.method} {request.path}\n".encode() + _canonical(request.get_data())


def give(parts: Parts, contact_id: str, channel_key: str, order: Event) -> None:
    """Into the inbox: stored when this returns, done by the contact's worker; AccountBusy when too much waits."""
    give_all(parts, [(contact_id, channel_key, order)])


def give_all(parts: Parts, given: Sequence[tuple[str, str, Event]]) -> None:
    """`give` for each (contact, channel, order) of one account: none may be thought stored when it raises."""
    calls: list[Call[bool]] = []
    for contact_id, channel_key, order in given:
        account = channel_key.partition("/")[0]
        if not calls:
            parts.shares.admit(account)
        partition = ids.partition_of(contact_id, parts.store.partitions)
        body, sealed = event.to_bytes(order), parts.live.keeps_secrets(account)
        # by the day it came, not by the hour: an idempotency key is good for 8 days
        calls.append(inbox.push(partition, contact_id, channel_key, body, dedupe_id=order.id, at_ms=0, sealed=sealed))
    parts.ledger.all(calls)


def channels_of(parts: Parts, account: str, contact_id: str) -> list[str]:
    """The channels on which a contact is known, the most recently used first; the account's first one when on none."""
    return channels_of_all(parts, account, [contact_id])[0]


def channels_of_all(parts: Parts, account: str, contact_ids: Sequence[str]) -> list[list[str]]:
    """`channels_of` for each, in one round trip."""
    keys = [f"{account}/{name}" for name in parts.library.account(account).channels]
    read = iter(sessions.read(parts.store, [(id, key) for id in contact_ids for key in keys]))
    out = []
    for _ in contact_ids:
        found: list[tuple[int, str]] = []
        for key in keys:
            one = next(read)
            if isinstance(one, tuple) and one[0] is not None:
                found.append((-one[0].last_inbound_at, key))
        out.append([key for _, key in sorted(found)] or keys[:1])
    return out


def _canonical(raw: bytes) -> bytes:
    """The same for a body that says the same."""
    try:
        body: Any = orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return raw
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
