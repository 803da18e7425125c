"""What a pending send costs, and how fast those that are due go into their contacts' queues, and out of them."""

from __future__ import annotations

import contextlib
import time

from redis import Redis

from flowbot.model.contact import Identity
from flowbot.model.event import to_bytes
from flowbot.model.ids import contact_id, partition_of
from flowbot.model.plan import TIMER, plan_id
from flowbot.model.planning import PlanOrdered
from flowbot.store import inbox, timers
from flowbot.store.client import Store
from flowbot.worker.loop import Worker

from .result import Result
from .turns import drain, fill, world

CONTACTS = 12_800
FIRED = 100  # at once; a worker moves no more than it works off
CHAT = ("h:", "m:", "q:", "rd:", "due", "hooks", "seen")  # what was said, and the marks of what came in


def measure() -> list[Result]:
    with world() as (store, worker):
        url = store._topology.place.urls[0]
        with contextlib.closing(Redis.from_url(url)) as raw:
            fill(store, 0.34, contacts=CONTACTS)  # everybody has written once
            drain(store, worker)
            before = _memory(raw)
            due = store.now() + 3_600_000
            _plan(store, due)
            drain(store, worker)
            each = (_memory(raw) - before) / CONTACTS
        _bring_forward(store, due - store.now() + 1000)
        spent = _fire(store, worker)
        whole = drain(store, worker)
    return [
        Result(what="store of a pending send to one contact", value=each, unit="bytes", at_most=200),
        Result(
            what="pending sends that come due, into their contacts' queues",
            value=CONTACTS / spent,
            unit="/s",
            at_least=20_000,
            note=f"and out of them, each a turn with its template: {CONTACTS / whole:.0f}/s",
        ),
    ]


def _memory(raw: Redis) -> int:
    gone = [key for key in raw.scan_iter(count=5000) if key.partition(b"}")[2].decode().startswith(CHAT)]
    for at in range(0, len(gone), 500):
        raw.unlink(*gone[at : at + 500])
    return int(raw.info("memory")["used_memory"])


def _ids(store: Store) -> list[tuple[int, str]]:
    found = [contact_id(store.salt, "acme", f"n:57300{index:07d}") for index in range(CONTACTS)]
    return [(partition_of(one, store.partitions), one) for one in found]


def _plan(store: Store, due: int) -> None:
    calls = []
    for index, (partition, contact) in enumerate(_ids(store)):
        send = {"template": "visit_today", "values": {"name": "{{ contact.name }}"}}
        order = PlanOrdered(
            nonce=f"p{index}",
            plan=plan_id(index),
            at=due,
            send=send,
            authorized=True,
            to=Identity(number=f"57300{index:07d}"),
        )
        body = to_bytes(order)
        calls.append(inbox.push(partition, contact, "acme/main", body, dedupe_id=order.id, at_ms=0))
    for at in range(0, len(calls), 2000):
        store.run_all(calls[at : at + 2000])


def _bring_forward(store: Store, by: int) -> None:
    """As if the hour had passed."""
    waiting: dict[int, list[str]] = {}
    for index, (partition, contact) in enumerate(_ids(store)):
        waiting.setdefault(partition, []).append(timers.member(contact, "acme/main", TIMER + plan_id(index), 0))
    for partition, members in waiting.items():
        for at in range(0, len(members), 500):
            store.run(timers.shift(partition, by, members[at : at + 500]))


def _fire(store: Store, worker: Worker) -> float:
    """Seconds until all lie in the inboxes."""
    held, owner = worker.partitions.held, worker.parts.owner
    began, left = time.perf_counter(), dict(held)
    while left:
        answers = store.run_all([timers.fire(one, owner, epoch, FIRED) for one, epoch in left.items()])
        left = {one: left[one] for one, count in zip(list(left), answers, strict=True) if count == FIRED}
    return time.perf_counter() - began
