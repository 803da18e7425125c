"""Messages a second of one sender process against a provider that takes 100 ms for each."""

from __future__ import annotations

import contextlib

from flowbot.model.ids import contact_id, make, partition_of
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.store import outbox
from flowbot.store.client import Store, connect

from .result import Result
from .town import town, until

MESSAGES, LATENCY = 6000, 0.1


def measure() -> list[Result]:
    """Each to a contact of its own; the first and last tenth do not count."""
    with town(workers=0, senders=1, hooks=0, webs=0) as made:
        made.provider.latency, made.provider.statuses = LATENCY, False
        with contextlib.closing(connect(made.valkey.url)) as store:
            _fill(store)
        until("all sends", lambda: len(made.provider.log.taken) >= MESSAGES, 90)
        times = sorted(one.at for one in made.provider.log.taken)[MESSAGES // 10 : -MESSAGES // 10]
    rate = (len(times) - 1) / (times[-1] - times[0])
    return [Result(what="one sender, provider answers in 100 ms", value=rate, unit="/s", at_least=1000)]


def _fill(store: Store) -> None:
    by_partition: dict[int, list[OutboxEntry]] = {}
    for index in range(MESSAGES):
        number = f"57303{index:07d}"
        contact = contact_id(store.salt, "acme", f"n:{number}")
        partition = partition_of(contact, store.partitions)
        entry = OutboxEntry(
            id=make("ms", partition, index),
            account="acme",
            channel="main",
            contact_id=contact,
            to=number,
            outbound=Outbound(text="Hello"),
            created_at=1,
        )
        by_partition.setdefault(partition, []).append(entry)
    for answer in store.run_all([outbox.push(one, entries) for one, entries in by_partition.items()]):
        if isinstance(answer, Exception):
            raise answer
