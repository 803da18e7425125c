"""What lies encrypted in the store, by which key, and what becomes of who has not got it."""

from __future__ import annotations

import contextlib
import os

import pytest
from redis import Redis

from flowbot.errors import ParseError, StoreError
from flowbot.model import codec, ids
from flowbot.model.contact import Contact
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.session import Process, Session
from flowbot.store import (
    contacts,
    history,
    inbox,
    keys,
    leases,
    outbox,
    pending,
    processes,
    quarantine,
    sessions,
    turns,
)
from flowbot.store.call import command
from flowbot.store.client import Store, connect
from flowbot.store.sealing import MARK, Ring

OLD, NEW = "o" * 32, "n" * 32
SECRET = "1032456789"


def test_a_key_that_was_changed_still_opens_what_it_sealed() -> None:
    kept = Ring([OLD]).seal(b"x")
    assert Ring([NEW, OLD]).open(kept) == b"x"
    assert Ring([NEW, OLD]).seal(b"x")[:8] == Ring([NEW]).seal(b"x")[:8]
    with pytest.raises(ParseError, match="FLOWBOT_SECRET_KEY"):
        Ring([NEW]).open(kept)


def test_the_same_never_looks_the_same_and_damage_is_noticed() -> None:
    ring = Ring([OLD])
    seen = {ring.seal(b"x" * 20) for _ in range(1000)}
    assert len(seen) == 1000 and len({one[8:20] for one in seen}) == 1000
    kept = seen.pop()
    for at in range(len(MARK), len(kept)):
        damaged = kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]
        with pytest.raises(ParseError):
            ring.open(damaged)
    with pytest.raises(ParseError):
        ring.open(kept[:15])


def test_a_child_process_has_nonces_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fork both count on from the same place."""
    ring = Ring([OLD])
    before = ring.seal(b"x")[8:15]
    assert ring.seal(b"x")[8:15] == before
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert ring.seal(b"x")[8:15] != before


def test_without_a_key_nothing_is_sealed_and_replies_of_all_shapes_pass() -> None:
    ring = Ring()
    assert not ring and ring.seal(b"x") == b"x"
    sealed = Ring([OLD]).seal(b"x")
    shapes = [1, None, b"plain", [b"3\n" + sealed, [sealed, b"\n"]], "text"]
    assert ring.opened(shapes) == shapes
    assert Ring([OLD]).opened(shapes) == [1, None, b"plain", [b"3\nx", [b"x", b"\n"]], "text"]


@pytest.fixture
def keyed(any_url: str, any_store: Store) -> Store:
    with contextlib.closing(connect(any_url, partitions=8, ring=Ring([OLD]))) as connected:
        yield connected


def committed(store: Store) -> tuple[int, str, str, str]:
    """A turn with all that it may write, sealed: partition, contact, process, message."""
    contact_id = ids.contact_id(store.salt, "acme", "n:1")
    partition = ids.partition_of(contact_id, store.partitions)
    epoch = store.run(leases.take("w", partition, "w#1", 60_000))
    body = f'{{"text":"{SECRET}"}}'.encode()
    store.run(inbox.push(partition, contact_id, "acme/main", body, dedupe_id="1", at_ms=0, sealed=True))
    (entry,) = store.run(inbox.take(partition, "w#1", epoch, 10)).entries
    assert store.ring.open(entry.event or b"") == body
    process = Process(id=ids.make("pr", partition, "x"), flow="f", flow_version="v", answers={"pin": SECRET})
    message = OutboxEntry(
        id=ids.make("ms", partition, "x"),
        account="acme",
        channel="main",
        contact_id=contact_id,
        to="1",
        outbound=Outbound(text=SECRET),
        topic="news",
        purpose="business",
        process_id=process.id,
    )
    session = Session(account="acme", channel="main", contact_id=contact_id, version=1, process=process)
    contact = Contact(id=contact_id, account="acme", fields={"pin": SECRET}, sensitive=("pin",))
    commit = turns.Commit(
        partition=partition,
        owner="w#1",
        epoch=epoch,
        entry_id=entry.id,
        contact_id=contact_id,
        channel_key="acme/main",
        old_version=0,
        session=codec.encode(session),
        contact=codec.encode(contact),
        messages=(message,),
        hooks=(("ev_1", "process.started", body),),
        processes=((process.id, body),),
        history=(("in", body), ("in,out", b"[%b,%b]" % (body, body))),
        calls=(("cl_1", body),),
        errands=(body,),
        sealed=True,
        sealed_contact=True,
        now=1,
    )
    assert store.run(turns.commit(commit)) == "ok"
    return partition, contact_id, process.id, message.id


def raw(url: str) -> bytes:
    """Everything that the store's nodes hold, as it lies there."""
    found = []
    with contextlib.closing(connect(url)) as store:
        for node in {store._topology.node_of(f"{{p{one}}}") for one in range(store.partitions)}:
            client = Redis.from_url(node)
            for key in client.scan_iter(count=1000):
                kind = client.type(key)
                read = {
                    b"string": client.get,
                    b"hash": client.hgetall,
                    b"stream": client.xrange,
                    b"set": client.smembers,
                    b"list": lambda name: client.lrange(name, 0, -1),  # noqa: B023
                    b"zset": lambda name: client.zrange(name, 0, -1),  # noqa: B023
                }[kind]
                found.append(b"%b %b" % (key, repr(read(key)).encode()))
            client.close()
    return b"\n".join(found)


def test_all_that_a_turn_writes(keyed: Store, any_url: str) -> None:
    """I13: nothing of it can be read in the store; whoever has the key reads it as ever."""
    partition, contact_id, process_id, message_id = committed(keyed)
    assert SECRET.encode() not in raw(any_url)
    session = keyed.run(sessions.get(partition, contact_id, "acme/main"))
    assert session is not None and session.process is not None and session.process.answers == {"pin": SECRET}
    contact = keyed.run(contacts.get(partition, contact_id))
    assert contact is not None and contact.fields == {"pin": SECRET}
    assert keyed.run(processes.get(process_id)) == {"text": SECRET}
    told = [one.body for one in keyed.run(history.read(partition, contact_id))]
    assert told == [f'{{"text":"{SECRET}"}}'.encode()] * 3
    assert SECRET in keyed.run(outbox.read(message_id))["body"]
    (claimed,) = keyed.run(outbox.claim(partition, "r", "acme/main", tokens=5)).claimed
    assert claimed.entry.outbound.text == SECRET


def test_who_has_not_got_the_key_says_so(keyed: Store, any_store: Store, any_url: str) -> None:
    partition, contact_id, process_id, message_id = committed(keyed)
    (found,) = any_store.run(sessions.load(partition, [(contact_id, "acme/main")]))
    assert isinstance(found, ParseError) and "FLOWBOT_SECRET_KEY" in str(found)
    for call in (sessions.get(partition, contact_id, "acme/main"), processes.get(process_id)):
        with pytest.raises(StoreError, match="FLOWBOT_SECRET_KEY"):
            any_store.run(call)
    told = [(one.kind, one.body) for one in any_store.run(history.read(partition, contact_id))]
    assert told == [("in", history.SHUT), ("in", history.SHUT), ("out", history.SHUT)]
    assert any_store.run(outbox.read(message_id))["body"] == ""
    with contextlib.closing(connect(any_url, ring=Ring([NEW, OLD]))) as changed:
        assert changed.run(processes.get(process_id)) == {"text": SECRET}


def test_scripts_still_see_what_they_look_at(keyed: Store) -> None:
    """A sealed message of a topic that the contact opted out of is held back, and its process is told."""
    partition, contact_id, _, message_id = committed(keyed)
    keyed.run(command("SADD", keys.opted_out(partition, contact_id), "news", read=int))
    found = keyed.run(outbox.claim(partition, "r", "acme/main", tokens=5))
    assert found.claimed == () and found.ended == ((message_id, "suppressed"),)


def test_what_nobody_has_looked_at_yet_lies_encrypted(keyed: Store, any_store: Store) -> None:
    """A body that could not be read, and the inputs of a start that has had no turn."""
    body = f'{{"text":"{SECRET}"}}'.encode()
    aside = quarantine.name(8, "acme/main", body)
    keyed.run_all(quarantine.keep(aside, "acme/main", ["unreadable"], body, now=1))
    process = ids.make("pr", 3, "x")
    assert keyed.run(pending.note(process, {"inputs": {"pin": SECRET}}))
    for key in (keys.quarantine(ids.split(aside)[1], aside), keys.process(3, process)):
        kept = any_store.run(command("GET", key, read=bytes))
        assert kept.startswith(MARK) and SECRET.encode() not in kept
    found = keyed.run(quarantine.find(aside))
    assert found is not None and (found.body, found.why) == (body, ("unreadable",))
    assert keyed.run(processes.get(process)) == {"inputs": {"pin": SECRET}}
    with pytest.raises(StoreError, match="FLOWBOT_SECRET_KEY"):
        any_store.run(quarantine.find(aside))
