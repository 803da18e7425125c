"""Everything about a person, by every door there is; then the person is forgotten, and all is searched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from flowbot.delivery.files import Folder, path_of
from flowbot.hooks import loop
from flowbot.hooks.forget import Forgetting
from flowbot.hooks.parts import Parts as HooksParts
from flowbot.model import codec, ids
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived
from flowbot.model.inbound import Inbound, Media, Receipt
from flowbot.model.planning import RuleMet
from flowbot.model.schedule import Run
from flowbot.store import inbox, keys, outbox, quarantine, receipts, schedules
from flowbot.store.client import connect_async
from tests.people.everything import holding

from .conftest import PROJECT, Office

NUMBER, NAME, WORD, SECRET = "573001112233", "Anastasia", "bergamot", "quinquereme"
FIELD, LIST, EVENT, PROOF = "Zipaquira", "cinnamon", "hydrangea", "form-of-hers"
BEN = "573009998877"
KINDS = {"c", "calls", "code", "g", "h", "hk", "hooks", "in", "ledger", "m", "pr", "qr", "rows", "s", "t"}
NEEDLES = (NUMBER, NAME, WORD, SECRET, FIELD, LIST, EVENT, PROOF, "300 111 2233")
FLOWS = {
    "checks": """\
flow: checks
start: {keywords: [check], api: true}
steps:
  name: {ask: Your name?, save: contact.city}
  front: {ask: "A photo of it, {{ answers.name }}?", expect: image}
  check: {verify: document, with: {front: "{{ answers.front }}", number: "{{ answers.name }}"}}
  done: {succeed: {}}
""",
    "codes": """\
flow: codes
start: {keywords: [code], api: true}
steps:
  code: {verify: otp, with: {channel: whatsapp}}
  done: {succeed: {}}
""",
    "calls": """\
flow: calls
start: {keywords: [call], api: true}
steps:
  who: {ask: Who is it?}
  save: {call: crm.save, with: {name: "{{ answers.who }}", phone: "{{ contact.phone }}"}}
  done: {succeed: {}}
""",
}
RULES = """\
tell_actor:
  event: visit.scheduled
  at: {date: event.on, minus: 1d, at: "10:00"}
  to: actor
  template: notice
  with: {name: "{{ subject.name }}", day: "{{ event.place }}"}
tell_group:
  event: visit.scheduled
  to: {group: mothers}
  template: notice
  with: {name: "{{ subject.name }}", day: "{{ event.place }}"}
tell_herself:
  event: visit.scheduled
  at: {date: event.on, at: "10:00"}
  template: notice
  with: {name: x, day: "{{ event.place }}"}
weekly: {every: {weekly: [mon]}, to: {group: mothers}, start: talk}
"""
MORE = """\
    verifiers: {document: {url: "http://127.0.0.1:9/v", secret: "${env:HOOK}"}}
    integrations:
      crm:
        base_url: "http://127.0.0.1:9"
        actions: {save: {method: POST, path: /p, json: {name: "{{ name }}", phone: "{{ phone }}"}}}
"""


@pytest.fixture
def raw(store_url: str) -> Iterator[Redis]:
    with contextlib.closing(Redis.from_url(store_url)) as client:
        yield client


@pytest.fixture
def town(office: Office) -> Office:
    """The office with everything that a person may meet."""
    folder = office.world.folder
    text = PROJECT.replace("https://client.example/hooks", "http://127.0.0.1:9/hooks").replace(
        "[process.*]", '["process.*", "message.*", "contact.*"]'
    )
    text = text.replace(
        "      real:", "      second: {gateway: simulator}\n      third: {gateway: simulator}\n      real:"
    )
    (folder / "flowbot.yaml").write_text(text.replace("    endpoints:", MORE + "    endpoints:", 1))
    for name, flow in FLOWS.items():
        (folder / "flows" / f"{name}.yaml").write_text(flow)
    (folder / "rules" / "visits.yaml").write_text(RULES)
    office.parts.shelf._looked = float("-inf")
    assert set(office.parts.library.account("acme").channels) == {"main", "second", "third", "real"}
    return office


def run_hooks(office: Office, url: str, seconds: float) -> None:
    """The hooks process for a while: what it can deliver nowhere waits for its next attempt."""

    async def inside() -> None:
        astore = await connect_async(url)
        library = office.parts.shelf.current
        parts = HooksParts(
            store=astore,
            project=lambda: library().project,
            library=library,
            key=b"k" * 32,
            seconds=0.5,
            poll=50,
            files=Folder(office.parts.settings.data),
            data=office.parts.settings.data,
        )
        stop = asyncio.Event()
        task = asyncio.create_task(loop.run(parts, stop))
        await asyncio.sleep(seconds)
        stop.set()
        await task
        await astore.close()

    asyncio.run(inside())


def forgotten_about(office: Office, url: str) -> None:
    """Both looks for what is left."""

    async def inside() -> None:
        astore = await connect_async(url)
        parts = HooksParts(
            store=astore, project=lambda: office.parts.library.project, files=Folder(office.parts.settings.data)
        )
        for _ in range(2):
            await Forgetting(parts, settled=0, rewrites=0).round()
        await parts.close()
        await astore.close()

    asyncio.run(inside())


def photo(office: Office, channel: str) -> None:
    media = Media(kind="image", id="ab" * 16, caption=WORD)
    inbound = Inbound(id="photo", sender=Identity(number=NUMBER, name=NAME), kind="image", media=media)
    assert office.world.event(NUMBER, MessageReceived(inbound=inbound), channel=channel)


def live(office: Office, url: str) -> str:
    """All doors; her contact's id."""
    world = office.world
    world.say(BEN, "start", "blue", name="Ben")
    world.say(NUMBER, "start", WORD, SECRET, "start", WORD, name=NAME)  # one that ended, one that is open
    world.say(NUMBER, "check", FIELD, channel="second", name=NAME)
    photo(office, "second")
    world.say(NUMBER, "code", channel="third", name=NAME)
    world.say(NUMBER, "call", WORD, channel="real", name=NAME)
    office.work()
    her = world.contact_id(NUMBER)
    files = Folder(office.parts.settings.data)
    files.save(path_of("acme", her, "acme/second:photo"), WORD.encode())
    run_hooks(office, url, 1.0)
    office.work()
    key = {"Idempotency-Key": "her"}
    notice = {"name": "notice", "params": {"name": NAME, "day": LIST}}
    office.post("/groups", {"name": "mothers"}, status=201)
    office.post("/groups/mothers/members", {"add": [f"+{NUMBER}", f"+{BEN}"]}, **key)
    office.ask("PATCH", f"/contacts/{her}", {"name": NAME, "fields": {"city": FIELD}})
    office.post(f"/contacts/{her}/consent", {"change": "in", "proof": PROOF})
    office.post("/messages", {"channel": "main", "to": f"+{NUMBER}", "text": WORD}, **{"Idempotency-Key": "m"})
    asked = {"to": f"+{NUMBER}", "template": notice, "user_authorized": True}
    office.post("/schedules", {**asked, "at": "2027-01-01T10:00:00Z"})
    office.post("/schedules", {**asked, "every": {"weekly": ["mon"], "at": "09:00"}})
    happened = {"event": "visit.scheduled", "entity": "v-17", "to": f"+{NUMBER}", "actor": f"+{BEN}"}
    office.post("/events", {**happened, "user_authorized": True, "data": {"on": "2030-01-01", "place": EVENT}})
    office.work()
    people = [
        {"to": f"+{NUMBER}", "params": {"name": NAME, "day": LIST}},
        {"to": f"+{BEN}", "params": {"name": "Ben", "day": "Friday"}},
    ]
    office.post(
        "/broadcasts",
        {"channel": "main", "template": {"name": "notice"}, "recipients": people, "user_authorized": True},
    )
    partition = world.partition(NUMBER)
    (claimed, *_) = office.store.run(outbox.claim(partition, "r", "acme/real", tokens=1)).claimed
    office.store.run(outbox.record(claimed.id, 1, "sent", provider_id=f"wamid.{NUMBER}"))
    status = Receipt(
        provider_id="unheard", status="failed", recipient=Identity(number=NUMBER), errors=({"code": 1, "title": "No."},)
    )
    receipts.settle(office.store, "acme/real", [status])
    office.store.all(
        quarantine.keep("qr_1_x", "acme/main", ["odd"], f"from {NUMBER}: {WORD}".encode(), now=office.store.now())
    )
    office.store.run(inbox.push(partition, her, "acme/main", b"{" + WORD.encode(), dedupe_id="odd", at_ms=0))
    return her


def left_in(folder: Path) -> list[str]:
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(one.encode() in file.read_bytes() for one in NEEDLES)
    ]


def test_nothing_is_left_of_who_came_in_by_every_door(town: Office, raw: Redis, store_url: str) -> None:
    """R137, R150: not her number, her name or a word of hers, under any key or in any file."""
    her = live(town, store_url)
    kinds = {key.partition("}")[2].partition(":")[0] or key[:3] for key in holding(raw, *NEEDLES, her)}
    assert kinds >= KINDS, f"nothing of hers lies under {sorted(KINDS - kinds)}: bring it in"
    assert town.ask("DELETE", f"/contacts/{her}").status_code == 202
    town.work()
    waits = Run(
        id="r1",
        at=1,
        rule="visits.tell_group",
        group="mothers",
        about=her,
        subject={"name": NAME},
        event={"place": EVENT},
    )
    town.store.run(schedules.start("acme", waits.id, codec.encode(waits)))  # it waits for room
    forgotten_about(town, store_url)
    town.work()
    assert holding(raw, *NEEDLES) == [] and left_in(town.parts.settings.data) == []
    partition = ids.partition_of(her, town.store.partitions)
    ben = town.world.contact_id(BEN)  # his history holds the id of what he was told
    told = {keys.account("acme", "forgotten"), keys.hooks(partition), keys.history(town.world.partition(BEN), ben)}
    stays = {key for key in holding(raw, her) if not key.startswith(("{b:", "{i:"))} - told
    assert {key for key in stays if "}hk:" not in key} == set(), stays
    assert town.world.contact(BEN).name == "Ben" and town.world.session(BEN).process is not None
    (his,) = [plan for plan in town.world.contact(BEN).plans if plan.rule == "visits.tell_actor"]
    assert (his.state, his.why) == ("canceled", "what it was about is gone")


@pytest.mark.parametrize("forgotten", [False, True], ids=["the visit is off", "she is forgotten"])
def test_what_waits_for_others_because_of_her_goes(town: Office, raw: Redis, store_url: str, forgotten: bool) -> None:
    """R111, R137: neither who entered the visit nor the group has it before them any more, nor what it told of her."""
    world = town.world
    now = datetime.now(UTC)
    quiet = f"{now - timedelta(hours=2):%H:%M}-{now - timedelta(hours=3):%H:%M}"  # nothing leaves for 21 hours
    file = world.folder / "flowbot.yaml"
    file.write_text(
        file.read_text().replace("    endpoints:", f'    outreach: {{quiet: "{quiet}"}}\n    endpoints:', 1)
    )
    town.parts.shelf._looked = float("-inf")
    world.say(BEN, "start", name="Ben")
    world.say(NUMBER, "start", name=NAME)
    town.work()
    town.post("/groups", {"name": "mothers"}, status=201)
    town.post("/groups/mothers/members", {"add": [f"+{BEN}"]})
    town.work()
    happened = {"event": "visit.scheduled", "entity": "v-17", "to": f"+{NUMBER}", "actor": f"+{BEN}"}
    town.post("/events", {**happened, "user_authorized": True, "data": {"on": "2030-01-01", "place": EVENT}})
    for _ in range(2):  # the second time for the group
        town.work()
    his, her = world.contact(BEN).plans, world.contact_id(NUMBER)
    assert {plan.rule for plan in his} == {"visits.tell_actor", "visits.tell_group"}
    assert {plan.state for plan in his} == {"scheduled"} and all(plan.subject["name"] == NAME for plan in his)
    if forgotten:
        assert town.ask("DELETE", f"/contacts/{her}").status_code == 202
    else:
        town.post("/events", {"event": "visit.deleted", "entity": "v-17", "to": f"+{NUMBER}"})
    for _ in range(2):
        town.work()
    if forgotten:
        forgotten_about(town, store_url)
    told, needles = world.contact(BEN).plans, (EVENT, NAME) if forgotten else (EVENT,)
    assert {(plan.state, plan.why) for plan in told} == {("canceled", "what it was about is gone")}
    assert [key for key in holding(raw, *needles) if her not in key and "hooks" not in key] == []


def test_what_was_on_its_way_to_another_stays_behind(office: Office, raw: Redis, store_url: str) -> None:
    """R137: it lay in her own inbox behind the order, and makes neither her nor a message anew."""
    world = office.world
    world.say(NUMBER, "start", name=NAME)
    office.work()
    her = world.contact_id(NUMBER)
    assert office.ask("DELETE", f"/contacts/{her}").status_code == 202
    carried = RuleMet(
        nonce="n", rule="visits.remind", entity="v", subject={"name": NAME}, to=Identity(number=BEN), forward=True
    )
    assert world.event(NUMBER, carried)
    office.work()
    forgotten_about(office, store_url)
    assert [key for key in holding(raw, NAME) if "hooks" not in key] == []
    assert office.get("/contacts")["items"] == []
