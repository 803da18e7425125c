"""Sending a message over the API: what is refused at the door, and what becomes of what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbot.model import codec, ids
from flowbot.model.contact import Identity
from flowbot.model.event import MessageReceived
from flowbot.model.inbound import Inbound, Receipt
from flowbot.store import identity, keys, outbox, receipts
from flowbot.store.call import command

from .conftest import Office, mistakes

ANA = "573001110001"
TO = "+573001110001"
TEXT = {"channel": "main", "to": TO, "text": "Your results are in."}
NOTICE = {"channel": "main", "to": TO, "template": {"name": "notice", "params": {"name": "Ana", "day": "Monday"}}}
AUTHORIZED = {**NOTICE, "user_authorized": True}


def claim(office: Office, channel: str = "main", lane: str = "r") -> outbox.Claims:
    return office.store.run(outbox.claim(office.world.partition(ANA), lane, f"acme/{channel}", tokens=9))


def state(office: Office, id: str) -> dict[str, Any]:
    found: dict[str, Any] = office.get(f"/messages/{id}")
    return found


def test_a_text_goes_through_the_contacts_inbox_and_has_a_history(office: Office) -> None:
    """R130: the same key is the same message, and it can be asked about at once."""
    key = {"Idempotency-Key": "k1"}
    made = office.post("/messages", TEXT, **key)
    first = state(office, made["message_id"])
    assert (first["status"], first["state"], first["contact_id"]) == ("accepted", "accepted", made["contact_id"])
    office.work()
    assert office.post("/messages", TEXT, **key) == made
    office.work()
    (sent,) = claim(office).claimed
    assert (sent.id, sent.entry.outbound.text, sent.entry.purpose) == (made["message_id"], TEXT["text"], "business")
    office.store.run(outbox.record(sent.id, sent.attempt, "sent", provider_id="w1"))
    last = state(office, sent.id)
    assert (last["status"], [one["state"] for one in last["history"]]) == ("sent", ["accepted", "sending", "sent"])
    assert office.ask("POST", "/messages", {**TEXT, "text": "Other"}, **key).status_code == 409
    assert office.ask("GET", f"/messages/{sent.id}", key=office.key("beta")).status_code == 404


@pytest.mark.parametrize(
    ("words", "status", "code", "reason"),
    [
        (["delivered"], "delivered", None, None),
        (["delivered", "read"], "read", None, None),
        (["read", "delivered"], "read", None, None),
        (["failed"], "failed", "131026", "Message undeliverable"),
    ],
)
def test_what_the_provider_says_of_a_message_is_shown(
    office: Office, words: list[str], status: str, code: str | None, reason: str | None
) -> None:
    """R130: dispatched, received, read, or failed with its code and text; in what order it may come."""
    office.world.say(ANA, "hello", channel="real")
    office.work()
    made = office.post("/messages", {**TEXT, "channel": "real"})
    office.work()
    (sent,) = claim(office, "real").claimed
    office.store.run(outbox.record(sent.id, sent.attempt, "sent", provider_id="w1"))
    errors = ({"code": "131026", "title": "Message undeliverable"},)
    for word in words:
        told = Receipt(provider_id="w1", status=word, our_id=sent.id, errors=errors if word == "failed" else ())
        office.store.run(receipts.apply("acme/real", sent.id, told))
    found = state(office, made["message_id"])
    assert (found["status"], found["code"], found["reason"]) == (status, code, reason)
    said = [one["state"] for one in found["history"]]
    assert said[:3] == ["accepted", "sending", "sent"] and said[-1] in words


def test_outside_the_window_a_template_is_needed(office: Office) -> None:
    """R080: and inside, none is."""
    there = {**TEXT, "channel": "real"}
    refused = office.ask("POST", "/messages", there).get_json(force=True)
    assert refused["code"] == "window_closed" and "template" in refused["detail"]
    office.world.say(ANA, "hello", channel="real")
    office.work()
    assert office.post("/messages", there)["message_id"]


def test_what_comes_too_late_for_the_window_is_on_record(office: Office) -> None:
    office.world.say(ANA, "hello", channel="real")
    office.work()
    made = office.post("/messages", {**TEXT, "channel": "real"})
    session = office.world.session(ANA, "real")
    old = replace(session, last_inbound_at=session.last_inbound_at - 86_400_000)
    where = keys.session(office.world.partition(ANA), session.contact_id, "acme/real")
    office.store.run(command("SET", where, b"%d\n" % old.version + codec.encode(old), read=bool))
    office.work()
    assert not claim(office, "real").claimed
    found = state(office, made["message_id"])
    assert (found["status"], found["state"], found["code"]) == ("failed", "expired", "expired")


def test_what_is_held_back_is_recorded_and_an_answer_still_reaches(office: Office) -> None:
    """R086, R087, R088: opted out by word, in any case, and confirmed; what we start is on record as failed."""
    office.world.say(ANA, "OptOut")
    office.work()
    assert len(claim(office).claimed) == 1, "the confirmation"
    made = office.post("/messages", AUTHORIZED)
    _free(office)
    office.work()
    assert not claim(office).claimed
    found = state(office, made["message_id"])
    assert (found["status"], found["state"], found["code"]) == ("failed", "suppressed", "opted_out")
    office.world.say(ANA, "Hello there")
    office.work()
    (answer,) = claim(office).claimed
    assert answer.entry.outbound.text == "What is the first?" and answer.entry.purpose == "reply"
    _free(office)
    office.world.say(ANA, "opt-in")
    office.work()
    _free(office)
    again = office.post("/messages", {**NOTICE, "user_authorized": False})
    office.work()
    _free(office, last=again["message_id"])


def _free(office: Office, last: str = "") -> None:
    """The provider takes all that waits; `last` is among it."""
    partition, taken = office.world.partition(ANA), []
    flying = office.store.run(command("HVALS", keys.in_flight(partition), read=list))
    for id in [one.decode() for one in flying]:
        office.store.run(outbox.record(id, 1, "sent", provider_id=id))
    while claimed := claim(office).claimed:
        for one in claimed:
            taken.append(one.id)
            office.store.run(outbox.record(one.id, one.attempt, "sent", provider_id=one.id))
    assert not last or last in taken


def test_where_consent_is_strict_somebody_has_to_say_that_the_contact_agreed(office: Office) -> None:
    refused = office.ask("POST", "/messages", NOTICE)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (409, "not_opted_in")
    office.post("/messages", AUTHORIZED)
    office.work()
    contact = office.world.contact(ANA)
    assert (contact.number, claim(office).claimed[0].entry.outbound.text[:9]) == (ANA, "Hello Ana")
    office.post(f"/contacts/{contact.id}/consent", {"change": "in", "topic": "offers"})
    office.work()
    assert office.post("/messages", NOTICE)["contact_id"] == contact.id


def test_a_code_is_sent_once_and_kept_nowhere(office: Office) -> None:
    body = {"channel": "main", "to": TO, "code": "483201", "user_authorized": True}
    made = office.post("/messages", body, **{"Idempotency-Key": "c"})
    assert office.post("/messages", body, **{"Idempotency-Key": "c"}) == made
    too_soon = office.ask("POST", "/messages", body)
    assert too_soon.status_code == 429 and int(too_soon.headers["Retry-After"]) > 0
    (sent,) = claim(office).claimed
    assert (sent.entry.policy, sent.entry.scrub, sent.entry.outbound.template.name) == ("fail", True, "otp")  # type: ignore[union-attr]
    assert "483201" in sent.entry.outbound.text
    office.store.run(outbox.record(sent.id, 1, "failed", code="1", reason="no"))
    assert "483201" not in str(office.store.run(outbox.read(sent.id)))
    assert office.world.history(ANA) == []


def test_a_code_needs_a_number(office: Office) -> None:
    """R154: WhatsApp sends none to a user id, so that is refused at the door; a number that is known is taken."""
    body = {"channel": "main", "to": "CO.Ana1", "code": "483201", "user_authorized": True}
    answer = office.ask("POST", "/messages", {**body, "to": "CO.Bo1"})
    assert (answer.status_code, mistakes(answer)) == (422, ["/to"])
    inbound = Inbound(id="b1", sender=Identity(number=ANA, bsuid="CO.Ana1"), kind="text", text="Hi")
    assert office.world.event(ANA, MessageReceived(inbound=inbound))
    office.work()
    inbound = replace(inbound, id="b2", sender=Identity(bsuid="CO.Ana1"))
    identity.resolve(office.store, "acme", Identity(number=ANA, bsuid="CO.Ana1"))
    assert office.world.event(ANA, MessageReceived(inbound=inbound))
    office.work()
    office.post("/messages", body)
    (sent,) = claim(office).claimed
    assert sent.entry.to == ANA


def test_who_has_no_number_is_written_to_like_anybody(office: Office) -> None:
    """R154: over the API, with its user id in the answers and in hooks."""
    office.post("/messages", {**AUTHORIZED, "to": "CO.Ana1"})
    office.work()
    (person,) = office.get("/contacts")["items"]
    assert (person["phone"], person["user_id"]) == (None, "CO.Ana1")
    partition = ids.partition_of(person["id"], office.store.partitions)
    (sent,) = office.store.run(outbox.claim(partition, "r", "acme/main", tokens=9)).claimed
    assert sent.entry.to == "CO.Ana1"


def test_a_file_with_its_caption(office: Office) -> None:
    body = {"channel": "main", "to": TO, "text": "Here", "media": {"kind": "image", "url": "https://a.example/b.jpg"}}
    office.post("/messages", body)
    office.work()
    (sent,) = claim(office).claimed
    assert sent.entry.outbound.attachment is not None
    assert (sent.entry.outbound.kind, sent.entry.outbound.text) == ("image", "Here")


FILE = {"kind": "image", "url": "https://a.example/b.jpg"}
BAD: dict[str, tuple[Any, list[str]]] = {
    "everything missing": ({}, ["", "/channel", "/to"]),
    "nothing to send": ({"channel": "main", "to": TO}, [""]),
    "two things": ({**TEXT, "code": "123456"}, [""]),
    "all at once": ({"channel": "none", "to": "nobody", "text": "x"}, ["/channel", "/to"]),
    "no file": ({"channel": "main", "to": TO, "media": {**FILE, "url": "../secret"}}, ["/media/url"]),
    "a file that is not there": ({"channel": "main", "to": TO, "media": {**FILE, "url": "none.jpg"}}, ["/media/url"]),
    "a long caption": ({**TEXT, "text": "x" * 2000, "media": FILE}, ["/text"]),
    "an unknown topic": ({**AUTHORIZED, "topic": "offer"}, ["/topic"]),
    "no language": ({**AUTHORIZED, "language": "english"}, ["/language"]),
    "no code": ({"channel": "main", "to": TO, "code": "1"}, ["/code"]),
    "wrong types": ({**TEXT, "media": {"kind": "x", "url": 5}}, ["/media/kind", "/media/url"]),
}


@pytest.mark.parametrize(("body", "pointers"), BAD.values(), ids=BAD)
def test_all_mistakes_come_at_once(office: Office, body: Any, pointers: list[str]) -> None:
    answer = office.ask("POST", "/messages", body)
    assert (answer.status_code, mistakes(answer)) == (422, pointers)
    assert office.world.waiting() == 0


def test_a_template_is_checked_against_its_structure(office: Office) -> None:
    """R083, R084: the component that does not fit is named; a language can be forced, and has to be there."""
    body = {**AUTHORIZED, "template": {"name": "notice", "params": {"name": "Ana"}}}
    answer = office.ask("POST", "/messages", body)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "template_mismatch")
    assert "body: the variable 'day' has no value" in answer.get_json(force=True)["errors"][0]["detail"]
    forced = {**NOTICE["template"], "language": "es"}  # type: ignore[dict-item]
    office.post("/messages", {**AUTHORIZED, "template": forced})
    office.work()
    assert claim(office).claimed[0].entry.outbound.text.startswith("Hola")
    assert office.ask("POST", "/messages", {**AUTHORIZED, "template": {**forced, "language": "fr"}}).status_code == 400
