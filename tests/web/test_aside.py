"""What of a call cannot be read is set aside, with its raw body, for a day; the rest of it goes on."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from flowbot.cli import program
from flowbot.store import keys, quarantine
from flowbot.store.call import Call
from flowbot.store.client import Store

from .conftest import envelope, post, text, texts

NUMBER = "15550100001"


def aside(store: Store, channel: str = "acme/main") -> list[quarantine.Aside]:
    found = [store.run(quarantine.find(id)) for id in store.run(quarantine.latest(channel, 0))]
    return [one for one in found if one is not None]


def value(**more: Any) -> bytes:
    whole = {"metadata": {"phone_number_id": "7001"}, **more}
    return orjson.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": whole}]}]})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (envelope(text("good", id="w1"), {"type": "text", "from": NUMBER}), ("malformed: id",)),
        (envelope(text("good", id="w1"), "junk", {"id": "w2", "from": [1]}), ("malformed: item", "malformed: sender")),
        (envelope(text("good", id="w1"), {**text("x", id="w2"), "type": "hologram"}), ("unknown kind of message",)),
        (envelope(text("good", id="w1"), statuses=[{"id": "w9", "status": "in_orbit"}]), ("unknown status",)),
        (value(errors=[{"code": 131035, "title": "lost"}]), ("error",)),
        (value(messages={"0": "no list"}), ("malformed: item",)),
        (envelope({**text("x", id="w1"), "text": None}), ("malformed: text",)),
        (envelope({"from": 15550100001, "id": 5, "timestamp": 1700000000, "type": "text", "text": {"body": "x"}}), ()),
        (envelope({**text("x", id="w1"), "type": "unsupported", "errors": [{"code": 131051}]}), ()),
    ],
    ids=["no id", "junk", "unknown kind", "unknown status", "errors alone", "no list", "text null", "numbers", "known"],
)
def test_a_deformed_body_is_answered_200_and_kept(
    client: FlaskClient, store: Store, body: bytes, why: tuple[str, ...]
) -> None:
    assert post(client, body).status_code == 200
    found = aside(store)
    assert [one.why for one in found] == ([why] if why else [])
    assert all((one.body, one.size, one.channel) == (body, len(body), "acme/main") for one in found)
    if b"good" in body:
        assert ("acme/main", "good") in texts(store)


def test_the_same_again_is_kept_once_and_for_a_day(client: FlaskClient, store: Store) -> None:
    body = envelope("junk")
    for _ in range(3):
        assert post(client, body).status_code == 200
    (id,) = store.run(quarantine.latest("acme/main", 0))
    key = keys.quarantine(int(id.split("_")[1]), id)
    left = store.run(Call(parts=("PTTL", key), slot=key, read=int))
    assert 0 < left <= 24 * 3600 * 1000


def test_what_is_nothing_at_all_is_400_and_kept_too(client: FlaskClient, store: Store) -> None:
    assert post(client, b"{broken").status_code == 400
    ((body, why),) = [(one.body, one.why) for one in aside(store)]
    assert body == b"{broken" and "not JSON" in why[0]


def test_what_is_not_signed_is_not_kept(client: FlaskClient, store: Store) -> None:
    assert post(client, b"{broken", secret="wrong").status_code == 403
    assert aside(store) == []


def test_a_channel_keeps_its_last_hundred(store: Store) -> None:
    for number in range(105):
        body = str(number).encode()
        id = quarantine.name(store.partitions, "acme/main", body)
        store.run_all(quarantine.keep(id, "acme/main", ["malformed"], body, now=1_000_000 + number))
    found = store.run(quarantine.latest("acme/main", 0))
    assert len(found) == 100 and found[0] == quarantine.name(store.partitions, "acme/main", b"104")


def test_flowbot_show_prints_it(client: FlaskClient, store: Store, environ: dict[str, str]) -> None:
    post(client, envelope({"type": "text", "from": NUMBER, "text": {"body": "geheim"}}))
    (id,) = store.run(quarantine.latest("acme/main", 0))

    def show(*arguments: str) -> str:
        result = CliRunner().invoke(program, ["show", id, *arguments], obj=environ)
        assert result.exit_code == 0, result.output
        return result.output

    veiled, whole = show(), show("--reveal")
    assert "acme/main" in veiled and "malformed: id" in veiled and "text of 11" in veiled
    assert NUMBER not in veiled and "geheim" not in veiled
    assert NUMBER in whole and "geheim" in whole
    assert orjson.loads(show("--json", "--reveal"))["why"] == ["malformed: id"]
    gone = CliRunner().invoke(program, ["show", "qr_1_nothing"], obj=environ)
    assert gone.exit_code == 1 and "kept for a day" in str(gone.exception)
    said = CliRunner().invoke(program, ["doctor"], obj=environ)
    assert f"flowbot show {id}" in said.output
