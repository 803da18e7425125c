"""Gathers what a run left behind: from the store, the provider's log and the client's."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from flowbot.engine.introduction import introduced, new_contact, new_session
from flowbot.engine.turn import advance
from flowbot.errors import StoreError
from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.model import codec
from flowbot.model.contact import Identity
from flowbot.model.event import from_bytes
from flowbot.model.ids import partition_of, split
from flowbot.model.session import Session, processes
from flowbot.store import calls, deliveries, history, hooks, identity, inbox, keys, outbox, sessions, timers
from flowbot.store.call import Call, command
from flowbot.store.client import Store
from flowbot.store.history import Entry

from . import meta
from .invariants import FINAL, Evidence, Hook, Person
from .people import Said
from .provider import Heard, Log
from .town import HOOK_SECRET, Town

ACCOUNT, ENDPOINT = "acme", "acme/crm"
WANTED = ("process.started", "process.succeeded")  # hooks that the endpoint is told
SEVERAL = 100_000
SOON = 60_000  # ms: an expiry takes longer, a wait does not
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
        "timers": sum(store.run(_soon(one, store.now() + SOON)) for one in partitions),
    }


def gather(store: Store, said: Sequence[Said], town: Town) -> Evidence:
    """All there is to know about a run."""
    log, library = town.provider.log, load(town.project, town.environ("look"))
    histories = [_history(store, one) for one in said]
    people = tuple(_person(store, library, *both) for both in zip(said, histories, strict=True))
    messages = {name: store.run(outbox.read(name)) for person in people for name in person.committed}
    outs = [record for entries in histories for kind, record in entries if kind == "out"]
    committed = {
        record["facts"]["id"]
        for one, entries in zip(said, histories, strict=True)
        for kind, record in entries
        if kind == "trace" and record.get("what") == "hook" and record["detail"] in WANTED
        if one.account == ACCOUNT
    }
    return Evidence(
        people=people,
        states={name: fields.get("state", "missing") for name, fields in messages.items()},
        reasons={name: fields.get("error", "") for name, fields in messages.items()},
        texts={record["id"]: record["outbound"]["text"] for record in outs},
        read=tuple((one.our_id, one.text) for one in log.taken),
        taken=tuple((one.to, one.our_id) for one in log.taken),
        ambiguous=sum(not one.answered for one in log.taken),
        statuses_lost=log.statuses_lost,
        statuses_late=log.statuses_late,
        hooks=tuple(_hook(one, HOOK_SECRET) for one in log.heard),
        committed_hooks=frozenset(hooks.delivery_id(split(name)[1], name, ENDPOINT) for name in committed),
        left=leftovers(store),
        business={
            record["id"]: _claims(messages[record["id"]]) for record in outs if record.get("purpose") == "business"
        },
        shown=_shown(said, town),
        mixed=tuple(_mixed(store, said, histories, log)),
    )


def answers(store: Store, number: str) -> list[dict[str, Any]]:
    """What the contact's calls came to, as often as it was applied."""
    found = [record["event"] for kind, record in _history(store, Said(number=number)) if kind == "in"]
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
        for kind, record in _history(store, one):
            if kind == "out" and store.run(outbox.read(record["id"])).get("state") not in FINAL:
                out.append(record["id"])
    return out


def _person(store: Store, library: Library, said: Said, entries: list[tuple[str, dict[str, Any]]]) -> Person:
    contact_id, channel = _contact_id(store, said), f"{said.account}/main"
    partition = partition_of(contact_id, store.partitions)
    session = store.run(sessions.get(partition, contact_id, channel))
    changes = [record for kind, record in entries if kind == "in"]
    out = store.run(_opted_out(partition, contact_id))
    return Person(
        number=said.number,
        account=said.account,
        said=tuple(said.ids),
        conversations=tuple(tuple(answers) for answers in said.conversations) if said.account == ACCOUNT else (),
        applied=tuple((record["version"], record["event"].get("inbound", {}).get("id", "")) for record in changes),
        committed=tuple(record["id"] for kind, record in entries if kind == "out"),
        heard=tuple(record["outbound"]["text"] for kind, record in entries if kind == "out"),
        answers=said.answers,
        version=session.version if session else 0,
        timers=tuple(_timer(record) for record in changes if record["event"]["k"] == "timer"),
        pending=tuple(_pending(session, store.run(timers.of_contact(partition, contact_id)))) if session else (),
        state=str(codec.to_plain(session)) if session else "",
        again=str(codec.to_plain(_again(library, partition, contact_id, channel, changes))) if session else "",
        opted_out=out[0] if out else float("inf"),
    )


def _timer(record: dict[str, Any]) -> tuple[str, int, int, int]:
    one = record["event"]
    return one["name"], one["visit"], one["due"], record["at"]


def _pending(session: Session, kept: dict[str, int]) -> Iterator[str]:
    """Timers that the session waits for and the store does not have, or has for another time."""
    for process in processes(session):
        for key, at in process.timers.items():
            name, _, visit = key.rpartition(":")
            member = timers.member(session.contact_id, f"{session.account}/{session.channel}", name, int(visit))
            if kept.get(member) != at:
                yield f"{name} of {visit} is due at {at}, and kept for {kept.get(member)}"


def _again(library: Library, partition: int, contact_id: str, channel: str, changes: list[dict[str, Any]]) -> Session:
    """What its events make of a session when they are applied to nothing."""
    account = library.account(channel.partition("/")[0])
    session, contact = new_session(channel, contact_id), new_contact(contact_id, account, 0)
    for record in changes:
        what = from_bytes(orjson.dumps({"v": 1, **record["event"]}))
        turn = advance(session, introduced(contact, what), what, library, record["at"], partition=partition)
        session, contact = turn.session, turn.contact
    return session


def _soon(partition: int, until: int) -> Call[int]:
    return command("ZCOUNT", keys.timers(partition), "-inf", until, read=int)


def _opted_out(partition: int, contact_id: str) -> Call[list[int]]:
    """When what the ledger says of it was committed, ms: an entry's id is the script's own time."""
    place = keys.ledger(partition, contact_id)
    return command("XRANGE", place, "-", "+", read=lambda reply: [int(id.partition(b"-")[0]) for id, _ in reply])


def _claims(message: dict[str, str]) -> tuple[float, ...]:
    """When it was claimed, ms."""
    turns = [turn.partition("@") for turn in message.get("log", "").split()]
    return tuple(float(at) for state, _, at in turns if state == "sending")


def _shown(said: Sequence[Said], town: Town) -> dict[str, int]:
    """What may be in no log: numbers, ids that hold them, texts, secrets."""
    told = town.told()
    secrets = [
        HOOK_SECRET,
        meta.APP_SECRET,
        *(town.environ("look")[name] for name in ("TOWN_TOKEN", "FLOWBOT_SECRET_KEY")),
    ]
    words = [*{one.number for one in said}, "wamid.", "And the second?", *secrets]
    return {"an answer": len(re.findall(r"answer \d", told)), **{word: told.count(word) for word in words}}


def _mixed(
    store: Store, said: Sequence[Said], histories: Sequence[list[tuple[str, dict[str, Any]]]], log: Log
) -> Iterator[str]:
    """Contacts that two accounts share, and messages that went out by another's number."""
    owners: dict[str, str] = {}
    lines = {ACCOUNT: meta.PHONE_NUMBER_ID, "other": meta.OTHER_ID}
    by: dict[str, str] = {}
    for one, entries in zip(said, histories, strict=True):
        who = _contact_id(store, one)
        if owners.setdefault(who, one.account) != one.account:
            yield f"{one.number} is one contact in two accounts"
        by |= {record["id"]: lines[one.account] for kind, record in entries if kind == "out"}
    for taken in log.taken:
        if by.get(taken.our_id, taken.line) != taken.line:
            yield f"{taken.our_id} went out by the number of another account"


def _history(store: Store, said: Said) -> list[tuple[str, dict[str, Any]]]:
    contact_id = _contact_id(store, said)
    partition = partition_of(contact_id, store.partitions)
    found = [_plain(entry) for entry in store.run(history.read(partition, contact_id, count=SEVERAL))]
    return found


def _plain(entry: Entry) -> tuple[str, dict[str, Any]]:
    return entry.kind, orjson.loads(entry.body)


def _contact_id(store: Store, said: Said) -> str:
    return identity.resolve(store, said.account, Identity(number=said.number))


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
