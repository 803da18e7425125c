"""Where answers go, and what a provider is told when a message was processed."""

from __future__ import annotations

import itertools

import orjson
import pytest

from flowbot.model.contact import Identity
from flowbot.model.event import ContactReported, MessageReceived
from flowbot.model.inbound import Inbound
from flowbot.store import outbox, reads
from flowbot.store.reads import Read

from .world import World

NUMBER, RECEIVED = "5531988887777", "553188887777"
TUNNEL = "ecb9@tunnel.msging.net"
_ids = itertools.count(1)


def hear(world: World, sender: Identity, channel: str, text: str = "start") -> str:
    inbound = Inbound(id=f"r{next(_ids)}", sender=sender, kind="text", text=text)
    assert world.event(NUMBER, MessageReceived(inbound=inbound), channel=channel)
    return inbound.id


def sent_to(world: World) -> list[tuple[str, str]]:
    """Channel and address of each message, in the order they were made."""
    made = [record["id"] for record in world.history(NUMBER, "out")]
    found = [world.store.run(outbox.claim(world.partition(NUMBER), "r", f"acme/{name}", tokens=9)) for name in CHANNELS]
    entries = {claimed.id: claimed.entry for claims in found for claimed in claims.claimed}
    return [(entries[id].channel, entries[id].to) for id in made]


CHANNELS = ("main", "real", "blip")
VARIANTS = {
    "Brazil": ("553188887777", "5531988887777"),
    "Mexico": ("5215512345678", "525512345678"),
    "Argentina": ("541112345678", "5491112345678"),
}


@pytest.mark.parametrize(("one", "other"), VARIANTS.values(), ids=VARIANTS)
def test_variants_of_a_number_are_one_contact_and_get_their_answers_as_they_wrote(
    world: World, one: str, other: str
) -> None:
    """R155"""
    worker = world.worker()
    for number, text in ((one, "start"), (other, "first"), (one, "second")):
        sender = Identity(number=number)
        inbound = Inbound(id=f"r{next(_ids)}", sender=sender, kind="text", text=text)
        assert world.event(number, MessageReceived(inbound=inbound), channel="real")
        world.settle(worker)
    assert world.contact_id(one) == world.contact_id(other)
    claims = world.store.run(outbox.claim(world.partition(one), "r", "acme/real", tokens=9))
    (claimed,) = claims.claimed  # one in flight a contact
    assert claimed.entry.to == one
    records = [record["id"] for record in world.history(one, "out")]
    bodies = [world.store.run(outbox.read(id))["body"] for id in records[1:]]
    assert [orjson.loads(body)["to"] for body in bodies] == [other, one]


def test_each_channel_answers_to_the_id_that_it_heard(world: World) -> None:
    """R155: the number as it was received there, or the tunnel; another channel's does not count."""
    worker = world.worker()
    hear(world, Identity(number=RECEIVED), "real")
    world.settle(worker)
    hear(world, Identity(number=NUMBER, address=TUNNEL), "blip")
    world.settle(worker)
    hear(world, Identity(number=NUMBER), "main")
    world.settle(worker)
    assert sent_to(world) == [("real", RECEIVED), ("blip", TUNNEL), ("main", NUMBER)]
    assert world.session(NUMBER, "real").reply_to == RECEIVED
    assert world.contact(NUMBER).number == NUMBER and world.contact(NUMBER).reply_to == NUMBER


def test_a_provider_that_wants_it_is_told_of_each_message_once_it_was_processed(world: World) -> None:
    worker = world.worker()
    first = hear(world, Identity(number=NUMBER, address=TUNNEL), "blip")
    hear(world, Identity(number=NUMBER), "main")
    assert world.store.run(reads.take(world.partition(NUMBER))) == []
    world.settle(worker)
    assert world.store.run(reads.take(world.partition(NUMBER))) == [Read("acme/blip", first, TUNNEL)]
    assert world.store.run(reads.take(world.partition(NUMBER))) == []


def test_who_has_another_number_is_written_to_at_that_one(world: World) -> None:
    """R154: WhatsApp's notice that a number changed, in the middle of a conversation; nobody has written then."""
    worker = world.worker()
    hear(world, Identity(number=RECEIVED, name="Ana"), "real")
    world.settle(worker)
    seen = world.contact(NUMBER).last_seen_at
    facts = {"type": "user_changed_number", "number": "5531977776666"}
    notice = Inbound(id="r-moved", sender=Identity(number=RECEIVED), kind="system", facts=facts)
    assert world.event(NUMBER, MessageReceived(inbound=notice), channel="real")
    world.settle(worker)
    contact = world.contact(NUMBER)
    assert (contact.number, contact.reply_to, contact.former) == ("5531977776666", "5531977776666", (f"n:{NUMBER}",))
    assert world.session(NUMBER, "real").reply_to == "5531977776666" and contact.last_seen_at == seen
    assert len(world.history(NUMBER, "out")) == 1, "a notice is no answer to the open question"


def test_another_user_id_takes_no_number_away(world: World) -> None:
    worker = world.worker()
    hear(world, Identity(number=RECEIVED, bsuid="BR.Ana1"), "real")
    world.settle(worker)
    facts = {"type": "user_changed_user_id", "user_id": "BR.Ana2"}
    sender = Identity(number=RECEIVED, bsuid="BR.Ana1")
    notice = Inbound(id="r-moved", sender=sender, kind="system", facts=facts)
    assert world.event(NUMBER, MessageReceived(inbound=notice), channel="real")
    world.settle(worker)
    contact = world.contact(NUMBER)
    assert (contact.number, contact.bsuid, contact.reply_to) == (NUMBER, "BR.Ana2", RECEIVED)


def test_a_report_makes_a_contact_and_renames_none(world: World) -> None:
    """R089: who got a broadcast and nothing else is remembered as not on WhatsApp."""
    worker = world.worker()
    report = ContactReported(nonce="1", what="unreachable", code="1002", to=Identity(number=RECEIVED))
    assert world.event(NUMBER, report)
    world.settle(worker)
    assert (world.contact(NUMBER).number, world.contact(NUMBER).unreachable) == (NUMBER, "1002")
    other = ContactReported(nonce="2", what="stopped", to=Identity(number="15550100001"))
    assert world.event(NUMBER, other)
    world.settle(worker)
    assert (world.contact(NUMBER).number, world.contact(NUMBER).opted_out) == (NUMBER, ("all",))
