"""A status that names nothing of ours, of a provider that gives nothing back: known by whom it is about."""

from __future__ import annotations

from flowbot.model import ids
from flowbot.model.inbound import Receipt
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.store import outbox, receipts
from flowbot.store.client import Store

CHANNEL = "acme/main"
T0 = 1_800_000_000_000
DEADLINE = T0 + 8_000


def sending(store: Store, contact: str = "c1", policy: str = "resend") -> str:
    """A message that was claimed at T0 and whose answer does not come."""
    partition = ids.partition_of(contact, store.partitions)
    entry = OutboxEntry(
        id=ids.make("ms", partition, contact),
        account="acme",
        channel="main",
        contact_id=contact,
        to="15550100001",
        outbound=Outbound(text="Hi"),
        policy=policy,
    )
    store.run(outbox.push(partition, [entry], now=T0))
    assert len(store.run(outbox.claim(partition, "r", CHANNEL, tokens=9, now=T0)).claimed) == 1
    return entry.id


def hear(store: Store, word: str, *, at: int, now: int, name: str = "gs1", contact: str = "c1") -> None:
    receipt = Receipt(provider_id=name, status=word, at=at)
    if receipts.settle(store, CHANNEL, [receipt]) == ["parked"]:
        receipts.guess(store, CHANNEL, [(receipt, contact)], now=now)


def sweep(store: Store, id: str, now: int) -> list[tuple[str, str]]:
    return store.run(outbox.sweep(ids.split(id)[1], now=now))


def test_a_status_while_the_answer_may_still_come_is_kept_in_mind(any_store: Store) -> None:
    id = sending(any_store)
    hear(any_store, "enqueued", at=T0, now=T0 + 500)
    assert any_store.run(outbox.read(id))["state"] == "sending"
    assert sweep(any_store, id, DEADLINE + 1) == [(id, "sent")]
    record = any_store.run(outbox.read(id))
    assert (record["state"], record["provider_id"]) == ("sent", "gs1")


def test_our_own_answer_is_the_better_witness(any_store: Store) -> None:
    id = sending(any_store)
    hear(any_store, "enqueued", at=T0, now=T0 + 500, name="another's")
    any_store.run(outbox.record(id, 1, "sent", provider_id="gs1", now=T0 + 900))
    assert any_store.run(outbox.read(id))["provider_id"] == "gs1"
    assert sweep(any_store, id, DEADLINE + 1) == []


def test_what_goes_again_has_nothing_in_mind(any_store: Store) -> None:
    id = sending(any_store)
    hear(any_store, "enqueued", at=T0, now=T0 + 500)
    any_store.run(outbox.record(id, 1, "again", wait=0, now=T0 + 900))
    assert "maybe" not in any_store.run(outbox.read(id))


def test_once_nobody_waits_for_the_answer_it_is_that_messages(any_store: Store) -> None:
    id = sending(any_store)
    assert sweep(any_store, id, DEADLINE + 1) == [(id, "unknown")]
    hear(any_store, "enqueued", at=T0 + 1000, now=DEADLINE + 500)
    record = any_store.run(outbox.read(id))
    assert (record["state"], record["provider_id"]) == ("sent", "gs1")
    hear(any_store, "read", at=T0 + 9000, now=DEADLINE + 900)
    assert "read_at" in any_store.run(outbox.read(id))


def test_a_failure_is_its_failure(any_store: Store) -> None:
    id = sending(any_store)
    sweep(any_store, id, DEADLINE + 1)
    hear(any_store, "failed", at=T0 + 1000, now=DEADLINE + 500)
    assert any_store.run(outbox.read(id))["state"] == "failed"


def test_another_contacts_or_another_times_status_says_nothing(any_store: Store) -> None:
    id = sending(any_store)
    sweep(any_store, id, DEADLINE + 1)
    hear(any_store, "sent", at=T0 + 1000, now=DEADLINE + 500, contact="c2", name="gs2")
    hear(any_store, "sent", at=T0 - 60_000, now=DEADLINE + 500, name="gs3")
    assert any_store.run(outbox.read(id))["state"] == "unknown"
