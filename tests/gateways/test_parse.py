"""What each gateway makes of its provider's calls: one small file a case, in <name>/cases/.

A case holds `body` (JSON), `form` (fields) or `raw` (text), perhaps `query`, `options` of the channel, and `expect`.
Meta's own dialect has more of them, in cloud_api/.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowbot.errors import ParseError
from flowbot.gateways import GATEWAYS
from flowbot.model.codec import encode
from flowbot.model.gateway import WebhookRequest
from flowbot.model.inbound import Inbound
from flowbot.model.project import Channel

from .damage import JSON, damaged, plain

HERE = Path(__file__).parent
NAMES = sorted(set(GATEWAYS) - {"cloud_api", "simulator"})
CASES = {name: sorted((HERE / name / "cases").glob("*.json")) for name in NAMES}

KINDS = ("text", "image", "video", "audio", "document", "sticker", "location", "contacts", "tap", "unsupported")
MORE = {
    "cloud_api": ("form", "reaction", "order", "system", "edit", "revoke", "group"),
    "blip": ("form", "reaction"),
    "gupshup": ("reaction",),
    "http": ("form",),
    "twilio": ("form", "reaction"),
}
ALL = [(name, path) for name in NAMES for path in CASES[name]]


def request_of(case: dict[str, Any]) -> WebhookRequest:
    query = case.get("query", {})
    if "form" in case:
        body = urlencode(case["form"], doseq=True).encode()
    else:
        body = case["raw"].encode() if "raw" in case else orjson.dumps(case["body"])
    return WebhookRequest(method="POST", path="/", query=query, query_string=urlencode(query), body=body)


def channel(name: str, case: dict[str, Any] | None = None) -> Channel:
    options = (case or {}).get("options", {})
    return Channel(account="acme", name="main", gateway=name, number="+15550199001", options=options)


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


@pytest.mark.parametrize(
    ("name", "path"),
    [(name, path) for name in NAMES for path in CASES[name]],
    ids=lambda one: getattr(one, "stem", one),
)
def test_a_case_becomes_what_it_says(name: str, path: Path) -> None:
    case = load(path)
    found = GATEWAYS[name].parse(request_of(case), channel(name, case))
    assert [plain(routed) for routed in found] == case["expect"]


@pytest.mark.parametrize("name", sorted({*NAMES, "cloud_api"} - {"dialog360"}))  # 360dialog's dialect is Meta's
def test_each_kind_has_a_case_here(name: str) -> None:
    """Whoever has no payloads of others at hand still sees each kind parsed."""
    cases = [load(path) for path in (HERE / name / "cases").glob("*.json")]
    items = [item for case in cases for item in case["expect"]]
    shown = {item["kind"] for item in items if item["is"] == "Inbound"}
    assert shown >= {*KINDS, *MORE.get(name, ())}
    assert {item["status"] for item in items if item["is"] == "Receipt"} >= {"sent", "delivered", "read", "failed"}
    assert "Unsupported" in {item["is"] for item in items}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_parts_never_raise_and_what_comes_out_can_be_stored(name: str, data: st.DataObject) -> None:
    known = [{key: case[key] for key in ("body", "form") if key in case} for case in map(load, CASES[name])]
    case = data.draw(damaged([one for one in known if one]))
    try:
        request = request_of(case)
    except TypeError:  # damage that no form can hold, a number in the place of the fields: nothing to parse
        assume(False)
    with suppress(ParseError):
        for routed in GATEWAYS[name].parse(request, channel(name)):
            encode(routed.item)
            assert not isinstance(routed.item, Inbound) or routed.item.sender.number or routed.item.sender.bsuid


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")))
def test_only_parse_error_leaves_the_parser(name: str, body: bytes) -> None:
    with suppress(ParseError):
        for routed in GATEWAYS[name].parse(WebhookRequest(method="POST", path="/", body=body), channel(name)):
            encode(routed.item)
