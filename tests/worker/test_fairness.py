"""One account's backlog holds up no other account's reply."""

from __future__ import annotations

import itertools

from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived, to_bytes
from flowbot.model.ids import partition_of
from flowbot.model.inbound import Inbound
from flowbot.store import history, identity, inbox
from flowbot.store.client import Store

from .world import PROJECT, World

QUIET = """\
  quiet:
    timezone: UTC
    languages: [en]
    channels: {line: {gateway: simulator, number: "+15550000009"}}
"""
MANY = 5_000  # in order, a worker needs three hundred rounds for that
SENDER = Identity(number="573000000001", name="Ana")


def body(name: str, text: str) -> bytes:
    return to_bytes(MessageReceived(inbound=Inbound(id=name, sender=SENDER, kind="text", text=text)))


def noisy_neighbours(store: Store, partition: int, count: int) -> list[str]:
    """Contacts of the account `acme` in the partition."""
    numbers = (Identity(number=f"57310{number:07d}") for number in itertools.count())
    found = (identity.resolve(store, "acme", one) for one in numbers)
    return list(itertools.islice((one for one in found if partition_of(one, store.partitions) == partition), count))


def test_an_accounts_backlog_holds_up_no_other(world: World) -> None:
    (world.folder / "flowbot.yaml").write_text(PROJECT + QUIET)
    store = world.store
    contact = identity.resolve(store, "quiet", SENDER)
    partition = partition_of(contact, store.partitions)
    noisy = noisy_neighbours(store, partition, 3)
    for start in range(0, MANY, 1_000):
        events = [(f"n{number}", noisy[number % 3]) for number in range(start, start + 1_000)]
        store.run_all(
            [inbox.push(partition, who, "acme/main", body(name, "hi"), dedupe_id=name, at_ms=0) for name, who in events]
        )
    worker = world.worker()
    worker.round()
    store.run(inbox.push(partition, contact, "quiet/line", body("q", "start"), dedupe_id="q", at_ms=0))
    worker.round()
    worker.round()
    entries = store.run(history.read(partition, contact))
    assert [one.kind for one in entries if one.kind in ("in", "out")] == ["in", "out"]
    assert store.run(inbox.waiting(partition, "acme")) > MANY - 200
    assert store.run(inbox.waiting(partition, "quiet")) == 0
