"""R086, R088, I7: who gets what the business starts is decided when it leaves, by what the ledger says then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.model.template import Filled
from flowbot.store import keys, outbox
from flowbot.store.call import as_text, command
from flowbot.store.client import Store

PARTITION, CONTACT, CHANNEL = 3, "c1", "acme/main"
LETTER = Outbound(kind="template", text="Today.", template=Filled(name="t", language="en", category="utility"))
ASKED = OutboxEntry(
    id="ms_3_x",
    account="acme",
    channel="main",
    contact_id=CONTACT,
    to="573001112233",
    outbound=LETTER,
    purpose="business",
    topic="visits",
    unasked=True,
)


def tell(store: Store, *changes: str) -> None:
    """The ledger as commits write it: "in visits", "out all"."""
    for one in changes:
        way, _, topic = one.partition(" ")
        parts: tuple[Any, ...] = ("topic", topic, "change", way, "b", "{}")
        store.run(command("XADD", keys.ledger(PARTITION, CONTACT), "*", *parts, read=as_text))


def went(store: Store, entry: OutboxEntry = ASKED, *, sealed: bool = False) -> str:
    """`left`, or the code of what kept it."""
    store.run(outbox.push(PARTITION, [entry], sealed=sealed))
    found = store.run(outbox.claim(PARTITION, entry.lane, CHANNEL, tokens=5))
    if found.claimed:
        assert found.ended == ()
        return "left"
    assert found.ended == ((entry.id, "suppressed"),), "it is on record, never dropped"
    return store.run(outbox.read(entry.id))["code"]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ((), "not_opted_in"),
        (("in visits",), "left"),
        (("in all",), "left"),
        (("in offers",), "not_opted_in"),
        (("in visits", "out visits"), "not_opted_in"),
        (("in visits", "out visits", "in visits"), "left"),
        (("in visits", "out all"), "not_opted_in"),
        (("in visits", "out all", "in all"), "left"),
        (("out all", "in visits"), "left"),  # of what it is out of the set of topics tells
        (("in all", "out offers"), "left"),
        (("in visits", *("in offers", "out offers") * 60), "left"),
        (("in all", *("in offers", "out offers") * 60), "left"),
        (("out visits", *("in offers", "out offers") * 60), "not_opted_in"),
    ],
)
def test_the_latest_word_on_the_topic_counts(any_store: Store, changes: tuple[str, ...], outcome: str) -> None:
    tell(any_store, *changes)
    assert went(any_store) == outcome


def test_it_is_looked_at_when_it_leaves_not_when_it_was_queued(any_store: Store) -> None:
    """A broadcast's list is old when its message leaves: who was forgotten or took it back meanwhile gets none."""
    tell(any_store, "in visits")
    entry = replace(ASKED, lane="b")
    any_store.run(outbox.push(PARTITION, [entry]))
    any_store.run(command("DEL", keys.ledger(PARTITION, CONTACT), read=int))
    assert went(any_store, entry) == "not_opted_in"


def test_who_is_out_and_never_agreed_is_told_to_be_out(any_store: Store) -> None:
    any_store.run(command("SADD", keys.opted_out(PARTITION, CONTACT), "visits", read=int))
    assert went(any_store) == "opted_out"


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("topic", ["visits", ""])
def test_what_lies_encrypted_is_looked_at_too(store: Store, sealed: bool, topic: str) -> None:
    assert went(store, replace(ASKED, id="ms_3_a", topic=topic), sealed=sealed) == "not_opted_in"
    tell(store, "in all")
    assert went(store, replace(ASKED, id="ms_3_b", topic=topic), sealed=sealed) == "left"


@pytest.mark.parametrize("purpose", ["reply", "exempt"])
def test_a_reply_and_the_confirmation_of_an_opt_out_need_nobodys_leave(any_store: Store, purpose: str) -> None:
    """R087: to who never agreed, and to who is out."""
    any_store.run(command("SADD", keys.opted_out(PARTITION, CONTACT), "all", read=int))
    assert went(any_store, replace(ASKED, purpose=purpose)) == "left"


def test_who_is_said_to_agree_needs_no_opt_in(any_store: Store) -> None:
    """`user_authorized`, `consent: permissive`, or a conversation that the contact takes part in."""
    assert went(any_store, replace(ASKED, unasked=False)) == "left"


def test_a_text_that_looks_like_the_mark_is_none(any_store: Store) -> None:
    said = replace(LETTER, text='{"unasked":true}', extra={"unasked": True})
    assert went(any_store, replace(ASKED, unasked=False, outbound=said)) == "left"
