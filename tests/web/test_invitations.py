"""POST /v1/conversations with a template: what is refused at the door, and what lies in the inbox when it is not."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flowbot.model import ids
from flowbot.model.contact import Contact, Identity
from flowbot.model.session import Process, Session
from flowbot.store import identity
from flowbot.store.client import Store
from flowbot.wiring import Parts
from tests.approving import say

from .conftest import stored
from .test_conversations import make_key, mistakes, put, start

ANA = Identity(number="573001112233")
ASKED: dict[str, Any] = {"name": "invite", "params": {"name": "Ana", "account_id": "a-1"}}
GOOD: dict[str, Any] = {"flow": "hello", "channel": "main", "to": "+573001112233", "template": ASKED}
AGREED = {**GOOD, "user_authorized": True}


@pytest.fixture
def key(store: Store, parts: Parts) -> str:
    """Of an account whose templates are approved."""
    say(store, parts.library.account("acme").channels["main"], "invite", "question")
    return make_key(store, "acme")


def contact(store: Store, **facts: Any) -> Contact:
    return Contact(id=identity.resolve(store, "acme", ANA), account="acme", number=ANA.number, **facts)


def known(store: Store, *parked: Process, **facts: Any) -> None:
    found = contact(store, **facts)
    put(store, Session(account="acme", channel="main", contact_id=found.id, version=1, parked=parked), found)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json(force=True)["code"]


def test_an_approved_template_is_queued_when_the_user_agreed(client: FlaskClient, store: Store, key: str) -> None:
    """R022: outside the window, to somebody who never wrote."""
    answer = start(client, key, AGREED)
    assert answer.status_code == 202
    ((_, channel, asked),) = stored(store)
    told = answer.get_json()
    assert ids.split(told["message_id"])[:2] == ("ms", ids.split(told["process_id"])[1])
    assert channel == "acme/main" and asked.process_id == told["process_id"]
    assert asked.template == {**ASKED, "language": "", "message_id": told["message_id"]}
    assert not asked.unasked


def test_without_that_it_is_refused_where_consent_is_strict(client: FlaskClient, store: Store, key: str) -> None:
    """R022."""
    assert code(start(client, key, GOOD)) == (409, "not_opted_in") and stored(store) == []
    known(store, opted_in=("offers",))
    assert code(start(client, key, GOOD)) == (409, "not_opted_in")
    for topic in ("orders", "all"):
        known(store, opted_in=(topic,))
        assert start(client, key, GOOD).status_code == 202
    assert [asked.unasked for _, _, asked in stored(store)] == [True, True], "the worker and the claim look again"


@pytest.mark.parametrize("topic", ["all", "orders"])
def test_who_has_opted_out_is_not_invited(client: FlaskClient, store: Store, key: str, topic: str) -> None:
    """R086: also when the client says that the user agreed."""
    known(store, opted_out=(topic,))
    assert code(start(client, key, AGREED)) == (409, "opted_out") and stored(store) == []


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "PAUSED", "UNKNOWN"])
def test_any_other_status_refuses_with_its_name(
    client: FlaskClient, store: Store, parts: Parts, key: str, status: str
) -> None:
    """R023, R082."""
    main = parts.library.account("acme").channels["main"]
    say(store, main, "invite", status=status, reason="INVALID_FORMAT", at=2)
    answer = start(client, key, AGREED)
    assert code(answer) == (409, "template_not_approved") and status in answer.get_json(force=True)["detail"]
    assert stored(store) == []


def test_of_what_nobody_has_told_the_error_says_how_to_ask(client: FlaskClient, store: Store) -> None:
    """R023: and the provider is asked soon."""
    answer = start(client, make_key(store, "beta"), {**AGREED, "channel": "main"})
    assert code(answer) == (409, "template_not_approved") and stored(store) == []
    assert "UNKNOWN in en: `flowbot templates pull`" in answer.get_json(force=True)["detail"]


def test_a_simulated_channel_needs_no_approval(client: FlaskClient, store: Store) -> None:
    assert start(client, make_key(store, "acme"), {**AGREED, "channel": "try"}).status_code == 202


@pytest.mark.parametrize(
    ("template", "where", "part"),
    [
        ({"name": "invite", "params": {"account_id": "a-1"}}, "params/name", "body: the variable 'name' has no value"),
        (
            {**ASKED, "params": {**ASKED["params"], "nome": "x"}},
            "params/nome",
            "parameters: there is no variable 'nome'",
        ),
        (
            {**ASKED, "params": {**ASKED["params"], "media_url": "https://a.example/b.jpg"}},
            "params/media_url",
            "no variable 'media_url'",
        ),
        ({**ASKED, "language": "es"}, "language", "language: it is not written in 'es'"),
        ({**ASKED, "name": "invte"}, "name", "name: there is no such template"),
    ],
)
def test_what_does_not_fit_names_its_component(
    client: FlaskClient, store: Store, key: str, template: dict[str, Any], where: str, part: str
) -> None:
    """R026, R083, R084: and the pointer leads to the very place in the request."""
    answer = start(client, key, {**AGREED, "template": template})
    assert code(answer) == (400, "template_mismatch") and mistakes(answer) == [f"/template/{where}"]
    assert part in answer.get_json(force=True)["errors"][0]["detail"] and stored(store) == []


def test_parameters_count_as_inputs_of_the_same_name(client: FlaskClient, key: str) -> None:
    template = {"name": "question", "params": {}}
    assert mistakes(start(client, key, {**AGREED, "template": template})) == ["/inputs/account_id"]


def test_a_template_without_continue_needs_a_question(client: FlaskClient, store: Store, key: str) -> None:
    """R030."""
    body = {**AGREED, "template": {"name": "question"}, "inputs": {"account_id": "a-1"}}
    assert mistakes(start(client, key, {**body, "step": "done"})) == ["/step"]
    assert start(client, key, {**body, "step": "name", "answers": {"name": "A"}}).status_code == 202


def test_a_second_invitation_to_the_same_flow_is_a_conflict(client: FlaskClient, store: Store, key: str) -> None:
    pending = Process(id="pr_1_x", flow="hello", flow_version="v", state="invited", visit=1)
    known(store, pending)
    assert code(start(client, key, AGREED)) == (409, "conversation_open")
    for policy in ("supersede", "queue"):
        assert start(client, key, {**AGREED, "if_open": policy}).status_code == 202


def test_the_same_key_gets_the_same_message(client: FlaskClient, store: Store, key: str) -> None:
    answers = [start(client, key, AGREED, **{"Idempotency-Key": "k1"}).get_json() for _ in range(2)]
    assert answers[0] == answers[1] and len(stored(store)) == 1
