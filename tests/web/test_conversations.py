"""Starting conversations over the API, and asking what became of them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from flowbot.engine import attempts
from flowbot.model import codec, event, ids
from flowbot.model.contact import Contact, Identity
from flowbot.model.event import ConversationRequested
from flowbot.model.session import Process, Session
from flowbot.store import apikeys, identity, keys, publications
from flowbot.store import attempts as places
from flowbot.store.call import command
from flowbot.store.client import Store
from flowbot.wiring import Parts

from .conftest import stored

GOOD = {"flow": "hello", "channel": "try", "to": "+57 300 111 2233", "inputs": {"account_id": "a-1"}}


@pytest.fixture
def key(store: Store) -> str:
    return make_key(store, "acme")


def make_key(store: Store, account: str) -> str:
    key_id = apikeys.new_id(account, b"12345")
    store.run(apikeys.keep(account, key_id, "s" * 43, store.salt, name="test", now=1))
    return apikeys.written(key_id, "s" * 43)


def start(client: FlaskClient, key: str, body: Any = None, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else orjson.dumps(GOOD if body is None else body)
    return client.post("/v1/conversations", data=data, headers={"Authorization": f"Bearer {key}", **headers})


def mistakes(answer: Any) -> list[str]:
    assert answer.content_type == "application/problem+json"
    return [mistake["pointer"] for mistake in answer.get_json(force=True)["errors"]]


def test_once_something_is_published_a_client_starts_that_and_no_draft(
    client: FlaskClient, parts: Parts, key: str
) -> None:
    """R011, R013: on a number with people at the other end; in the simulator drafts may be tried."""
    version = parts.library.flows["quiet"].version
    changes = {"quiet": ("", version)}
    parts.store.run(publications.publish("acme", changes, seen=0, nonce="n", at=1, who="eva"))
    parts.store.run(publications.note_publisher("acme"))
    parts.stage._watch._next_look = float("-inf")
    refused = start(client, key, {**GOOD, "channel": "main"})
    assert refused.status_code == 422 and mistakes(refused) == ["/flow"]
    assert start(client, key).status_code == 202


def test_a_start_lies_in_the_contacts_inbox(client: FlaskClient, store: Store, key: str) -> None:
    body = {**GOOD, "account_id": "a-1", "step": "done", "answers": {"name": "Ana"}, "language": "en"}
    answer = start(client, key, {**body, "if_open": "supersede"})
    assert answer.status_code == 202
    ((contact_id, channel, asked),) = stored(store)
    assert answer.get_json() == {"process_id": asked.process_id, "contact_id": contact_id}
    assert channel == "acme/try"
    assert asked == ConversationRequested(
        process_id=asked.process_id,
        flow="hello",
        inputs={"account_id": "a-1"},
        account_id="a-1",
        language="en",
        step="done",
        answers={"name": "Ana"},
        if_open="supersede",
        unasked=True,
        to=Identity(number="573001112233"),
    )
    assert event.from_bytes(event.to_bytes(asked)) == asked


def test_a_number_without_its_country_code_is_one_of_the_accounts_country(
    client: FlaskClient, store: Store, key: str
) -> None:
    one = start(client, key, {**GOOD, "to": "300 111 2233"}).get_json()
    other = start(client, key).get_json()
    assert one["contact_id"] == other["contact_id"] and one["process_id"] != other["process_id"]


def test_the_same_idempotency_key_starts_once(client: FlaskClient, store: Store, key: str) -> None:
    answers = [start(client, key, **{"Idempotency-Key": "k1"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.data for answer in answers}) == 1
    assert len(stored(store)) == 1
    again = start(client, key, **{"Idempotency-Key": "k2"}).get_json()
    assert again["process_id"] != answers[0].get_json()["process_id"]


def test_an_idempotency_key_belongs_to_one_request(client: FlaskClient, store: Store, key: str) -> None:
    assert start(client, key, **{"Idempotency-Key": "k1"}).status_code == 202
    answer = start(client, key, {**GOOD, "to": "+573001112234"}, **{"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "idempotency_key_reused")
    assert len(stored(store)) == 1


BAD: dict[str, tuple[Any, list[str]]] = {
    "everything missing": ({}, ["/channel", "/flow", "/to"]),
    "no body": (b"", ["/channel", "/flow", "/to"]),
    "no object": ([], [""]),
    "unknown names": ({**GOOD, "flw": 1, "a/b": 2}, ["/a~1b", "/flw"]),
    "a template": (
        {**GOOD, "template": {"params": [], "lang": "es"}, "user_authorized": "yes"},
        ["/template/lang", "/template/name", "/template/params", "/user_authorized"],
    ),
    "wrong types": ({**GOOD, "to": 57, "inputs": []}, ["/inputs", "/to"]),
    "unknown flow and channel": ({**GOOD, "flow": "x", "channel": "y"}, ["/channel", "/flow"]),
    "a flow that is not for the API": ({**GOOD, "flow": "quiet", "inputs": {}}, ["/flow"]),
    "no number": ({**GOOD, "to": "nobody"}, ["/to"]),
    "unknown step and answer": ({**GOOD, "step": "x", "answers": {"y": 1}}, ["/answers/y", "/step"]),
    "inputs": ({**GOOD, "inputs": {"age": "many", "extra": 1}}, ["/inputs/account_id", "/inputs/age", "/inputs/extra"]),
    "if_open": ({**GOOD, "if_open": "maybe"}, ["/if_open"]),
}


@pytest.mark.parametrize(("body", "pointers"), BAD.values(), ids=BAD)
def test_all_mistakes_come_at_once(client: FlaskClient, store: Store, key: str, body: Any, pointers: list[str]) -> None:
    answer = start(client, key, body)
    assert answer.status_code == 422
    assert sorted(mistakes(answer)) == pointers
    assert stored(store) == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a": 1,}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_400(client: FlaskClient, key: str, body: bytes) -> None:
    answer = start(client, key, body)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "parse")


def test_without_a_good_key_nothing_is_told(client: FlaskClient, store: Store, key: str) -> None:
    _, _, rest = key.partition("fk_live_")
    key_id, _, secret = rest.partition("_")
    wrong = ["", "x", key[:-1] + "x", key + "x", f"fk_live_{key_id}_", f"fk_live_zzzzzzzzzz_{secret}", "fk_live__", "é"]
    for bad in wrong:
        answer = start(client, bad)
        assert answer.status_code == 401, bad
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.get_json(force=True)["code"] == "unauthorized"
    assert client.post("/v1/conversations", json=GOOD).status_code == 401
    assert client.get("/v1/processes/pr_1_x").status_code == 401
    store.run(apikeys.revoke("acme", key_id))
    assert start(client, key).status_code == 401


def test_a_key_is_not_kept_in_clear(store: Store, key: str) -> None:
    kept = store.run(apikeys.all_of("acme"))
    assert [(one.name, one.created_at) for one in kept] == [("test", 1)]
    assert "s" * 43 not in repr(kept)


def test_a_process_is_told_to_its_own_account_only(client: FlaskClient, store: Store, key: str) -> None:
    process_id = ids.make("pr", 3, "x")
    record = {"process_id": process_id, "account": "acme", "status": "success", "answers": {}}
    store.run(command("SET", keys.process(3, process_id), orjson.dumps(record), read=bool))
    own = client.get(f"/v1/processes/{process_id}", headers={"Authorization": f"Bearer {key}"})
    assert (own.status_code, own.get_json()) == (200, record)
    other = client.get(f"/v1/processes/{process_id}", headers={"Authorization": f"Bearer {make_key(store, 'beta')}"})
    assert (other.status_code, other.get_json(force=True)["code"]) == (404, "not_found")


def get(client: FlaskClient, key: str, process_id: str) -> Any:
    return client.get(f"/v1/processes/{process_id}", headers={"Authorization": f"Bearer {key}"})


def put(store: Store, session: Session, contact: Contact | None = None) -> None:
    """The records as a turn leaves them."""
    partition = ids.partition_of(session.contact_id, store.partitions)
    where = keys.session(partition, session.contact_id, f"{session.account}/{session.channel}")
    store.run(command("SET", where, b"%d\n" % session.version + codec.encode(session), read=bool))
    if contact is not None:
        store.run(command("SET", keys.contact(partition, contact.id), codec.encode(contact), read=bool))


def test_a_client_that_asks_at_once_sees_it_pending(client: FlaskClient, store: Store, key: str) -> None:
    begun = start(client, key).get_json()
    found = get(client, key, begun["process_id"]).get_json()
    assert (found["status"], found["flow"], found["inputs"]) == ("pending", "hello", {"account_id": "a-1"})
    assert (found["started_at"], found["ended_at"], found["answers"]) == (None, None, {})
    assert found["contact"] == {
        "id": begun["contact_id"],
        "phone": "+573001112233",
        "user_id": None,
        "name": None,
        "language": None,
    }
    partition, where = ids.split(begun["process_id"])[1], begun["process_id"]
    assert store.run(command("TTL", keys.process(partition, where), read=int)) > 0, "a start that is lost leaves it"
    assert get(client, make_key(store, "beta"), begun["process_id"]).status_code == 404


def test_an_open_process_shows_the_answers_so_far(client: FlaskClient, store: Store, key: str) -> None:
    begun = start(client, key).get_json()
    process = Process(
        id=begun["process_id"],
        flow="hello",
        flow_version="v",
        started_at=1_763_730_000_000,
        inputs={"account_id": "a-1"},
        answers={"name": "Ana"},
    )
    session = Session(account="acme", channel="try", contact_id=begun["contact_id"], version=2, process=process)
    put(store, session, Contact(id=begun["contact_id"], account="acme", number="573001112233", name="Ana"))
    found = get(client, key, begun["process_id"]).get_json()
    assert (found["status"], found["answers"], found["contact"]["name"]) == ("pending", {"name": "Ana"}, "Ana")
    assert (found["flow_version"], found["started_at"]) == ("v", "2025-11-21T13:00:00Z")


def test_no_attempts_left_is_said_at_once(client: FlaskClient, parts: Parts, store: Store, key: str) -> None:
    """R036: a look takes no place; the worker takes them."""
    asked = {"flow": "scarce", "channel": "try", "to": "+57 300 111 2233"}
    assert [start(client, key, asked).status_code for _ in range(2)] == [202, 202]
    contact = Contact(id=identity.resolve(store, "acme", Identity(number="573001112233")), account="acme")
    flow, account = parts.library.flows["scarce"], parts.live.account("acme")
    place = attempts.attempt_of(flow, account, "try", contact, "", at=int(time.time() * 1000), name="x")
    assert store.run(places.take(place))
    answer = start(client, key, asked)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "too_many_attempts")
    assert len(stored(store)) == 2


def test_outside_the_24_hours_a_start_is_refused_and_says_why(client: FlaskClient, store: Store, key: str) -> None:
    there = {**GOOD, "channel": "main"}
    answer = start(client, key, there)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "window_closed")
    assert "template" in answer.get_json(force=True)["detail"] and stored(store) == []
    contact_id = identity.resolve(store, "acme", Identity(number="573001112233"))
    now, day = int(time.time() * 1000), 86_400_000
    heard = Session(account="acme", channel="main", contact_id=contact_id, version=1, last_inbound_at=now - day - 1000)
    put(store, heard)
    assert start(client, key, there).status_code == 409
    put(store, replace(heard, last_inbound_at=now - day + 60_000))
    assert start(client, key, there).status_code == 202
    assert [asked.window for _, _, asked in stored(store)] == [day]


def test_who_opted_out_is_not_started(client: FlaskClient, store: Store, key: str) -> None:
    contact_id = identity.resolve(store, "acme", Identity(number="573001112233"))
    session = Session(account="acme", channel="try", contact_id=contact_id, version=1)
    put(store, session, Contact(id=contact_id, account="acme", opted_out=("all",)))
    answer = start(client, key)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "opted_out")
    assert stored(store) == []


def test_an_open_conversation_is_refused_at_the_door(client: FlaskClient, store: Store, key: str) -> None:
    first = start(client, key, **{"Idempotency-Key": "k1"}).get_json()
    contact_id, process_id = first["contact_id"], first["process_id"]
    partition = ids.partition_of(contact_id, store.partitions)
    session = Session(
        account="acme",
        channel="main",
        contact_id=contact_id,
        version=1,
        process=Process(id=process_id, flow="hello", flow_version="v"),
    )
    where = keys.session(partition, contact_id, "acme/try")
    store.run(command("SET", where, b"1\n" + codec.encode(session), read=bool))
    answer = start(client, key)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "conversation_open")
    assert start(client, key, **{"Idempotency-Key": "k1"}).get_json() == first
    assert start(client, key, {**GOOD, "if_open": "supersede"}).status_code == 202
    assert start(client, key, {**GOOD, "if_open": "queue"}).status_code == 202


@pytest.mark.parametrize("process_id", ["pr_1_nothing", "x", "pr_x_y", "pr_9999_x", "ms_1_x", "pr_-1_x"])
def test_an_unknown_process_is_404(client: FlaskClient, key: str, process_id: str) -> None:
    answer = client.get(f"/v1/processes/{process_id}", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "not_found")


def test_an_unknown_page_and_method_are_problems_too(client: FlaskClient) -> None:
    assert client.get("/v1/nothing").get_json(force=True)["code"] == "not_found"
    answer = client.get("/v1/conversations")
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "POST" in answer.headers["Allow"]
