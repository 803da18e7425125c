"""Every event that an endpoint may ask for is made by what it says, arrives signed at an endpoint, is described."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

import flowbot
from flowbot.library.project import HOOK_TYPES
from flowbot.model.contact import Identity
from flowbot.model.event import ContactReported, ConversationRequested, MessageReceived, MessageRefused, to_bytes
from flowbot.model.inbound import Inbound, Receipt, Tap
from flowbot.model.order import ConsentGiven, ResultOverridden
from flowbot.model.project import Account, Endpoint
from flowbot.model.template import Approval
from flowbot.people import forget
from flowbot.store import approval_news, outbox, processes, receipts
from flowbot.store.client import Store, connect_async
from tests.hooks.conftest import SECRET, Client, Stage
from tests.worker.world import World

CODE = Path(flowbot.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "clients.md"
HOUR = 3_600_000
ERRORS = ({"code": 131026, "title": "Message undeliverable"},)
PROJECT = """\
accounts:
  acme:
    timezone: UTC
    languages: [en]
    channels:
      main: {gateway: simulator}
      real: {gateway: cloud_api, phone_number_id: "1", waba_id: "8"}
    endpoints: [{name: crm, url: "https://client.example/hooks", secret: "%s", events: [%s]}]
"""
FLOW = """\
flow: talk
start: {keywords: [start], api: true, template: {name: invite, expires: 20h}}
settings: {expires_after: 10h}
reengage: [{after: 2h, say: "Still there?", hours: {from: "00:00", to: "24:00"}}]
anytime: {exit: {fail: canceled}, restart: {then: city}}
steps:
  city: {ask: "Your city?", choices: {cali: seen, none: {fail: nowhere}, agent: person, circle: round}}
  seen: {event: seen, with: {city: "{{ answers.city }}"}}
  done: {say: Thank you, succeed: {city: "{{ answers.city }}"}}
  person: {handoff: sales, next: done}
  round: {say: Round and round., next: city}
"""
TEMPLATE = "category: utility\nlanguages: {en: {body: Shall we?, continue: Yes, cancel: No}}\n"
ASKED = [*(f"{group}.*" for group in ("process", "session", "outbound", "message", "contact", "template", "custom"))]


def everything(world: World) -> None:
    """All that may happen to contacts, each to one of its own."""
    worker = world.worker()
    said = {
        1: ["Cali"],
        2: ["none"],
        3: ["agent"],
        4: [],
        5: ["exit"],
        6: ["circle"] * 21,
        7: ["restart"],
        8: ["Cali"],
        9: [],
    }
    for number, texts in said.items():
        world.say(f"1555010000{number}", "start", *texts, channel="real" if number == 1 else "main")
    world.settle(worker)
    world.advance_clock("15550100004", 2 * HOUR)  # asked once more …
    world.settle(worker)
    world.say("15550100004", "yes")  # … and it goes on
    world.advance_clock("15550100007", 2 * HOUR)
    world.settle(worker)
    world.advance_clock("15550100007", 11 * HOUR)  # … or expires
    world.settle(worker)
    for change in ("out", "in"):
        assert world.event("15550100001", ConsentGiven(nonce=change, topic="all", change=change))
    record = world.store.run(processes.get(ended(world, "15550100002")))
    assert record is not None
    assert world.event("15550100002", ResultOverridden(nonce="o", record=record, status="success", reason="by hand"))
    for what in ("unreachable", "reachable"):
        if what == "unreachable":
            assert world.event("15550100010", ContactReported(nonce="u", what=what, code="131026", to=person("10")))
        else:
            world.say("15550100010", "hello")
    world.settle(worker)
    invitations(world)
    world.settle(worker)
    statuses(world)
    templates(world)
    account = world.shelf().current().account("acme")
    assert forget.order(world.store, account, world.contact_id("15550100009"), nonce="f", by="tests")
    world.settle(worker)


def person(end: str) -> Identity:
    return Identity(number=f"155501000{end}")


def ended(world: World, number: str) -> str:
    """The process that ended."""
    return next(one["facts"]["process"] for one in world.history(number, "trace") if one["what"] == "ended")


def invitations(world: World) -> None:
    """One is accepted, one declined, one never delivered."""
    worker = world.worker()
    for end in ("11", "12", "13"):
        number, message = f"155501000{end}", f"ms_{world.partition(f'155501000{end}')}_i{end}"
        asked = {"name": "invite", "params": {}, "message_id": message}
        start = ConversationRequested(
            process_id=f"pr_{world.partition(number)}_i{end}", flow="talk", template=asked, to=person(end)
        )
        assert world.event(number, start)
    world.settle(worker)
    for end, choice in (("11", "continue"), ("12", "cancel")):
        number = f"155501000{end}"
        (parked,) = world.session(number).parked
        tap = Tap(choice=choice, visit=parked.visit, title=choice, source="template")
        inbound = Inbound(id=f"t{end}", sender=person(end), kind="tap", tap=tap)
        assert world.push(number, to_bytes(MessageReceived(inbound=inbound)))
    (parked,) = world.session("15550100013").parked
    message = f"ms_{world.partition('15550100013')}_i13"
    assert world.event("15550100013", MessageRefused(message=message, wakes=f"invite:{parked.visit}", code="131026"))


def statuses(world: World) -> None:
    """What was said on the provider's channel is sent, delivered, read; the next one fails."""
    partition = world.partition("15550100001")
    for number in (1, 2):
        (claimed,) = world.store.run(outbox.claim(partition, "r", "acme/real", tokens=1)).claimed
        world.store.run(outbox.record(claimed.id, 1, "sent", provider_id=f"w{number}"))
        for status in ("delivered", "read") if number == 1 else ("failed",):
            told = Receipt(provider_id=f"w{number}", status=status, our_id=claimed.id, errors=ERRORS)
            world.store.run(receipts.apply("acme/real", claimed.id, told))


def templates(world: World) -> None:
    account = world.shelf().current().account("acme")
    where = approval_news.of(account.channels["real"], account.channels.values())
    for at, status in enumerate(("APPROVED", "PAUSED", "DISABLED", "REJECTED"), 1):
        found = [Approval(name="invite", language="en", status=status, reason="" if at == 1 else "TAG")]
        approval_news.settle(world.store, where, approval_news.facts_of_list(found, at))


@pytest.fixture
def told(tmp_path: Path, store: Store, store_url: str) -> list[dict[str, Any]]:
    """All events of all that may happen, as a client's endpoint verified them."""
    world = World(store, tmp_path / "project")
    (world.folder / "flowbot.yaml").write_text(PROJECT % (SECRET, ", ".join(f'"{one}"' for one in ASKED)))
    (world.folder / "content" / "templates").mkdir(parents=True)
    (world.folder / "content" / "templates" / "invite.yaml").write_text(TEMPLATE)
    world.write(FLOW)
    everything(world)

    async def inside() -> list[tuple[dict[str, str], bytes]]:
        async with Client() as client:
            stage = Stage(store, store_url, client, events=tuple(ASKED))
            stage.astore = await connect_async(store_url)
            stage.start()
            try:
                await stage.until(lambda: any(b'"contact.forgotten"' in body for _, body in client.got), 20)
                seen = -1
                while len(client.got) != seen:  # until nothing more comes
                    seen = len(client.got)
                    await asyncio.sleep(0.5)
                return client.got
            finally:
                await stage.halt()
                await stage.astore.close()

    return [Webhook(SECRET).verify(body, headers) for headers, body in asyncio.run(inside())]


def test_every_event_reaches_an_endpoint(told: list[dict[str, Any]]) -> None:
    """R120, R148: all that `events` may name, and nothing that it may not."""
    kinds = {event["type"] for event in told}
    assert kinds == {*HOOK_TYPES, "custom.seen"}


def documented() -> dict[str, tuple[set[str], set[str]]]:
    """Of each event what its data must hold, and what else it may, by the table in docs/clients.md."""
    text = DOCS.read_text()
    example = json.loads(text.split("```json\n", 1)[1].split("\n```", 1)[0])
    process, found = set(example["data"]), {}
    for line in text.split("| event | `data` holds |\n|---|---|\n", 1)[1].splitlines():
        if not line.startswith("|"):
            break
        names, holds = line.strip("| ").split(" | ")
        fields = set(re.findall(r"`(\w+\??)`", re.sub(r": [^`]*`[^|]*? in it|: its `id`", "", holds)))
        always = {one for one in fields if not one.endswith("?")} | (process if "a process" in holds else set())
        for name in re.findall(r"`([\w.<>]+)`", names):
            found[name.replace("<name>", "seen")] = (always, {one.rstrip("?") for one in fields})
    every = {*HOOK_TYPES, "custom.seen"}
    return {**{kind: (process, {"overridden"}) for kind in every if kind.startswith("process.")}, **found}


def test_what_is_described_is_what_comes(told: list[dict[str, Any]]) -> None:
    """R120, R123: each field of each event stands in docs/clients.md, and none that does not come."""
    known = documented()
    for event in told:
        always, maybe = known[event["type"]]
        got = set(event["data"])
        assert always <= got <= always | maybe, (event["type"], sorted(always ^ got))


def test_every_event_is_described_and_can_be_asked_for() -> None:
    """In the table of `events` too; who names nothing gets what another event does not say."""
    table = DOCS.read_text().split("| `events` | when |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    listed = {name for line in table.splitlines() for name in re.findall(r"`([a-z_]+\.[\w<>]+)`", line.split(" | ")[0])}
    assert listed == {*HOOK_TYPES, "custom.<name>"}
    assert set(documented()) == {*HOOK_TYPES, "custom.seen"}
    silent = {kind for kind in HOOK_TYPES if not Endpoint(account="a", name="crm", url="").wants(kind)}
    assert {kind.partition(".")[0] for kind in silent} == {"process", "session", "outbound", "message"}
    assert {kind for kind in silent if kind.startswith(("process", "session"))} == {
        "process.expired",
        "session.canceled",
        "session.expired",
        "session.restarted",
    }


def test_the_sequence_tells_the_order_in_which_it_happened(told: list[dict[str, Any]]) -> None:
    """R124: of a contact, by one with each event and none left out, whatever order they come in; also of a process."""
    numbers: dict[str, list[int]] = {}
    spans: dict[str, dict[str, int]] = {}
    for event in told:
        data = event["data"]
        if "sequence" in data:
            numbers.setdefault(data["contact"]["id"], []).append(data["sequence"])
        if event["type"] in ("process.started", "process.succeeded", "process.failed"):
            spans.setdefault(data["process_id"], {})[event["type"]] = data["sequence"]
    (gone,) = [event["data"]["contact"]["id"] for event in told if event["type"] == "contact.forgotten"]
    assert len(numbers) > 10 and min(numbers[gone]) > 1  # what was not delivered before is not sent any more
    for contact, found in numbers.items():
        first = min(found) if contact == gone else 1
        assert sorted(found) == list(range(first, first + len(found)))
    both = [one for one in spans.values() if "process.started" in one and len(one) == 2]
    assert len(both) > 4 and all(one["process.started"] == min(one.values()) for one in both)


def test_a_message_that_fails_late_names_its_process(told: list[dict[str, Any]]) -> None:
    """R130: also when its text was thrown away after the send; null where there is no process."""
    (failed,) = [event["data"] for event in told if event["type"] == "message.failed"]
    ended = [
        event["data"] for event in told if event["type"] == "process.succeeded" and event["data"]["channel"] == "real"
    ]
    sent = {event["data"]["message_id"]: event["data"] for event in told if event["type"] == "message.sent"}
    assert failed["process_id"] == ended[0]["process_id"] == sent[failed["message_id"]]["process_id"]
    assert (failed["code"], failed["reason"]) == ("131026", "Message undeliverable")
    assert Account(name="a").tells() == ""


def test_the_engine_s_own_reasons_are_described() -> None:
    """R127: every word that the code itself gives as a reason stands in the table."""
    table = DOCS.read_text().split("| `reason` | |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    listed = set(re.findall(r"`(\w+)`", "\n".join(line.split(" | ")[0] for line in table.splitlines())))
    assert {"expired", "superseded", "engine_error", "undelivered"} <= reasons() <= listed
    code = "".join(file.read_text("utf-8") for room in ("engine", "worker") for file in (CODE / room).rglob("*.py"))
    assert {one for one in listed if f'"{one}"' not in code} == set(), "a word that nothing says"


def reasons() -> set[str]:
    """Literal ones, by the calls that end a process."""
    found = set()
    for file in (CODE / "engine").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("finish", "refuse", "_end"):
                found |= {one.value for one in call.args[1:] if isinstance(one, ast.Constant)}
    return found - {"fail", "expire", "succeed", "cancel"}
