"""What a client hears of a conversation that a worker had: by what it subscribes to, signed, and again when it asks."""

from __future__ import annotations

import asyncio
import json

import pytest
from standardwebhooks.webhooks import Webhook

from flowbot.hooks.subscribe import endpoints_for
from flowbot.model.hook import Hook
from flowbot.model.inbound import Receipt
from flowbot.model.order import ConsentGiven
from flowbot.model.project import Account, Endpoint
from flowbot.store import deliveries, outbox, receipts
from flowbot.store.client import connect_async
from tests.hooks.conftest import SECRET, Client, Stage
from tests.worker.world import World

PROJECT = """\
accounts:
  acme:
    timezone: UTC
    languages: [en]
    channels:
      main: {{gateway: simulator}}
      real: {{gateway: cloud_api, phone_number_id: "1"}}
    endpoints: [{{name: crm, url: "https://client.example/hooks", secret: "{secret}", events: {events}, when: {when}}}]
"""
FLOW = """\
flow: talk
start: {keywords: [start]}
settings: {expires_after: 2h}
steps:
  city: {ask: "Your city?", choices: {cali: seen, none: {fail: nowhere}, agent: person}}
  seen: {event: seen, with: {city: "{{ answers.city }}"}}
  done: {say: Thank you, succeed: {city: "{{ answers.city }}"}}
  person: {handoff: sales, next: done}
"""
USER, BOT, DELIVERY = ["message.received"], ["message.sent", "custom.*"], ["message.delivered", "message.read"]
DECIDED = ["process.*", "session.handed_off", "contact.*", "custom.*"]


def heard(tmp_path, store, url, events, play, when=""):
    """All that the client's endpoint got, as (headers, event), after `play(world)` and what the hooks process did."""
    world = World(store, tmp_path / "project")
    said = {"secret": SECRET, "events": json.dumps(events), "when": json.dumps(when or "true")}
    (world.folder / "flowbot.yaml").write_text(PROJECT.format(**said))
    world.write(FLOW)
    play(world)

    async def inside():
        async with Client() as client:
            stage = Stage(store, url, client, events=tuple(events), when=when)
            stage.astore = await connect_async(url)
            stage.start()
            try:
                await asyncio.sleep(0.6)
                first = len(client.got)
                if client.got:
                    deliveries.replay(store, client.got[0][0]["webhook-id"])
                    await stage.halt()
                    stage.start()
                    await stage.until(lambda: len(client.got) == first + 1)
                return client.got
            finally:
                await stage.halt()
                await stage.astore.close()

    return [(headers, Webhook(SECRET).verify(body, headers)) for headers, body in asyncio.run(inside())]


def talk(world):
    """One that goes well, on a provider's channel, to a message that is delivered and read."""
    world.say("15550100001", "start", "Cali", channel="real")
    worker = world.worker()
    world.settle(worker)
    partition = world.partition("15550100001")
    (claimed,) = world.store.run(outbox.claim(partition, "r", "acme/real", tokens=1)).claimed
    world.store.run(outbox.record(claimed.id, 1, "sent", provider_id="w1"))
    for status in ("delivered", "read", "read"):
        receipt = Receipt(provider_id="w1", status=status, our_id=claimed.id)
        world.store.run(receipts.apply("acme/real", claimed.id, receipt))


@pytest.mark.parametrize(
    ("events", "kinds"),
    [
        (USER, ["message.received", "message.received"]),
        (BOT, ["custom.seen", "message.sent"]),
        (DELIVERY, ["message.delivered", "message.read"]),
        ([*USER, *BOT, *DELIVERY], None),
    ],
    ids=["user actions", "bot actions", "delivery", "all"],
)
def test_a_client_chooses_what_it_hears_of(tmp_path, store, store_url, events, kinds):
    """R128, R121: what users do, what the bot does, what becomes of it, or all of these."""
    got = heard(tmp_path, store, store_url, events, talk)[:-1]
    told = sorted(event["type"] for _, event in got)
    assert told == (kinds or ["custom.seen", *DELIVERY, *USER * 2, "message.sent"])
    if events == USER:
        said = sorted((event["data"]["sequence"], event["data"]["message"]["text"]) for _, event in got)
        assert [text for _, text in said] == ["start", "Cali"]
        assert got[0][1]["data"]["contact"]["phone"] == "+15550100001"


def several(world):
    """Conversations with every end."""
    for number, texts in {"1": ["Cali"], "2": ["none"], "3": ["agent"], "4": []}.items():
        world.say(f"1555010000{number}", "start", *texts)
    worker = world.worker()
    world.settle(worker)
    world.advance_clock("15550100004", 3 * 3_600_000)
    assert world.event("15550100001", ConsentGiven(nonce="n", topic="all", change="out"))
    world.settle(worker)


def test_every_turn_of_events_reaches_the_client_signed_and_again_under_its_id(tmp_path, store, store_url):
    """R148, R120: started, succeeded, failed, expired, opted out, handed off and the author's own; once each."""
    *got, again = heard(tmp_path, store, store_url, DECIDED, several)
    told = [event["type"] for _, event in got]
    assert sorted(told) == [
        "contact.opted_out",
        "custom.seen",
        "process.expired",
        *["process.failed"] * 2,
        *["process.started"] * 4,
        "process.succeeded",
        "session.handed_off",
    ]
    names = [headers["webhook-id"] for headers, _ in got]
    assert len(set(names)) == len(names) and again[0]["webhook-id"] == names[0] and again[1] == got[0][1]
    reasons = {event["data"]["reason"] for _, event in got if event["type"] == "process.failed"}
    assert reasons == {"nowhere", "expired"}
    log = store.run(deliveries.log("acme/crm", count=50))
    assert sorted(line["id"] for line in log) == sorted([*names, names[0]])


@pytest.mark.parametrize(
    ("when", "reasons"),
    [
        ("data.reason == 'nowhere'", ["nowhere"]),
        ("data.flow == 'talk' and data.status == 'failure' and type == 'process.failed'", ["expired", "nowhere"]),
        ("data.answers.city == 'cali'", [None]),
        ("data.flow == 'other'", []),
        ("data.started_at | plus(data.flow)", [None, "expired", "nowhere"]),
    ],
    ids=["reason", "several", "answer", "nothing", "what can't be told"],
)
def test_conditions_on_what_an_event_holds(tmp_path, store, store_url, when, reasons):
    """R121: several events at one endpoint, of these only those for which its condition holds."""
    events = ["process.succeeded", "process.failed"]
    got = heard(tmp_path, store, store_url, events, several, when)[:-1]
    assert sorted((event["data"]["reason"] for _, event in got), key=str) == reasons


def test_who_is_to_be_forgotten_is_told_whatever_the_condition():
    endpoint = Endpoint(account="acme", name="crm", url="", when="data.flow == 'talk'")
    account = Account(name="acme", endpoints={"crm": endpoint})
    told = [
        kind
        for kind in ("contact.forgotten", "contact.opted_out")
        if endpoints_for(Hook(id="h", type=kind, account="acme", contact_id="c", at=1, data={"contact": {}}), account)
    ]
    assert told == ["contact.forgotten"]
