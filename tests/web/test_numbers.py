"""Whom a number means: with its country code anybody, without one somebody of the account's own country, or nobody."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from flowbot.store import identity
from flowbot.store.client import Store
from flowbot.web.recipient import read_recipient

from .conftest import envelope, post, stored, text


@pytest.mark.parametrize(
    "spelling", ["+573001112233", "573001112233", "3001112233", "300 111 2233", "+57 (300) 111-2233"]
)
def test_with_and_without_the_country_code_it_is_one_contact(client: FlaskClient, store: Store, spelling: str) -> None:
    """R028, R029: the account says CO."""
    post(client, envelope(text("Hi", sender="573001112233")))
    ((contact, _, _),) = stored(store)
    who = read_recipient(spelling, "CO")
    assert who is not None and identity.resolve(store, "acme", who) == contact


@pytest.mark.parametrize(
    ("spelling", "country"),
    [
        ("3001112233", ""),  # of no country
        ("15550100001", "CO"),  # abroad, without +
        ("5511987654321", "CO"),
        ("447911123456", "CO"),
        ("12345", "CO"),
        ("+57 300 111 2233 ext. 5", "CO"),
        ("+", "CO"),
    ],
)
def test_no_number_is_taken_for_one_of_another_country(spelling: str, country: str) -> None:
    """R029"""
    assert read_recipient(spelling, country) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("+55 31 98888-7777", "553188887777"), ("+5215512345678", "525512345678"), ("+5491112345678", "541112345678")],
)
def test_a_start_reaches_who_wrote_under_another_spelling(
    client: FlaskClient, store: Store, one: str, other: str
) -> None:
    """R155"""
    post(client, envelope(text("Hi", sender=other)))
    ((contact, _, _),) = stored(store)
    who = read_recipient(one, "CO")
    assert who is not None and identity.resolve(store, "acme", who) == contact


def test_a_user_id_is_somebody_too(client: FlaskClient, store: Store) -> None:
    """R154: who has no number can write, and be written to."""
    message = {"from_user_id": "US.Ana1", "id": "w1", "timestamp": "1700000000", "type": "text", "text": {"body": "Hi"}}
    post(client, envelope(message))
    ((contact, _, arrived),) = stored(store)
    assert (arrived.inbound.sender.number, arrived.inbound.sender.bsuid) == ("", "US.Ana1")
    who = read_recipient("US.Ana1", "CO")
    assert who is not None and identity.resolve(store, "acme", who) == contact


def _notice(kind: str, sender: dict[str, str], **system: str) -> dict[str, object]:
    return {
        **sender,
        "id": f"w-{kind}",
        "timestamp": "1700000000",
        "type": "system",
        "system": {"type": kind, **system},
    }


@pytest.mark.parametrize(
    ("before", "kind", "now", "after"),
    [
        ({"from": "15550100001"}, "user_changed_number", {"wa_id": "15550100002"}, {"from": "15550100002"}),
        ({"from_user_id": "US.Ana1"}, "user_changed_user_id", {"user_id": "US.Ana2"}, {"from_user_id": "US.Ana2"}),
        ({"from_user_id": "US.Ana1"}, "user_changed_number", {"wa_id": "15550100002"}, {"from": "15550100002"}),
    ],
)
def test_who_has_another_id_stays_who_it_was(
    client: FlaskClient, store: Store, before: dict[str, str], kind: str, now: dict[str, str], after: dict[str, str]
) -> None:
    """R154: a notice of WhatsApp's leads the new number or user id to the contact that was known before."""
    words = {"timestamp": "1700000000", "type": "text", "text": {"body": "Hi"}}
    post(client, envelope({**before, **words, "id": "w1"}, _notice(kind, before, **now)))
    post(client, envelope({**after, **words, "id": "w2"}))
    found = stored(store)
    assert len(found) == 3 and len({contact for contact, _, _ in found}) == 1


def test_an_id_that_is_somebody_s_already_stays_theirs(client: FlaskClient, store: Store) -> None:
    words = {"timestamp": "1700000000", "type": "text", "text": {"body": "Hi"}}
    for number in ("1", "2"):
        post(client, envelope({**words, "from": f"1555010000{number}", "id": f"w{number}"}))
    post(client, envelope(_notice("user_changed_number", {"from": "15550100001"}, wa_id="15550100002")))
    post(client, envelope({**words, "from": "15550100002", "id": "w3"}))
    by_id = {arrived.inbound.id: contact for contact, _, arrived in stored(store)}
    assert by_id["w2"] == by_id["w3"] != by_id["w1"] == by_id["w-user_changed_number"]
