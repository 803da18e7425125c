"""A verification's link: a page with a button, which alone confirms, once and in time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowbot.delivery.links import Links
from flowbot.model import codec, ids
from flowbot.model.event import from_bytes
from flowbot.model.queued_call import QueuedCall
from flowbot.store import keys
from flowbot.store.call import command
from flowbot.store.client import Store
from flowbot.wiring import Parts, links_of

CALL = QueuedCall(
    id=ids.make("cl", 3, "x"),
    kind="code.open",
    account="acme",
    channel="main",
    contact_id="c1",
    step="mail",
    visit=7,
    at=0,
    until=4_000_000_000_000,
    body={"lang": "es-CO"},
    waiting=True,
)


@pytest.fixture
def links(parts: Parts, store: Store) -> Links:
    keep(store, CALL)
    found = links_of(parts.settings)
    assert found is not None
    return found


def keep(store: Store, call: QueuedCall) -> None:
    store.run(command("HSET", keys.call_records(3), call.id, codec.encode(call), read=int))
    store.run(command("ZADD", keys.calls(3), call.until, call.id, read=int))


def path(links: Links, seconds: int = 60, id: str = CALL.id) -> str:
    return links.confirm(id, time.time() + seconds).removeprefix(links.public)


def heard(store: Store) -> list[Any]:
    found = store.run(command("XRANGE", keys.inbox(3, "acme"), "-", "+", read=list))
    return [from_bytes(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"]) for _, fields in found]


def test_who_only_looks_confirms_nothing(client: FlaskClient, store: Store, links: Links) -> None:
    """Mail scanners and previews open links before people do."""
    for _ in range(3):
        answer = client.get(path(links))
        assert answer.status_code == 200 and "<form method=post>" in answer.text and "¿Eres tú?" in answer.text
    assert client.head(path(links)).status_code == 200
    assert heard(store) == []
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_button_confirms_once(client: FlaskClient, store: Store, links: Links) -> None:
    answer = client.post(path(links))
    assert answer.status_code == 200 and "Confirmado" in answer.text
    (found,) = heard(store)
    assert (found.call, found.kind, found.visit, found.outcome) == (CALL.id, "code.open", 7, "verified")
    assert client.post(path(links)).status_code == 404 and client.get(path(links)).status_code == 404
    assert len(heard(store)) == 1


def test_what_is_late_forged_or_for_something_else_does_nothing(
    client: FlaskClient, store: Store, links: Links
) -> None:
    good = path(links)
    other = replace(CALL, id=ids.make("cl", 3, "y"))
    verify = replace(CALL, id=ids.make("cl", 3, "z"), kind="verify")
    keep(store, other)
    keep(store, verify)
    verdict = links.verdict(CALL.id, time.time() + 60).rpartition("/")[2]
    for wrong in (
        path(links, -1),
        good.replace(CALL.id, other.id),
        good[:-1],
        "/confirm/x",
        f"/confirm/{verdict}",
        path(links, id=verify.id),  # signed, and yet no link's call
        path(links, id=ids.make("cl", 3, "gone")),
    ):
        assert client.get(wrong).status_code == 404, wrong
        assert client.post(wrong).status_code == 404, wrong
    assert heard(store) == []
