"""Each sample of each gateway with each part missing, or replaced by what does not belong there: all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from flowbot.errors import ParseError
from flowbot.gateways import GATEWAYS
from flowbot.model.gateway import WebhookRequest
from flowbot.model.inbound import Inbound, Routed
from flowbot.model.project import Channel

from .corpus import ABSENT, ROOT
from .corpus import HERE as CORPUS
from .damage import WORSE, deformed, sound

HERE = Path(__file__).parent
NAMES = ("blip", "cloud_api", "dialog360", "gupshup", "http")
META = ("cloud_api", "dialog360")


def parse(name: str, body: bytes) -> list[Routed]:
    """What comes out; [] for a ParseError. Anything else that is raised is what the tests here look for."""
    channel = Channel(account="acme", name="main", gateway=name, number="+15550199001")
    with suppress(ParseError):
        found = GATEWAYS[name].parse(WebhookRequest(method="POST", path="/", body=body), channel)
        for routed in found:
            sound(routed.item)
            if isinstance(routed.item, Inbound):
                assert routed.item.sender.number or routed.item.sender.bsuid
        return found
    return []


def bodies(name: str) -> Iterator[Any]:
    for path in sorted((HERE / name / "cases").glob("*.json")):
        case = json.loads(path.read_bytes())
        if "change" in case:
            yield {"entry": [{"id": "8001", "changes": [case["change"]]}]}
        elif "body" in case:
            yield case["body"]


@pytest.mark.parametrize("name", NAMES)
def test_every_deformed_sample(name: str) -> None:
    tried = 0
    for body in bodies(name):
        for what, worse in deformed(body):
            try:
                parse(name, json.dumps(worse).encode())
            except Exception as error:
                raise AssertionError(f"{what} of {json.dumps(body)[:300]}") from error
            tried += 1
    assert tried > 500


def message(number: int) -> dict[str, Any]:
    return {
        "from": f"1555010000{number}",
        "id": f"w{number}",
        "timestamp": "1700000000",
        "type": "text",
        "text": {"body": "Hi"},
    }


@pytest.mark.parametrize("name", META)
def test_what_lies_beside_a_deformed_message_goes_through(name: str) -> None:
    """A bad item never takes its batch down: neither its neighbours, nor the statuses, nor the next change."""
    status = {"id": "w9", "status": "read", "timestamp": "1700000000", "recipient_id": "15550100001"}
    for body in bodies("cloud_api"):
        value = body["entry"][0]["changes"][0].get("value")
        for middle in value.get("messages") or () if isinstance(value, dict) else ():
            if not isinstance(middle, dict):
                continue
            for what, worse in deformed(middle):
                found = {"metadata": {"phone_number_id": "7001"}, "messages": [message(1), worse, message(2)]}
                changes = [{"field": "messages", "value": {**found, "statuses": [status]}}]
                items = [each.item for each in parse(name, json.dumps({"entry": [{"changes": changes}]}).encode())]
                assert len(items) == 4, what
                assert [getattr(one, "id", "") for one in (items[0], items[2])] == ["w1", "w2"], what
                assert items[3].status == "read", what


def test_every_deformed_form_of_twilios() -> None:
    for path in sorted((HERE / "twilio" / "cases").glob("*.json")):
        form = json.loads(path.read_bytes()).get("form", {})
        for name in form:
            without = {key: value for key, value in form.items() if key != name}
            parse("twilio", urlencode(without).encode())
            for worse in (
                "",
                "\x00",
                "{",
                "[" * 5000,
                "9" * 5000,
                "whatsapp:",
                "whatsapp:+",
                "NaN",
                "-1",
                "1e999",
                "\u2028",
            ):
                parse("twilio", urlencode({**form, name: worse}).encode())
            for raw in (b"%ff%fe", b"%ed%a0%80", b"%", b"%zz", b"a=b=c", b"a&&"):
                parse("twilio", urlencode(without).encode() + b"&" + name.encode() + b"=" + raw)
            twice = [*form.items(), (name, "other")]
            parse("twilio", urlencode(twice).encode())


@pytest.mark.parametrize("name", [*NAMES, "twilio"])
def test_bodies_that_are_nothing(name: str) -> None:
    for body in (
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00" * 100,
        b'"\\ud800"',
    ):
        parse(name, body)
    for worse in WORSE:
        parse(name, json.dumps(worse).encode())


@pytest.mark.long
@pytest.mark.skipif(not CORPUS, reason=ABSENT + "deformed payloads of others")
@pytest.mark.parametrize(
    ("name", "folder"),
    [("cloud_api", "cloud-api"), ("dialog360", "360dialog"), ("gupshup", "gupshup"), ("blip", "blip")],
)
def test_every_deformed_payload_of_others(name: str, folder: str) -> None:
    for path in sorted((ROOT / folder).rglob("*.json")):
        body = json.loads(path.read_bytes())
        if isinstance(body, dict):
            for _, worse in deformed(body):
                parse(name, json.dumps(worse).encode())
