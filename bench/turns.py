"""Turns a second of one worker through a flow of five questions, store included."""

from __future__ import annotations

import contextlib
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
CONTACTS = 400
ROUNDS = 6  # conversations of each contact


def measure() -> list[Result]:
    """Medians are not needed here: one long run."""
    with world() as (store, worker):
        calm_collector()
        fill(store, ROUNDS)
        busy = time.process_time()
        spent = drain(store, worker)
        busy = time.process_time() - busy
    turns = CONTACTS * len(WORDS) * ROUNDS
    note = f"{busy / turns * 1e6:.0f} us of the worker's CPU a turn"
    what = "one worker, turns through a five-step flow"
    return [Result(what=what, value=turns / spent, unit="/s", at_least=5000, note=note)]


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
            assert shelf.current().sound, shelf.current().problems
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
        if not worker.ready and not sum(store.run(inbox.peek(one)).waiting for one in range(store.partitions)):
            return time.perf_counter() - began


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
