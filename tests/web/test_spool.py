"""Providers that call only once, while the store is away: nothing lost, in order, once it is back."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flowbot.store import inbox
from flowbot.store.client import Store
from flowbot.web.app import create_app
from flowbot.wiring import Parts

from . import test_providers
from .conftest import stored
from .test_providers import INBOUND, twilio

project, environ = test_providers.project, test_providers.environ


@pytest.fixture
def away(parts: Parts, gone: Store) -> FlaskClient:
    """The web over a store that is not there."""
    return create_app(replace(parts, store=gone)).test_client()


def spool(parts: Parts) -> list[Path]:
    return sorted(one for one in (parts.settings.data / "spool").glob("*/*/*") if not one.name.startswith("."))


def say(client: FlaskClient, number: int) -> int:
    return int(twilio(client, **{**INBOUND, "MessageSid": f"SM{number}", "Body": str(number)}).status_code)


def heard(store: Store, count: int) -> list[str]:
    """The texts in their order, once there are so many: another thread brings them in."""
    end = time.monotonic() + 30
    while sum(one.waiting for one in store.run_all([inbox.peek(each) for each in range(store.partitions)])) < count:
        assert time.monotonic() < end
        time.sleep(0.01)
    return [arrived.inbound.text for _, _, arrived in stored(store)]


def test_twilio_is_answered_and_its_calls_wait_on_disk(away: FlaskClient, parts: Parts) -> None:
    assert [say(away, number) for number in range(3)] == [200, 200, 200]
    assert len(spool(parts)) == 3
    assert twilio(away, token="other", **INBOUND).status_code == 403
    message = {"id": "1", "from": "553188887777@wa.gw.msging.net", "type": "text/plain", "content": "Oi"}
    assert away.post("/webhooks/acme/blip/s3cret", json=message).status_code == 200
    assert len(spool(parts)) == 4


def test_who_comes_again_is_sent_away(away: FlaskClient, parts: Parts) -> None:
    body = {
        "type": "message",
        "payload": {"id": "1", "source": "15550100001", "type": "text", "payload": {"text": "x"}},
    }
    assert away.post("/webhooks/acme/gupshup/s3cret", json=body).status_code == 503
    assert spool(parts) == []


def test_a_later_web_brings_them_in_in_order(away: FlaskClient, parts: Parts, store: Store) -> None:
    for number in range(5):
        assert say(away, number) == 200
    create_app(parts)
    assert heard(store, 5) == ["0", "1", "2", "3", "4"]
    end = time.monotonic() + 10
    while spool(parts):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_comes_while_something_waits_goes_behind_it(away: FlaskClient, parts: Parts, store: Store) -> None:
    assert say(away, 0) == 200
    client = create_app(parts).test_client()
    assert [say(client, number) for number in range(1, 4)] == [200, 200, 200]
    assert heard(store, 4) == ["0", "1", "2", "3"]


def test_a_disk_that_takes_nothing_is_503(parts: Parts, gone: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = replace(parts.settings, data=tmp_path / "file")
    client = create_app(replace(parts, store=gone, settings=settings)).test_client()
    assert say(client, 1) == 503
