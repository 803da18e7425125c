"""Sensitive answers: in no file of the store, and whole for whom they are meant (I13)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from flowbot.hooks.address import address
from flowbot.hooks.parts import Parts
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived, to_bytes
from flowbot.model.inbound import Inbound
from flowbot.model.project import Account, Endpoint, Project
from flowbot.store import hooks, inbox, outbox, processes
from flowbot.store.client import Store, connect, connect_async
from flowbot.store.embedded import Embedded
from flowbot.store.sealing import Ring

from .world import PROJECT, World

ANA = "573000000001"
RIGHT, WRONG, LATER = "1032456789", "99887766x", "5551234567"
RING = Ring(["k" * 32])
FLOW = """\
flow: talk
start: {keywords: [start]}
steps:
  city: {ask: "Your city?"}
  pin:
    ask: "Your number?"
    expect: integer
    sensitive: true
    save: contact.document
    retry: {times: 2, then: bye}
  part: {run: inner, with: {given: "{{ answers.pin }}"}}
  more: {ask: "Is it {{ answers.pin }} and {{ part.answers.other }}?"}
  on: {jump: after, with: {number: "{{ answers.pin }}"}}
  bye: {succeed: {}}
"""
INNER = """\
flow: inner
inputs: {given: text}
steps:
  other: {ask: "And the other of {{ inputs.given }}?", sensitive: true}
  done: {succeed: {}}
"""
AFTER = """\
flow: after
inputs: {number: text}
steps:
  ask: {ask: "Still {{ inputs.number }}?"}
  done: {say: Thank you, succeed: {number: "{{ inputs.number }}"}}
"""
PLAIN = """\
flow: plain
start: {keywords: [plain]}
steps:
  ask: {ask: "Do you still have {{ contact.document }}?"}
  done: {say: Fine, succeed: {}}
"""


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    """A store that writes its file, and the folder in which it does."""
    with (
        Embedded(tmp_path / "store") as server,
        contextlib.closing(connect(server.url, partitions=4, ring=RING)) as store,
    ):
        yield store, tmp_path / "store"


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def say(world: World, *texts: str) -> None:
    """As the web brings it, for an account with a flow that keeps secrets."""
    for text in texts:
        inbound = Inbound(id=f"in{next(world.count)}", sender=Identity(number=ANA), kind="text", text=text)
        event = MessageReceived(inbound=inbound)
        call = inbox.push(
            world.partition(ANA),
            world.contact_id(ANA),
            "acme/main",
            to_bytes(event),
            dedupe_id=event.id,
            at_ms=0,
            sealed=world.shelf().current().keeps_secrets("acme"),
        )
        assert world.store.run(call)


def test_no_file_of_the_store_holds_a_sensitive_answer(durable: tuple[Store, Path], tmp_path: Path) -> None:
    """I13: right or wrong, repeated in texts, handed to a part, to another flow, kept on the contact: never in clear.

    The hook, the process and the messages that go out have it whole.
    """
    store, folder = durable
    world = World(store, tmp_path / "project")
    project = PROJECT.replace("timezone: UTC", "timezone: UTC\n    contact_fields: {document: text}")
    (world.folder / "flowbot.yaml").write_text(project)
    world.write(FLOW)
    for name, text in (("inner", INNER), ("after", AFTER), ("plain", PLAIN)):
        (world.folder / "flows" / f"{name}.yaml").write_text(text)
    worker = world.worker()
    say(world, "start", "Cali", WRONG, RIGHT, LATER, "yes", "sure", "plain")
    world.settle(worker)
    assert world.said(ANA) == [
        "Your city?",
        "Your number?",
        "Please write a whole number, for example 12.",
        "Your number?",
        f"And the other of {RIGHT}?",
        f"Is it {RIGHT} and {LATER}?",
        f"Still {RIGHT}?",
        "Thank you",
        f"Do you still have {RIGHT}?",
    ]
    ended = [one for one in world.history(ANA, "trace") if one["what"] == "ended"]
    first, second = (store.run(processes.get(one["facts"]["process"])) for one in ended)
    assert first and first["answers"]["pin"] == int(RIGHT) and second and second["result"] == {"number": int(RIGHT)}
    (pieces,) = [store.run(outbox.claim(world.partition(ANA), "r", "acme/main", tokens=9)).claimed]
    assert pieces[0].entry.outbound.text == "Your city?"
    delivered = asyncio.run(_hooks(store, folder))
    assert f'"pin":{RIGHT}'.encode() in delivered and f'"number":{RIGHT}'.encode() in delivered
    whole = files(folder)
    assert b"acme/main" in whole  # we look where it would be
    for secret in (RIGHT, WRONG, LATER):
        assert secret.encode() not in whole, secret


async def _hooks(store: Store, folder: Path) -> bytes:
    """The bodies of all hooks, as an endpoint gets them, after they were addressed."""
    endpoint = Endpoint(account="acme", name="crm", url="http://127.0.0.1:9/", secret="whsec_" + "a" * 32)
    account = Account(name="acme", endpoints={"crm": endpoint})
    astore = await connect_async(f"unix://{Embedded(folder).socket}", ring=RING)
    parts = Parts(store=astore, project=lambda: Project(accounts={"acme": account}))
    ids = [entry.id for one in range(4) for entry in await astore.run(hooks.read(one))]
    await address(parts, range(4))
    found = [await astore.run(hooks.body(int(id.split("_")[1]), id)) for id in ids]
    await astore.close()
    await parts.close()
    return orjson.dumps([orjson.loads(one) for one in found if one])


def test_flows_without_sensitive_answers_lie_open(world: World) -> None:
    """And cost nothing: only what is private is sealed."""
    worker = world.worker()
    assert not worker.parts.shelf.current().keeps_secrets("acme")
    world.say(ANA, "start", "one")
    world.settle(worker)
    assert world.heard(ANA) == ["start", "one"]
