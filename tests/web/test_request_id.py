"""X-Request-Id: on every answer, the caller's or one of ours, and in every line of the log about the request."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flowbot.settings import Settings
from flowbot.store.client import Store
from flowbot.store.limits import Limits
from flowbot.web.app import create_app
from flowbot.web.arrival import MAX_BODY
from flowbot.web.request_id import HEADER, identified
from flowbot.wiring import parts_of
from tests.logged import logged

from .conftest import envelope, post, text
from .test_conversations import make_key
from .test_server import Web

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"  # as nginx writes one


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    with logged() as out:
        yield out


def written(lines: io.StringIO) -> list[tuple[str, str | None]]:
    """Action and request of each line."""
    return [(line["action"], line.get("request")) for line in map(json.loads, lines.getvalue().splitlines())]


def answers(client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch, **headers: str) -> dict[int, TestResponse]:
    """One of each kind, from each of the ways in."""
    known = {"Authorization": f"Bearer {key}", **headers}
    found = [
        client.get("/healthz", headers=headers),
        client.get("/v1/flows", headers=headers),
        client.get("/v1/nothing", headers=known),
        client.delete("/v1/flows", headers=known),
        client.get("/v1/processes?limit=x", headers=known),
        client.get("/v1/processes?after=x", headers=known),
        client.post("/webhooks/acme/main", data=b"x" * (MAX_BODY + 1), headers=headers),
        client.post("/webhooks/acme/main", data=envelope(text()), headers=headers),
        client.post("/webhooks/acme/none", data=b"", headers=headers),
        client.get("/v1/openapi.json", headers=headers),
        client.get("/", headers=headers),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(Limits, "hit", lambda *_: (_ for _ in ()).throw(RuntimeError("a bug")))
        found.append(client.get("/v1/flows", headers=known))
    for _ in range(700):
        found.append(client.get("/v1/links", headers=known))
        if found[-1].status_code == 429:
            break
    return {one.status_code: one for one in found}


def test_every_answer_has_one(client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the refusals; each another, that nobody can guess."""
    found = answers(client, make_key(store, "acme"), monkeypatch)
    assert set(found) == {200, 302, 400, 401, 403, 404, 405, 413, 422, 429, 500}
    given = [one.headers.getlist(HEADER) for one in found.values()]
    assert all(len(one) == 1 and len(one[0]) == 16 for one in given), given
    assert len({one[0] for one in given}) == len(found)


def test_the_caller_s_own_comes_back(client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = answers(client, make_key(store, "acme"), monkeypatch, **{HEADER: "abc-1"})
    assert {one.headers[HEADER] for one in found.values()} == {"abc-1"}
    for odd in ("a b", "x" * 129, "é", ""):
        assert client.get("/healthz", headers={HEADER: odd}).headers[HEADER] != odd


@pytest.mark.parametrize(
    ("given", "shown"),
    [("abc-1", "abc-1"), (TRACE, TRACE), ("573001112233", "[number]"), ("EAAGm0PX4ZCpsBA", "[secret]")],
)
def test_it_stands_in_every_line(client: FlaskClient, lines: io.StringIO, given: str, shown: str) -> None:
    """And nothing that could be a person or a key does, whatever the caller says; outside of requests there is none."""
    assert post(client, envelope(text()), secret="wrong").status_code == 403
    answer = client.post("/webhooks/acme/main", data=b"{", headers={HEADER: given})
    assert answer.headers[HEADER] == given
    logging.getLogger("t").info("turn.done")
    (first, ours), (second, theirs), (third, none) = written(lines)
    assert first == second == "webhook.signature_wrong" and (third, none) == ("turn.done", None)
    assert ours is not None and len(ours) == 16 and theirs == shown


def test_a_store_that_is_away_is_told_with_it(
    project: Path, environ: dict[str, str], gone: Store, lines: io.StringIO
) -> None:
    with create_app(parts_of(Settings.from_env(environ), gone)).test_client() as client:
        answer = client.get("/v1/flows", headers={"Authorization": "Bearer fk_live_x_y"})
        answer = client.get("/readyz", headers={HEADER: "r1"}) if answer.status_code == 401 else answer
        assert answer.status_code == 503 and answer.headers[HEADER]
        refused = post(client, envelope(text()))
    assert refused.status_code == 503
    told = [request for action, request in written(lines) if action == "webhook.not_stored"]
    assert told == [refused.headers[HEADER]]


def test_a_body_that_is_made_while_it_is_sent_is_of_the_same_request(lines: io.StringIO) -> None:
    def app(environ: object, start: object) -> Iterator[bytes]:
        start("200 OK", [])  # type: ignore[operator]
        logging.getLogger("t").info("media.begun")
        yield b"a"
        logging.getLogger("t").info("media.ended")

    told: list[tuple[str, str]] = []
    body = identified(app)({"HTTP_X_REQUEST_ID": "r1"}, lambda status, headers: told.extend(headers))
    logging.getLogger("t").info("between")
    assert b"".join(body) == b"a" and told == [(HEADER, "r1")]
    assert written(lines) == [("between", None), ("media.begun", "r1"), ("media.ended", "r1")]


def test_at_the_same_time_each_has_its_own(environ: dict[str, str], store: Store, tmp_path: Path) -> None:
    """On real sockets: the web answers many at once in one thread."""
    log = tmp_path / "web.log"

    def call(number: int) -> None:
        with contextlib.closing(HTTPConnection("127.0.0.1", web.port, timeout=30)) as caller:
            for turn in range(5):
                id = f"r-{number}-{turn}"
                caller.request("POST", "/webhooks/acme/main", envelope(text()), {HEADER: id})
                answer = caller.getresponse()
                answer.read()
                got.append((answer.status, answer.headers[HEADER] == id))

    got: list[tuple[int, bool]] = []
    with log.open("wb") as out:
        web = Web({**environ, "FLOWBOT_LOG_FORMAT": "json"}, out)
        try:
            callers = [threading.Thread(target=call, args=(number,)) for number in range(10)]
            for one in callers:
                one.start()
            for one in callers:
                one.join()
        finally:
            web.stop()
    assert got == [(403, True)] * 50
    told = [json.loads(line) for line in log.read_text().splitlines() if '"webhook.signature_wrong"' in line]
    assert sorted(line["request"] for line in told) == sorted(f"r-{n}-{turn}" for n in range(10) for turn in range(5))
