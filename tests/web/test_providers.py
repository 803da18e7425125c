"""The webhooks of all gateways: who is believed, what each provider reads as an answer, and what the store then has."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from flask.testing import FlaskClient

from flowbot.model import ids
from flowbot.model.outbound import Outbound, OutboxEntry
from flowbot.store import outbox, quarantine, receipts
from flowbot.store.client import Store

from .conftest import HELLO, envelope, stored, text

FLOWBOT = """
accounts:
  acme:
    default_country: CO
    languages: [en]
    channels:
      twilio: {gateway: twilio, number: "+15550199001", account_sid: AC1, auth_token: "${env:TOKEN}"}
      blip: {gateway: blip, bot_key: "${env:TOKEN}", secret: "${env:SECRET}", base_url: "https://b.http.msging.net"}
      gupshup:
        gateway: gupshup
        number: "+15550199002"
        app_name: Shop
        api_key: ${env:TOKEN}
        secret: ${env:SECRET}
      dialog360: {gateway: dialog360, api_key: "${env:TOKEN}", secret: "${env:SECRET}"}
      listed:
        gateway: dialog360
        api_key: ${env:TOKEN}
        secret: ${env:SECRET}
        addresses: [203.0.113.0/24]
      bare: {gateway: dialog360, api_key: "${env:TOKEN}", secret: "${env:NOT_SET}"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flowbot.yaml").write_text(FLOWBOT)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "hello.yaml").write_text(HELLO)
    return tmp_path


@pytest.fixture
def environ(project: Path, store_url: str) -> dict[str, str]:
    return {
        "TOKEN": "t",
        "SECRET": "s3cret",
        "FLOWBOT_PROJECT": str(project),
        "FLOWBOT_DATA": str(project / ".flowbot"),
        "FLOWBOT_REDIS_URL": store_url,
        "FLOWBOT_SECRET_KEY": "k" * 40,
        "FLOWBOT_PUBLIC_URL": "https://bot.test",
    }


def twilio(client: FlaskClient, query: str = "", token: str = "t", **fields: str) -> Any:
    path = "/webhooks/acme/twilio" + (f"?{query}" if query else "")
    signed = "https://bot.test" + path + "".join(name + value for name, value in sorted(fields.items()))
    signature = base64.b64encode(hmac.digest(token.encode(), signed.encode(), hashlib.sha1)).decode()
    kind = "application/x-www-form-urlencoded"
    return client.post(path, data=urlencode(fields), content_type=kind, headers={"X-Twilio-Signature": signature})


INBOUND = {"MessageSid": "SM1", "From": "whatsapp:+15550100001", "Body": "¿Qué tal?", "NumMedia": "0"}


def messages(store: Store) -> list[tuple[str, str]]:
    return sorted((channel, arrived.inbound.text) for _, channel, arrived in stored(store))


def a_message(store: Store, channel: str) -> str:
    """A message of ours on its way: the sender does not know the provider's answer yet."""
    contact_id = ids.contact_id(store.salt, "acme", "n:15550100001")
    partition = ids.partition_of(contact_id, store.partitions)
    entry = OutboxEntry(
        id=ids.make("ms", partition, "x"),
        account="acme",
        channel=channel,
        contact_id=contact_id,
        to="15550100001",
        outbound=Outbound(text="Hi"),
    )
    store.run(outbox.push(partition, [entry]))
    assert len(store.run(outbox.claim(partition, "r", f"acme/{channel}", tokens=1)).claimed) == 1
    return entry.id


def test_twilio_reads_an_empty_twiml(client: FlaskClient, store: Store) -> None:
    answer = twilio(client, **INBOUND)
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"<Response/>", "text/xml")
    assert twilio(client, **INBOUND).status_code == 200
    assert messages(store) == [("acme/twilio", "¿Qué tal?")]
    assert twilio(client, token="other", **INBOUND).status_code == 403
    assert client.post("/webhooks/acme/twilio", data=b"no form").status_code == 403
    assert client.get("/webhooks/acme/twilio").status_code == 403


def test_a_status_of_twilios_finds_its_message_by_our_id(client: FlaskClient, store: Store) -> None:
    """The answer to the send was lost: the address that we gave for statuses tells which message it is about."""
    message = a_message(store, "twilio")
    to = {"To": "whatsapp:+15550100001", "MessageSid": "SM9"}
    assert twilio(client, f"m={message}", MessageStatus="delivered", **to).status_code == 200
    found = store.run(outbox.read(message))
    assert (found["state"], found["provider_id"]) == ("sent", "SM9") and "delivered_at" in found


def test_a_status_of_360dialogs_finds_its_message_by_our_id(client: FlaskClient, store: Store) -> None:
    """The answer to the send was lost: what we sent along comes back."""
    message = a_message(store, "dialog360")
    status = {"id": "wamid.9", "status": "delivered", "timestamp": "1700000000", "biz_opaque_callback_data": message}
    assert client.post("/webhooks/acme/dialog360/s3cret", data=envelope(to="1", statuses=[status])).status_code == 200
    found = store.run(outbox.read(message))
    assert (found["state"], found["provider_id"]) == ("sent", "wamid.9") and "delivered_at" in found


def test_blips_messages_and_notifications(client: FlaskClient, store: Store) -> None:
    sender = "5531988887777@wa.gw.msging.net"
    said = {"id": "wamid.1", "from": sender, "to": "bot@msging.net", "type": "text/plain", "content": "Oi"}
    for _ in range(2):
        assert client.post("/webhooks/acme/blip/s3cret", json=said).status_code == 200
    assert messages(store) == [("acme/blip", "Oi")]
    message = a_message(store, "blip")
    heard = {"id": message, "from": sender, "to": "bot@msging.net", "event": "consumed"}
    assert client.post("/webhooks/acme/blip/s3cret", json=heard).status_code == 200
    found = store.run(outbox.read(message))
    assert found["state"] == "sent" and "read_at" in found


def gupshup(client: FlaskClient, kind: str, payload: dict[str, Any]) -> Any:
    body = {"app": "Shop", "timestamp": 1_700_000_000_123, "version": 2, "type": kind, "payload": payload}
    return client.post("/webhooks/acme/gupshup/s3cret", json=body)


def test_gupshup_reads_an_empty_200(client: FlaskClient, store: Store) -> None:
    sender = {"phone": "15550100001", "name": "Ana"}
    message = {"id": "wa1", "source": "15550100001", "type": "text", "payload": {"text": "Hi"}, "sender": sender}
    for _ in range(2):
        answer = gupshup(client, "message", message)
        assert (answer.status_code, answer.data) == (200, b"")
    assert messages(store) == [("acme/gupshup", "Hi")]


def test_gupshup_tries_the_address_and_makes_no_contact(client: FlaskClient, store: Store) -> None:
    answer = gupshup(client, "user-event", {"phone": "callbackSetPhone", "type": "sandbox-start"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert stored(store) == []


def test_who_opted_out_at_gupshup_is_opted_out_here(client: FlaskClient, store: Store) -> None:
    """R090: told again, it is there once; whom nobody knew becomes a contact, for the proof."""
    for kind in ("opted-out", "opted-out", "opted-in"):
        assert gupshup(client, "user-event", {"phone": "15550100001", "type": kind}).status_code == 200
    found = [(channel, said.what, said.topic, said.to.number) for _, channel, said in stored(store)]
    assert found == [("acme/gupshup", what, "all", "15550100001") for what in ("stopped", "resumed")]


@pytest.mark.parametrize(
    ("channel", "code", "told"),
    [
        ("gupshup", 1002, [("unreachable", "all", "1002")]),
        ("gupshup", 1012, [("stopped", "all", "1012")]),
        ("gupshup", 131026, []),
        ("twilio", 63024, [("unreachable", "all", "63024")]),
        ("twilio", 63033, [("stopped", "all", "63033")]),
        ("twilio", 63015, []),
        ("blip", 42, [("unreachable", "all", "42")]),
        ("dialog360", 131050, [("stopped", "marketing", "131050")]),
        ("dialog360", 131047, []),
    ],
)
def test_what_a_failed_status_says_of_the_contact(
    client: FlaskClient, store: Store, channel: str, code: int, told: list[tuple[str, str, str]]
) -> None:
    """R089: the same codes mean the same in a status, and a status that comes twice says it once."""
    message = a_message(store, channel)
    store.run(receipts.point(f"acme/{channel}", "px", message))
    for _ in range(2):
        _fail(client, channel, message, code)
    assert [(said.what, said.topic, said.code) for _, _, said in stored(store)] == told


def test_a_failed_status_on_another_channel_says_nothing_of_our_contact(client: FlaskClient, store: Store) -> None:
    """I11: our ids are no secret, so who knows one could else have a contact of another's marked."""
    _fail(client, "blip", a_message(store, "twilio"), 42)
    assert stored(store) == []


def _fail(client: FlaskClient, channel: str, message: str, code: int) -> None:
    if channel == "gupshup":
        failed = {"gsId": "px", "type": "failed", "destination": "15550100001", "payload": {"code": code}}
        answer = gupshup(client, "message-event", failed)
    elif channel == "twilio":
        told = {"MessageStatus": "undelivered", "ErrorCode": str(code), "To": "whatsapp:+15550100001"}
        answer = twilio(client, f"m={message}", MessageSid="px", **told)
    elif channel == "blip":
        told = {"id": message, "from": "x@wa.gw.msging.net", "event": "failed", "reason": {"code": code}}
        answer = client.post("/webhooks/acme/blip/s3cret", json=told)
    else:
        status = {"id": "px", "status": "failed", "timestamp": "1700000000", "errors": [{"code": code}]}
        body = envelope(to="1", statuses=[status])
        answer = client.post("/webhooks/acme/dialog360/s3cret", data=body)
    assert answer.status_code == 200


def test_a_status_of_gupshups_finds_its_message_by_its_own_id(client: FlaskClient, store: Store) -> None:
    message = a_message(store, "gupshup")
    store.run(receipts.point("acme/gupshup", "gs9", message))
    event = {"id": "wa9", "gsId": "gs9", "type": "read", "destination": "15550100001"}
    assert gupshup(client, "message-event", event).status_code == 200
    assert "read_at" in store.run(outbox.read(message))


def test_a_status_of_gupshups_that_nobody_knows_may_be_of_the_message_on_its_way(
    client: FlaskClient, store: Store
) -> None:
    sender = {"phone": "15550100001", "name": "Ana"}
    gupshup(client, "message", {"id": "wa1", "type": "text", "payload": {"text": "Hi"}, "sender": sender})
    message = a_message(store, "gupshup")
    event = {"id": "gs9", "type": "enqueued", "destination": "15550100001", "ts": int(time.time())}
    assert gupshup(client, "message-event", event).status_code == 200
    assert store.run(outbox.read(message))["maybe"] == "gs9"
    stranger = {**event, "id": "gs8", "destination": "15550100009"}
    assert gupshup(client, "message-event", stranger).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/s3cret", {}), ("", {"X-Flowbot-Secret": "s3cret"}), ("", {"Authorization": "Bearer s3cret"})],
)
def test_a_secret_in_the_path_or_in_a_header(
    client: FlaskClient, store: Store, path: str, headers: dict[str, str]
) -> None:
    answer = client.post("/webhooks/acme/dialog360" + path, data=envelope(text("Hi")), headers=headers)
    assert (answer.status_code, answer.data) == (200, b"")
    assert messages(store) == [("acme/dialog360", "Hi")]


@pytest.mark.parametrize(
    "path", ["dialog360", "dialog360/", "dialog360/other", "dialog360/s3cret/more", "bare", "bare/", "bare/s3cret"]
)
def test_without_it_nothing_is_believed(client: FlaskClient, store: Store, path: str) -> None:
    answer = client.post("/webhooks/acme/" + path, data=envelope(text("Hi")))
    assert answer.status_code in (403, 404)
    assert stored(store) == []


def test_an_address_list_looks_behind_our_own_proxy(client: FlaskClient, store: Store) -> None:
    def post(remote: str, forwarded: str = "") -> int:
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        place = {"REMOTE_ADDR": remote}
        url = "/webhooks/acme/listed/s3cret"
        return client.post(url, data=envelope(text("Hi")), headers=headers, environ_overrides=place).status_code

    assert post("203.0.113.9") == 200
    assert post("127.0.0.1", "198.51.100.7, 203.0.113.9") == 200
    assert post("127.0.0.1", "203.0.113.9, 198.51.100.7") == 403
    assert post("198.51.100.7", "203.0.113.9") == 403
    assert len(stored(store)) == 2


SENDER = {"phone": "15550100001", "name": "Ana"}
LIME = {"id": "w1", "from": "15550100001@wa.gw.msging.net", "type": "text/plain"}
DEFORMED = {  # a call of each provider that cannot be read, and the word for why
    "gupshup": (
        {"type": "message", "payload": {"id": "w1", "type": "text", "payload": None, "sender": SENDER}},
        "text",
    ),
    "blip": ({**LIME, "content": None}, "text"),
    "dialog360": ({"entry": [{"changes": [{"field": "messages", "value": {"messages": [{"id": 5}]}}]}]}, "sender"),
}


@pytest.mark.parametrize("gateway", [*DEFORMED, "twilio"])
def test_a_deformed_call_is_answered_200_and_kept_for_a_day(client: FlaskClient, store: Store, gateway: str) -> None:
    """By every gateway alike, with the raw body, as `flowbot show` prints it."""
    if gateway == "twilio":
        fields = {**INBOUND, "NumMedia": "1"}
        answer, raw, why = twilio(client, **fields), urlencode(fields).encode(), "media"
    else:
        body, why = DEFORMED[gateway]
        raw = orjson.dumps(body)
        answer = client.post(f"/webhooks/acme/{gateway}/s3cret", data=raw, content_type="application/json")
    assert answer.status_code == 200 and stored(store) == []
    (id,) = store.run(quarantine.latest(f"acme/{gateway}", 0))
    found = store.run(quarantine.find(id))
    assert found is not None and (found.body, found.why) == (raw, (f"malformed: {why}",))
