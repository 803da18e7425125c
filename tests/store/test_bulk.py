"""A broadcast in the store: on a single node and on a cluster; and counters that are right whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from flowbot.model.broadcast import Broadcast, Recipient, message_id
from flowbot.model.inbound import Receipt
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.store import audience, broadcasts, bulk, outbox, receipts
from flowbot.store.client import Store

ID, OTHER = "bc" + "0" * 16, "bc" + "1" * 16
PARTITION = 3
ONE = Broadcast(id=ID, account="acme", channel="main", template="notice", created_at=5)


def message(contact: str, broadcast: str = ID, expires_at: int = 0) -> OutboxEntry:
    return OutboxEntry(
        id=message_id(broadcast, PARTITION, contact),
        account="acme",
        channel="main",
        contact_id=contact,
        to="57" + contact[1:],
        outbound=Outbound(text=contact),
        lane="b",
        purpose="business",
        policy="fail",
        expires_at=expires_at,
    )


def test_from_a_draft_to_messages(any_store: Store) -> None:
    run = any_store.run
    assert [run(broadcasts.make(ONE)) for _ in range(2)] == [1, 0]
    assert run(broadcasts.seen(ID, "u", ["c1", "c2"])) == [False, False]
    assert run(broadcasts.seen(ID, "u", ["c2", "c3"])) == [True, False]
    people = [Recipient(contact_id="c1", to="571", params={"name": "A"}), Recipient(contact_id="c2", fields={"n": 1})]
    assert run(broadcasts.append(ID, "u", people)) == 1
    assert run(broadcasts.accept(ID, "nothing", total=1, duplicates=0)) == "draft"
    assert run(broadcasts.accept(ID, "u", total=2, duplicates=1)) == "draft"
    assert run(broadcasts.accept(ID, "u", total=2, duplicates=1)) == "running"
    kept = run(broadcasts.get(ID))
    assert kept is not None and (kept.state, kept.total, kept.chunks, kept.cursor, kept.duplicates) == (
        "running",
        2,
        1,
        0,
        1,
    )
    assert run(broadcasts.chunk(ID, 0)) == people and run(broadcasts.chunk(ID, 1)) == []
    lies = run(audience.chunk(ID, 0)) or b""
    assert run(broadcasts.advance(ID, 0, b"as it was not", people)) == 0
    left = [replace(one, params={}) for one in people]
    assert [run(broadcasts.advance(ID, 0, lies, left)) for _ in range(2)] == [1, 0]
    told = Recipient(contact_id="c2", fields={"n": 1})
    assert run(broadcasts.chunk(ID, 0)) == [Recipient(contact_id="c1"), told]
    assert (kept := run(broadcasts.get(ID))) and (kept.cursor, kept.edited) == (1, 0)
    assert [run(broadcasts.edited(ID, 0, people)) for _ in range(2)] == [1, 0]
    assert run(broadcasts.chunk(ID, 0)) == [Recipient(contact_id="c1"), Recipient(contact_id="c2")]
    assert (kept := run(broadcasts.get(ID))) and (kept.cursor, kept.edited) == (1, 1)
    assert run(broadcasts.turn(ID, "paused", before=("running",))) == "running"
    assert run(broadcasts.turn(ID, "done", before=("running",))) == "paused"
    assert run(broadcasts.turn(OTHER, "done", before=("running",))) == "" and run(broadcasts.get(OTHER)) is None
    assert [bool(run(broadcasts.lease(ID, owner, 5000))) for owner in ("a#1", "b#1", "a#2")] == [True, False, True]
    run(broadcasts.list_it(ONE))
    assert run(broadcasts.listed("acme", below=5, count=9)) == [(ID, 5)]
    assert run(broadcasts.unlist("acme", 5)) == 0 and run(broadcasts.unlist("acme", 6)) == 1


def test_what_is_put_aside_comes_back_or_ends(any_store: Store) -> None:
    run = any_store.run
    messages = [bulk.Bulk(entry=message(f"c{n}")) for n in range(5)]
    failed = bulk.Bulk(entry=message("c9"), code="no_number", reason="none")
    assert [run(bulk.push(PARTITION, ID, [*messages, failed])) for _ in range(2)] == [6, 0]
    run(bulk.push(PARTITION, OTHER, [bulk.Bulk(entry=message("c4", OTHER))]))
    run(bulk.flag(PARTITION, ID, "paused"))
    taken = run(outbox.claim(PARTITION, "b", "acme/main", tokens=1)).claimed  # five are put aside on the way to it
    assert [one.id for one in taken] == [message_id(OTHER, PARTITION, "c4")], "the other broadcast goes on"
    run(bulk.unflag(PARTITION, ID))
    assert run(bulk.release(PARTITION, ID, limit=2)) == 2
    assert len(run(outbox.claim(PARTITION, "b", "acme/main", tokens=9)).claimed) == 2
    assert run(bulk.release(PARTITION, ID, cancel=True)) == 3 and run(bulk.release(PARTITION, ID)) == 0
    counts = run(bulk.counts(PARTITION, ID))
    assert counts == {"made": 6, "failed": 1, "cancelled": 3}
    assert run(bulk.failures(PARTITION, ID, after="", count=9)) == ["c9"]
    assert run(outbox.read(message_id(ID, PARTITION, "c9")))["code"] == "no_number"


def test_a_cancelled_one_ends_in_pieces_that_leave_the_store_to_others(any_store: Store) -> None:
    run = any_store.run
    run(bulk.push(PARTITION, ID, [bulk.Bulk(entry=message(f"c{n}")) for n in range(50)]))
    run(bulk.push(PARTITION, OTHER, [bulk.Bulk(entry=message("c99", OTHER))]))
    run(bulk.flag(PARTITION, ID, "cancelled"))
    first = run(outbox.claim(PARTITION, "b", "acme/main", tokens=9))
    assert 16 <= len(first.ended) < 30 and 0 <= first.next_at <= first.now, "and says that there is more"
    names = [message_id(ID, PARTITION, f"c{n}") for n in range(50)]
    assert run(bulk.end(PARTITION, names)) == 50 - len(first.ended) and run(bulk.end(PARTITION, names)) == 0
    assert run(bulk.counts(PARTITION, ID)) == {"made": 50, "cancelled": 50}
    left = run(outbox.claim(PARTITION, "b", "acme/main", tokens=9))
    assert [one.id for one in left.claimed] == [message_id(OTHER, PARTITION, "c99")] and left.next_at == -1


@pytest.mark.parametrize("seed", range(6))
def test_counters_are_what_the_messages_say_whatever_happens(store: Store, seed: int) -> None:
    """R098: after each of a few hundred things in any order, in the middle of a broadcast."""
    life = Life(store, random.Random(seed))
    for _ in range(250):
        life.step()
        life.check()


class Life:
    """What may happen to a broadcast's messages, by lot, over a clock that runs."""

    def __init__(self, store: Store, dice: random.Random) -> None:
        self.store, self.dice, self.now = store, dice, 1_000_000_000_000
        self.contacts: list[str] = []
        self.taken: list[outbox.Claimed] = []

    def step(self) -> None:
        self.now += self.dice.choice((1, 1000, 9000, 100_000))
        happens = (self.push, self.claim, self.claim, self.record, self.record, self.report, self.report, self.sweep)
        self.dice.choice((*happens, self.order))()

    def push(self) -> None:
        new = [f"c{len(self.contacts) + n}" for n in range(self.dice.randint(1, 3))]
        again = self.dice.sample(self.contacts, min(2, len(self.contacts)))
        self.contacts += new
        made = []
        for one in (*new, *again):
            late = self.now + 50_000 if self.dice.random() < 0.2 else 0
            code = "template_mismatch" if self.dice.random() < 0.1 else ""
            made.append(bulk.Bulk(entry=message(one, expires_at=late), code=code))
        assert self.store.run(bulk.push(PARTITION, ID, made, now=self.now)) == len(new)

    def claim(self) -> None:
        found = self.store.run(outbox.claim(PARTITION, "b", "acme/main", tokens=4, now=self.now))
        self.taken += found.claimed

    def record(self) -> None:
        if self.taken:
            one = self.dice.choice(self.taken)
            outcome = self.dice.choice(("sent", "sent", "failed", "again", "leave"))
            told = {"provider_id": f"w{one.id}"} if outcome == "sent" else {"code": "1", "reason": "no"}
            self.store.run(outbox.record(one.id, one.attempt, outcome, wait=10, now=self.now, **told))

    def report(self) -> None:
        if self.taken:
            one = self.dice.choice(self.taken)
            status = self.dice.choice(("sent", "delivered", "read", "failed"))
            receipt = Receipt(provider_id=f"w{one.id}", status=status, at=self.now, our_id=one.id)
            self.store.run(receipts.apply("acme/main", one.id, receipt, now=self.now))

    def sweep(self) -> None:
        self.store.run(outbox.sweep(PARTITION, now=self.now))

    def order(self) -> None:
        word = self.dice.choice(("paused", "resume", "resume", "cancelled"))
        if word == "resume":
            self.store.run(bulk.unflag(PARTITION, ID))
        else:
            self.store.run(bulk.flag(PARTITION, ID, word))
        if word != "paused":
            self.store.run(bulk.release(PARTITION, ID, cancel=word == "cancelled", now=self.now))

    def check(self) -> None:
        records = [self.store.run(outbox.read(message_id(ID, PARTITION, one))) for one in self.contacts]
        states = Counter(record["state"] for record in records)
        counts = self.store.run(bulk.counts(PARTITION, ID))
        assert counts.get("made", 0) == len(self.contacts)
        assert {state: counts.get(state, 0) for state in bulk.FINAL} == {state: states[state] for state in bulk.FINAL}
        for field in ("delivered_at", "read_at"):
            assert counts.get(field, 0) == sum(field in record for record in records)
        failed = {one for one, record in zip(self.contacts, records, strict=True) if record["state"] in FAILED}
        assert set(self.store.run(bulk.failures(PARTITION, ID, after="", count=10_000))) == failed


FAILED = ("failed", "expired", "suppressed")


def test_what_may_leave_later_waits_and_keeps_nobody_waiting(any_store: Store) -> None:
    """R142: replies and other contacts go on meanwhile; put aside and released, it is as late."""
    run, now = any_store.run, any_store.now()
    later = bulk.Bulk(entry=message("c1"), start=now + 60_000)
    run(bulk.push(PARTITION, ID, [later, bulk.Bulk(entry=message("c2"))], now=now))
    run(outbox.push(PARTITION, [replace(message("c1", OTHER), id="ms_3_r", lane="r")], now=now))

    def claimed(lane: str, at: int) -> list[str]:
        return [one.id for one in run(outbox.claim(PARTITION, lane, "acme/main", tokens=9, now=at)).claimed]

    first = run(outbox.claim(PARTITION, "b", "acme/main", tokens=9, now=now + 1))
    assert [one.id for one in first.claimed] == [message_id(ID, PARTITION, "c2")]
    assert first.next_at == now + 60_000
    assert claimed("r", now + 2) == ["ms_3_r"]
    run(outbox.record("ms_3_r", 1, "sent", provider_id="w1", now=now + 3))
    assert claimed("b", now + 59_999) == []
    run(bulk.flag(PARTITION, ID, "paused"))
    assert claimed("b", now + 60_000) == []
    run(bulk.unflag(PARTITION, ID))
    assert run(bulk.release(PARTITION, ID, now=now + 60_001)) == 1
    assert claimed("b", now + 60_002) == [message_id(ID, PARTITION, "c1")]
