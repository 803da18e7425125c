"""What a contact costs while nothing happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from flowbot.engine import life
from flowbot.model import codec, ids
from flowbot.model.contact import Contact, Identity
from flowbot.model.session import Process, Session
from flowbot.store import identity, inbox, leases, timers, turns
from flowbot.store.call import Call
from flowbot.store.client import Store

CONTACTS = 2_000
LIMIT = 1_200  # bytes, all told, without the chat
CHANNEL = "acme/main"
WAMID = "wamid.HBgLMTU1NTAxMDAwMDEVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
ANSWERS = {"consent": "accept", "document_type": "cc", "document_number": "1020304050", "name": "Ana María Restrepo"}


def used(store: Store) -> int:
    info = store.run(Call(("INFO", "memory"), "", bytes.decode))
    return int(next(line for line in info.splitlines() if line.startswith("used_memory:")).split(":")[1])


def person(store: Store, number: int) -> tuple[Call[Any], turns.Commit]:
    """A contact in the middle of a flow: open question, two timers, a process that clients may ask for."""
    phone = str(15550100000 + number)
    contact_id = identity.resolve(store, "acme", Identity(number=phone, bsuid=f"US.{10**14 + number}"))
    partition = ids.partition_of(contact_id, store.partitions)
    process = Process(
        id=ids.make("pr", partition, number),
        flow="identity",
        flow_version="0123456789ab",
        started_at=1_763_712_000_000,
        started_by="message",
        lang="es",
        step="document_front",
        visit=7,
        asked_at=1_763_712_060_000,
        answers=ANSWERS,
        timers={"expire:1": 1_763_798_400_000, "timeout.0:7": 1_763_712_960_000},
        turns=5,
    )
    session = Session(
        account="acme",
        channel="main",
        contact_id=contact_id,
        version=5,
        visits=7,
        process=process,
        last_inbound_at=1_763_712_060_000,
        last_inbound_id=f"{WAMID}{number}",
    )
    contact = Contact(
        id=contact_id,
        account="acme",
        number=phone,
        bsuid=f"US.{10**14 + number}",
        reply_to=phone,
        name="Ana",
        language="es",
        created_at=1_763_712_000_000,
        last_seen_at=1_763_712_060_000,
        sequence=1,
    )
    shown = life.process_data(process, contact, "acme", "main")
    push = inbox.push(partition, contact_id, CHANNEL, b"{}", dedupe_id=f"{WAMID}{number}", at_ms=1, now=2)
    due = {name: timers.member(contact_id, CHANNEL, *name.split(":")) for name in process.timers}  # type: ignore[arg-type]
    return push, turns.Commit(
        partition=partition,
        owner="w1#a",
        epoch=0,
        entry_id="",
        contact_id=contact_id,
        channel_key=CHANNEL,
        old_version=0,
        session=codec.encode(session),
        contact=codec.encode(contact),
        timers_set=tuple((member, process.timers[name]) for name, member in due.items()),
        processes=((process.id, orjson.dumps(shown)),),
        versions={"0123456789ab": 1},
        now=1,
    )


def settle(store: Store, numbers: range) -> None:
    """The people come, write, and are left alone."""
    waiting: dict[str, turns.Commit] = {}
    for number in numbers:
        push, commit = person(store, number)
        waiting[commit.contact_id] = commit
        assert store.run(push)
    for partition in range(store.partitions):
        epoch = store.run(leases.take("w", partition, "w1#a", 60_000))
        taken = store.run(inbox.take(partition, "w1#a", epoch, len(numbers)))
        commits = [replace(waiting.pop(entry.contact_id), epoch=epoch, entry_id=entry.id) for entry in taken.entries]
        assert set(store.run_all([turns.commit(commit) for commit in commits])) == {"ok"}
    assert not waiting


def test_an_idle_contact_is_small(store: Store) -> None:
    settle(store, range(200))
    before = used(store)
    settle(store, range(200, 200 + CONTACTS))
    each = (used(store) - before) / CONTACTS
    assert 200 < each < LIMIT, f"{each:.0f} bytes a contact"
