"""A verdict that comes later: taken once, from who knows the secret, for a step that still waits."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from flowbot.delivery.signing import standard_headers
from flowbot.model import codec
from flowbot.model.event import CallAnswered, from_bytes
from flowbot.store import calls, keys
from flowbot.store.call import command
from flowbot.store.client import Store
from flowbot.wiring import Parts, links_of

from .test_confirm import CALL as CONFIRM

SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
CALL = replace(CONFIRM, kind="verify", step="check", body={"verifier": "document"})
VERDICT = {"status": "verified", "score": 0.9, "reasons": [], "data": {}}


@pytest.fixture
def token(parts: Parts) -> str:
    links = links_of(parts.settings)
    assert links is not None
    return links.verdict(CALL.id, time.time() + 60).rpartition("/")[2]


@pytest.fixture
def waiting(store: Store) -> None:
    store.run(command("HSET", keys.call_records(3), CALL.id, codec.encode(CALL), read=int))
    store.run(command("ZADD", keys.calls(3), CALL.until, CALL.id, read=int))


def post(client: FlaskClient, token: str, body: Any, secret: str = SECRET, seconds: int = 0) -> Any:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = standard_headers("vd_1", (int(time.time()) + seconds) * 1000, data, (secret,))
    return client.post(f"/v1/verdicts/{token}", data=data, headers=headers)


def heard(store: Store) -> list[Any]:
    found = store.run(command("XRANGE", keys.inbox(3, "acme"), "-", "+", read=list))
    return [from_bytes(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"]) for _, fields in found]


@pytest.mark.usefixtures("waiting")
def test_it_is_taken_once(client: FlaskClient, store: Store, token: str) -> None:
    answers = [post(client, token, VERDICT) for _ in range(2)]
    assert [(one.status_code, one.json["status"]) for one in answers] == [(200, "taken"), (200, "known")]
    assert heard(store) == [CallAnswered(call=CALL.id, kind="verify", visit=7, outcome="ok", result=VERDICT)]
    assert store.run(calls.get(CALL.id)) is None


def test_nothing_waits(client: FlaskClient, store: Store, token: str) -> None:
    """R119: a clear error when nothing waits."""
    found = post(client, token, VERDICT)
    assert (found.status_code, found.json["code"]) == (409, "nothing_waits")
    assert heard(store) == []


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    ("body", "options", "status", "code"),
    [
        (VERDICT, {"secret": "whsec_" + base64.b64encode(b"t" * 24).decode()}, 403, "signature"),
        (VERDICT, {"seconds": -900}, 403, "signature"),
        ({"status": "maybe"}, {}, 400, "verdict"),
        (b"[", {}, 400, "verdict"),
    ],
)
def test_what_is_refused_leaves_it_waiting(
    client: FlaskClient, store: Store, token: str, body: Any, options: dict[str, Any], status: int, code: str
) -> None:
    found = post(client, token, body, **options)
    assert (found.status_code, found.json["code"]) == (status, code)
    assert heard(store) == [] and store.run(calls.get(CALL.id)) == CALL


@pytest.mark.usefixtures("waiting")
def test_an_address_that_is_none_of_ours(client: FlaskClient, store: Store, token: str) -> None:
    for wrong in (token + "x", "x", token.partition(".")[2], token[1:]):
        assert post(client, wrong, VERDICT).status_code == 404
    assert heard(store) == []
