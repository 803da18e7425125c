"""Turns a second of one worker through a flow of five questions, store included."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from flowbot.library.load import load
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived, to_bytes
from flowbot.model.ids import contact_id, partition_of
from flowbot.model.inbound import Inbound
from flowbot.store import inbox
from flowbot.store.call import Call
from flowbot.store.client import Store, connect
from flowbot.store.embedded import Embedded
from flowbot.worker.loop import Parts, Worker, calm_collector
from flowbot.worker.shelf import Shelf

from .result import Result

PROJECT = """\
accounts:
  acme:
    languages: [en]
    channels:
      main:
        gateway: cloud_api
        number: "+15550000001"
        phone_number_id: "1"
        access_token: ${env:BENCH_TOKEN}
        app_secret: ${env:BENCH_SECRET}
        verify_token: ${env:BENCH_VERIFY}
"""
FLOW = """\
flow: talk
start: {keywords: [start]}
steps:
  hello: {say: "Hello {{ contact.name }}, five questions."}
  name: {ask: "What is your name?"}
  age: {ask: "How old are you, {{ answers.name }}?", expect: integer}
  likes: {ask: "Tea or coffee?", choices: [tea, coffee]}
  city: {ask: "Where do you live?"}
  sure: {ask: "Is that right?", expect: yes_no}
  done: {say: "Thank you, {{ answers.name }}.", succeed: {city: "{{ answers.city }}"}}
"""
WORDS = ("start", "Ana", "31", "tea", "Cali", "yes")
CONTACTS, ROUNDS, RUNS = 400, 2, 8  # conversations of each contact, in each run
TURNS = CONTACTS * ROUNDS * len(WORDS)


def measure() -> list[Result]:
    """The best of several runs: whatever else the machine does can only take away from it."""
    rates, costs = [], []
    with world() as (store, worker):
        calm_collector()
        for run in range(RUNS):
            fill(store, ROUNDS, contacts=CONTACTS * (run + 1), first=CONTACTS * run)
            busy = time.process_time()
            spent = drain(store, worker)
            costs.append((time.process_time() - busy) / TURNS * 1e6)
            rates.append(TURNS / spent)
    note = f"best of {RUNS} runs, median {statistics.median(rates):.0f}; {min(costs):.0f} us of the worker's CPU a turn"
    what = "one worker, turns through a five-step flow"
    return [Result(what=what, value=max(rates), unit="/s", at_least=5000, note=note)]


@contextlib.contextmanager
def world() -> Iterator[tuple[Store, Worker]]:
    """A store with everything as in production, and a worker that nobody else competes with."""
    with tempfile.TemporaryDirectory() as name, Embedded(Path(name) / "data") as valkey:
        project = Path(name) / "project"
        (project / "flows").mkdir(parents=True)
        (project / "flowbot.yaml").write_text(PROJECT)
        (project / "flows" / "talk.yaml").write_text(FLOW)
        with contextlib.closing(connect(valkey.url)) as store:
            shelf = Shelf(store=store, load=lambda before: load(project, {}, before=before))
            assert shelf.current().library.sound, shelf.current().library.problems
            yield store, Worker(parts=Parts(store=store, shelf=shelf, owner="bench#1"))


def fill(store: Store, rounds: float, *, contacts: int = CONTACTS, first: int = 0) -> None:
    """Conversations of many contacts, interleaved as they would be; half a round stops in the middle."""
    calls: list[Call[bool]] = []
    for turn in range(int(rounds * len(WORDS))):
        for index in range(first, contacts):
            calls.append(_push(store, index, turn))
        if len(calls) > 2000:
            store.run_all(calls)
            calls = []
    store.run_all(calls)


def drain(store: Store, worker: Worker) -> float:
    """Seconds until every inbox is empty."""
    worker.partitions.refresh()
    began = time.perf_counter()
    worker.forget()
    while True:
        worker.round()
        if not worker.ready and not _waiting(store):
            return time.perf_counter() - began


def _waiting(store: Store) -> int:
    looks = store.run_all([inbox.peek(one) for one in range(store.partitions)])
    return sum(one.waiting for one in looks if isinstance(one, inbox.Peek))


def _push(store: Store, index: int, turn: int) -> Call[bool]:
    number = f"57300{index:07d}"
    contact = contact_id(store.salt, "acme", f"n:{number}")
    name = f"wamid.{index}.{turn}"
    inbound = Inbound(
        id=name,
        sender=Identity(number=number, name="Ana"),
        kind="text",
        at=int(time.time() * 1000),
        text=WORDS[turn % len(WORDS)],
    )
    event = to_bytes(MessageReceived(inbound=inbound))
    partition = partition_of(contact, store.partitions)
    return inbox.push(partition, contact, "acme/main", event, dedupe_id=name, at_ms=inbound.at)
