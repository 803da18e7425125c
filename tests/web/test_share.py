"""An account that floods us is held at the door, alone."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from flask.testing import FlaskClient

from flowbot.store import inbox, keys
from flowbot.store.call import Call, command
from flowbot.store.client import Store
from flowbot.web.app import create_app
from flowbot.web.share import PAUSE, Shares
from flowbot.wiring import Parts

from .conftest import envelope, join, post, stored, text, texts
from .test_conversations import GOOD, make_key

SHARE = 5


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(parts: Parts, store: Store, clock: Clock) -> FlaskClient:
    return create_app(replace(parts, shares=Shares(store, SHARE, clock))).test_client()


def fill(client: FlaskClient) -> None:
    for number in range(SHARE):
        assert post(client, envelope(text(f"in {number}", sender=f"1555010{number:04d}"))).status_code == 200


def waiting(store: Store, account: str) -> int:
    return sum(store.run(inbox.waiting(one, account)) for one in range(store.partitions))


def drain(store: Store) -> None:
    for partition in range(store.partitions):
        store.run(command("DEL", keys.inbox(partition, "acme"), read=int))


def commands(store: Store) -> int:
    """How many the server has carried out."""
    info = store.run(Call(("INFO", "stats"), keys.META, bytes.decode))
    return int(next(line for line in info.splitlines() if line.startswith("total_commands_processed:")).split(":")[1])


def test_past_its_share_an_account_is_refused_and_no_other(client: FlaskClient, store: Store) -> None:
    fill(client)
    refused = post(client, envelope(text("one too many")))
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (503, "account_busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert post(client, envelope(text("hi"), to="7100"), "/webhooks/beta/main").status_code == 200
    assert [words for _, words in texts(store)] == [*(f"in {number}" for number in range(SHARE)), "hi"]


def test_what_does_not_wait_for_a_worker_comes_in(client: FlaskClient) -> None:
    fill(client)
    status = {"id": "wamid.out", "status": "read", "timestamp": "1700000000", "recipient_id": "15550100001"}
    assert post(client, envelope(statuses=[status])).status_code == 200


def test_a_call_for_two_accounts_is_taken_whole_or_not_at_all(client: FlaskClient, store: Store) -> None:
    fill(client)
    assert post(client, join(("7100", [text("a")], ()), ("7001", [text("b")], ()))).status_code == 503
    assert waiting(store, "beta") == 0


def test_it_is_let_in_again_when_less_waits(client: FlaskClient, store: Store, clock: Clock) -> None:
    fill(client)
    body = envelope(text("again"))
    assert post(client, body).status_code == 503
    drain(store)
    assert post(client, body).status_code == 503, "not looked at again so soon"
    clock.now += PAUSE
    assert post(client, body).status_code == 200
    assert texts(store) == [("acme/main", "again")]


def test_a_refusal_costs_the_store_nothing(client: FlaskClient, store: Store) -> None:
    fill(client)
    post(client, envelope(text("the look")))
    before = commands(store)
    for _ in range(20):
        assert post(client, envelope(text("one too many"))).status_code == 503
    assert commands(store) - before <= 1, "the question itself"


def test_a_usual_day_costs_the_store_next_to_nothing(parts: Parts, store: Store) -> None:
    """A look at all partitions comes with each hundredth of the share that this process lets in."""
    shares = Shares(store, 10_000)
    shares.admit("acme")
    before = commands(store)
    for _ in range(99):
        shares.admit("acme")
    assert commands(store) - before <= 1
    shares.admit("acme", 2)
    shares.admit("acme")
    assert commands(store) - before > store.partitions


def test_what_other_processes_let_in_counts_too(parts: Parts, store: Store, clock: Clock) -> None:
    one, other = (create_app(replace(parts, shares=Shares(store, SHARE, clock))).test_client() for _ in range(2))
    fill(one)
    assert post(other, envelope(text("there"))).status_code == 503


def test_the_api_is_held_too(client: FlaskClient, store: Store) -> None:
    headers = {"Authorization": f"Bearer {make_key(store, 'acme')}"}
    fill(client)
    refused = client.post("/v1/conversations", data=orjson.dumps(GOOD), headers=headers)
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (503, "account_busy")
    assert len(stored(store)) == SHARE
