"""Gathers what a run left behind: from the store, the provider's log and the client's."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from flowbot.errors import StoreError
from flowbot.model.contact import Identity
from flowbot.model.ids import partition_of, split
from flowbot.store import calls, deliveries, history, hooks, identity, inbox, outbox, sessions
from flowbot.store.client import Store
from flowbot.store.history import Entry

from .invariants import FINAL, Evidence, Hook, Person
from .people import Said
from .provider import Heard, Log

ACCOUNT, CHANNEL, ENDPOINT = "acme", "acme/main", "acme/crm"
SEVERAL = 100_000
TOLERANCE = 300  # seconds that a hook's time may be off, as Standard Webhooks say


def settled(
    store: Store, said: Sequence[Said], seconds: float, *, meanwhile: Callable[[], None] = lambda: None
) -> float:
    """Wait until nothing waits anywhere; how many seconds it took. AssertionError names what is left over."""
    began = time.monotonic()
    left: dict[str, int] = {"everything": 1}
    while time.monotonic() - began < seconds:
        meanwhile()
        try:
            left = {name: count for name, count in leftovers(store).items() if count}
            if not left and not _unsettled(store, said):
                return time.monotonic() - began
        except StoreError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"after {seconds} s there is still left: {left or _unsettled(store, said)}")


def leftovers(store: Store) -> dict[str, int]:
    """What lies in the queues."""
    partitions = range(store.partitions)
    peeks = [store.run(inbox.peek(one)) for one in partitions]
    looks = [store.run(outbox.look(one)) for one in partitions]
    return {
        "inbox": sum(one.waiting for one in peeks),
        "parked": sum(len(store.run(inbox.stuck(one))) for one in partitions),
        "outbox": sum(len(one.due) for one in looks),
        "deadlines": sum(one.deadline >= 0 for one in looks),
        "hooks": sum(len(store.run(hooks.read(one))) for one in partitions),
        "calls": sum(store.run(calls.waiting(one)) for one in partitions),
        "deliveries": store.run(deliveries.waiting(ENDPOINT)),
    }


def gather(store: Store, said: Sequence[Said], log: Log, hook_secret: str) -> Evidence:
    """All there is to know about a run."""
    histories = {one.number: _history(store, one.number) for one in said}
    people = tuple(_person(store, one, histories[one.number]) for one in said)
    messages = {name: store.run(outbox.read(name)) for person in people for name in person.committed}
    committed = {
        record["facts"]["id"]
        for entries in histories.values()
        for kind, record in entries
        if kind == "trace" and record.get("what") == "hook"
    }
    return Evidence(
        people=people,
        states={name: fields.get("state", "missing") for name, fields in messages.items()},
        reasons={name: fields.get("error", "") for name, fields in messages.items()},
        taken=tuple((one.to, one.our_id) for one in log.taken),
        ambiguous=sum(not one.answered for one in log.taken),
        statuses_lost=log.statuses_lost,
        statuses_late=log.statuses_late,
        hooks=tuple(_hook(one, hook_secret) for one in log.heard),
        committed_hooks=frozenset(hooks.delivery_id(split(name)[1], name, ENDPOINT) for name in committed),
        left=leftovers(store),
    )


def answers(store: Store, number: str) -> list[dict[str, Any]]:
    """What the contact's calls came to, as often as it was applied."""
    found = [record["event"] for kind, record in _history(store, number) if kind == "in"]
    return [one.get("result", one) for one in found if one["k"] == "answer"]


def summary(run: Evidence) -> dict[str, Any]:
    """A line for the log of a run."""
    return {
        "inbound": sum(len(person.said) for person in run.people),
        "messages": len(run.states),
        "states": dict(Counter(run.states.values())),
        "taken": len(run.taken),
        "taken twice": len(run.taken) - len({name for _, name in run.taken}),
        "ambiguous": run.ambiguous,
        "statuses late": run.statuses_late,
        "hooks": len({hook.id for hook in run.hooks}),
        "hooks twice": len(run.hooks) - len({hook.id for hook in run.hooks}),
    }


def _unsettled(store: Store, said: Sequence[Said]) -> list[str]:
    """Messages that are neither sent nor given up."""
    out = []
    for one in said:
        for kind, record in _history(store, one.number):
            if kind == "out" and store.run(outbox.read(record["id"])).get("state") not in FINAL:
                out.append(record["id"])
    return out


def _person(store: Store, said: Said, entries: list[tuple[str, dict[str, Any]]]) -> Person:
    contact_id = _contact_id(store, said.number)
    session = store.run(sessions.get(partition_of(contact_id, store.partitions), contact_id, CHANNEL))
    return Person(
        number=said.number,
        said=tuple(said.ids),
        conversations=tuple(tuple(answers) for answers in said.conversations),
        applied=tuple(
            (record["version"], record["event"].get("inbound", {}).get("id", ""))
            for kind, record in entries
            if kind == "in"
        ),
        committed=tuple(record["id"] for kind, record in entries if kind == "out"),
        version=session.version if session else 0,
    )


def _history(store: Store, number: str) -> list[tuple[str, dict[str, Any]]]:
    contact_id = _contact_id(store, number)
    call = history.read(partition_of(contact_id, store.partitions), contact_id, count=SEVERAL)
    return [_plain(entry) for entry in store.run(call)]


def _plain(entry: Entry) -> tuple[str, dict[str, Any]]:
    return entry.kind, orjson.loads(entry.body)


def _contact_id(store: Store, number: str) -> str:
    return identity.resolve(store, ACCOUNT, Identity(number=number))


def _hook(heard: Heard, secret: str) -> Hook:
    body = orjson.loads(heard.body)
    return Hook(
        id=heard.headers.get("webhook-id", ""),
        type=body["type"],
        data=body["data"],
        signed=_signed(heard, secret),
        accepted=200 <= heard.answered < 300,
    )


def _signed(heard: Heard, secret: str) -> bool:
    """As the client would have found it then: `verify` looks at the clock, and a run may take longer than it allows."""
    told, at = heard.headers.get("webhook-signature", ""), int(heard.headers.get("webhook-timestamp", "0"))
    name, then = heard.headers.get("webhook-id", ""), datetime.fromtimestamp(at, UTC)
    made = Webhook(secret).sign(name, then, heard.body.decode())
    return made in told.split() and abs(heard.at - at) < TOLERANCE
