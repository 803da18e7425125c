"""All that is kept of a contact, as one plain thing that people and machines can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..delivery.files import Files, path_of
from ..engine.life import iso, process_data
from ..errors import ParseError
from ..model import codec, ids
from ..model.contact import Contact
from ..model.project import Account
from ..model.session import Session, processes
from ..store import belongings, calls, contacts, history, identity, inbox, ledger, outbox, sessions, timers
from ..store.belongings import Belonging
from ..store.client import Store

Facts = dict[str, Any]


def dossier(store: Store, account: Account, contact: Contact, files: Files | None = None) -> Facts:
    """Everything of one contact; what is encrypted in the store stands here as it was said. `files` are their paths."""
    partition = ids.partition_of(contact.id, store.partitions)
    found = list(_belongings(store, partition, contact.id))
    stands = _stands(store, partition, contact.id, account)
    told = [_entry(one) for one in store.run(history.latest(partition, contact.id, history.KEPT))]
    out = store.run(contacts.opted_out(partition, contact.id))
    ran = _processes(found, stands, contact)
    return {
        "account": account.name,
        "contact": _person(contact),
        "broadcasts": store.run(contacts.notices(partition, contact.id)),
        "known_by": identity.names_of(contact),
        "consent": {
            "opted_out": sorted(out),
            "opted_in": sorted(contact.opted_in),
            "ledger": [_change(one) for one in store.run(ledger.read(partition, contact.id))],
        },
        "channels": {key: _session(session) for key, session in stands.items()},
        "processes": ran,
        "history": told,
        "messages": [{"id": _id(one), **store.run(outbox.read(_id(one)))} for one in found if one.kind == "m"],
        "hooks": [codec.to_plain(one.record) for one in found if one.kind == "hk"],
        "timers": {name: iso(at) for name, at in store.run(timers.of_contact(partition, contact.id)).items()},
        "calls": _calls(store, stands),
        "set_aside_since": _when(store.run(inbox.stuck(partition)).get(contact.id, 0)),
        "files": sorted(set(_files(account, contact.id, {"history": told, "processes": ran}, files))) if files else [],
    }


def _belongings(store: Store, partition: int, contact_id: str) -> Iterator[Belonging]:
    """In the order of their making."""
    cursor = ""
    seen: dict[str, Belonging] = {}
    while cursor != "0":
        cursor, names = store.run(belongings.scan(partition, cursor or "0"))
        for one in store.all(belongings.looks(names)):
            if one is not None and one.contact == contact_id:
                seen[one.key] = one
    yield from sorted(seen.values(), key=lambda one: (one.at, one.key))


def _stands(store: Store, partition: int, contact_id: str, account: Account) -> dict[str, Session]:
    pairs = [(contact_id, channel.key) for channel in account.channels.values()]
    read = store.run(sessions.load(partition, pairs)) if pairs else []
    return {
        key: one[0]
        for (_, key), one in zip(pairs, read, strict=True)
        if not isinstance(one, ParseError) and one[0] is not None
    }


def _person(contact: Contact) -> Facts:
    told = codec.to_plain(contact)
    for name in ("created_at", "last_seen_at"):
        told[name] = _when(told.get(name, 0))
    return {name: value for name, value in told.items() if name not in ("former", "opted_in", "opted_out")}


def _change(one: ledger.Change) -> Facts:
    record = dict(one.record)
    record["at"] = _when(record.get("at", 0))
    if "given_at" in record:
        record["given_at"] = _when(record["given_at"])
    return {"topic": one.topic, "change": one.change, **record}


def _session(session: Session) -> Facts:
    return {
        "last_message_at": _when(session.last_inbound_at),
        "reply_to": session.reply_to or None,
        "open": session.process.id if session.process else None,
        "parked": [process.id for process in session.parked],
    }


def _processes(found: list[Belonging], stands: dict[str, Session], contact: Contact) -> list[Facts]:
    """Each as clients see it; of an open one, with the answers so far."""
    records = {one.record["process_id"]: one.record for one in found if one.kind == "pr"}
    for key, session in stands.items():
        for process in (session.process, *session.parked):
            if process is not None:
                records[process.id] = process_data(process, contact, contact.account, key.partition("/")[2])
    return list(records.values())


def _entry(one: history.Entry) -> Facts:
    body = orjson.loads(one.body)
    body["at"] = _when(body.get("at", 0))
    return {"kind": one.kind, **body}


def _calls(store: Store, stands: dict[str, Session]) -> list[Facts]:
    names = [name for session in stands.values() for process in processes(session) for name in process.calls]
    return [codec.to_plain(one) for one in store.all([calls.get(name) for name in names]) if one is not None]


def _files(account: Account, contact_id: str, told: Facts, files: Files) -> Iterator[str]:
    """The files of its messages that are still kept, whichever channel they came by."""
    for origin in set(origins(told)):
        for channel in account.channels.values():
            path = path_of(account.name, contact_id, f"{channel.key}:{origin}")
            if files.read(path) is not None:
                yield path


def origins(value: Any) -> Iterator[str]:
    """What each file in it was known by at its provider.

    >>> list(origins([{"event": {"inbound": {"media": {"kind": "image", "id": "m1"}}}}, {"at": 5}]))
    ['m1']
    """
    if isinstance(value, Mapping):
        if "kind" in value and (value.get("id") or value.get("url")):
            yield str(value.get("id") or value["url"])
        for inner in value.values():
            yield from origins(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from origins(inner)


def _id(one: Belonging) -> str:
    return one.key.partition("}m:")[2]


def _when(ms: int) -> str | None:
    return iso(ms) if ms else None
