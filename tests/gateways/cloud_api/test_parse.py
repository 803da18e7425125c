"""Every kind of message, status and notice that Meta sends: one small file each, with what it becomes."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbot.errors import ParseError
from flowbot.gateways import cloud_api
from flowbot.gateways.meta import parse_envelope
from flowbot.model.codec import encode
from flowbot.model.gateway import WebhookRequest
from flowbot.model.inbound import Inbound, Unsupported
from flowbot.model.project import Channel

from ..damage import JSON, damaged, plain

CASES = sorted(Path(__file__).with_name("cases").glob("*.json"))
CHANNEL = Channel(account="acme", name="main", gateway="cloud_api")


def envelope(*changes: Any) -> bytes:
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "8001", "changes": list(changes)}]})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_becomes_what_it_says(path: Path) -> None:
    case = json.loads(path.read_bytes())
    body = case["raw"].encode() if "raw" in case else envelope(case["change"])
    assert [plain(routed) for routed in parse_envelope(body)] == case["expect"]


def test_every_kind_of_inbound_has_a_case() -> None:
    seen = {item.get("kind") for path in CASES for item in json.loads(path.read_bytes())["expect"]}
    wanted = """text image video audio document sticker location contacts tap form reaction order system edit revoke
        group unsupported"""
    assert seen >= set(wanted.split())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        b'{"entry": NaN}',
        b"[" * 100_000,
        b'{"entry":' * 50_000,
        b'{"a":' + b"9" * 100_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_no_json_object_is_a_parse_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        cloud_api.parse(WebhookRequest(method="POST", path="/", body=body), CHANNEL)


@pytest.mark.parametrize("body", [b"{}", b'{"entry": {}}', b'{"entry": [1, {"changes": 3}, {"changes": ["x"]}]}'])
def test_a_strange_envelope_is_noted_and_no_error(body: bytes) -> None:
    found = parse_envelope(body)
    assert found and all(routed.item.what == "malformed" for routed in found if isinstance(routed.item, Unsupported))


def test_a_thousand_updates_of_several_accounts_come_in_order() -> None:
    def change(number: int) -> dict[str, Any]:
        message = {"from": f"1555{number:07}", "id": f"w{number}", "type": "text", "text": {"body": str(number)}}
        return {"field": "messages", "value": {"metadata": {"phone_number_id": number % 3}, "messages": [message]}}

    entries = [{"id": account, "changes": [change(account * 250 + n) for n in range(250)]} for account in range(4)]
    found = parse_envelope(orjson.dumps({"entry": entries}))
    assert [routed.item.id for routed in found if isinstance(routed.item, Inbound)] == [f"w{n}" for n in range(1000)]
    assert [routed.address for routed in found] == [str(n % 3) for n in range(1000)]


KNOWN = [json.loads(path.read_bytes()) for path in CASES]
CHANGES = [case["change"] for case in KNOWN if "change" in case]


@settings(max_examples=300, deadline=None)
@given(damaged(CHANGES))
def test_damaged_parts_never_raise_and_what_comes_out_can_be_stored(change: Any) -> None:
    for routed in parse_envelope(orjson.dumps({"entry": [{"changes": [change]}]})):
        encode(routed.item)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")))
def test_only_parse_error_leaves_the_parser(body: bytes) -> None:
    with suppress(ParseError):
        parse_envelope(body)
