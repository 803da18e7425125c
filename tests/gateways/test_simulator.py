"""The browser simulator's own dialect."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.errors import ParseError, SignatureError
from flowbot.gateways import GATEWAYS, simulator
from flowbot.model.contact import Identity
from flowbot.model.gateway import HttpRequest, HttpResponse, Refused, Sending, Sent, WebhookRequest
from flowbot.model.inbound import Inbound, Item, Media, Place, Receipt, Tap, Unsupported
from flowbot.model.outbound import Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, FilledButton

CHANNEL = Channel(account="demo", name="try", gateway="simulator", base_url="http://127.0.0.1:1/sim")
WHO = {"id": "1", "from": "15550001", "name": "Ana", "at": 1_700_000_000_000}
ANA: dict[str, Any] = {"id": "1", "sender": Identity(number="15550001", name="Ana"), "at": 1_700_000_000_000}


def parse(body: Any) -> list[Item]:
    request = WebhookRequest(method="POST", path="/", body=body if isinstance(body, bytes) else orjson.dumps(body))
    return [routed.item for routed in simulator.parse(request, CHANNEL)]


ITEMS: list[tuple[dict[str, Any], Item]] = [
    ({**WHO, "text": "hi"}, Inbound(**ANA, kind="text", text="hi")),
    (
        {**WHO, "kind": "tap", "tap": {"id": "v3.accept", "title": "I agree"}},
        Inbound(**ANA, kind="tap", tap=Tap(choice="accept", visit=3, title="I agree", raw="v3.accept")),
    ),
    (
        {**WHO, "kind": "image", "media": {"id": "m1", "mime": "image/jpeg", "width": 800, "size": -1}},
        Inbound(**ANA, kind="image", media=Media(kind="image", id="m1", mime="image/jpeg", width=800)),
    ),
    (
        {**WHO, "kind": "location", "place": {"latitude": 4.6, "longitude": -74.1}},
        Inbound(**ANA, kind="location", place=Place(latitude=4.6, longitude=-74.1)),
    ),
    (
        {"status": "read", "id": "s1", "our_id": "ms_3_x", "at": 1_700_000_000_000},
        Receipt(provider_id="s1", status="read", our_id="ms_3_x", at=1_700_000_000_000),
    ),
    ({"id": "1"}, Unsupported(what="malformed", why="id")),
    ({**WHO, "kind": "tap"}, Unsupported(what="malformed", why="id")),
]


@pytest.mark.parametrize(("body", "item"), ITEMS)
def test_an_item(body: dict[str, Any], item: Item) -> None:
    assert parse(body) == [item]


def test_many_items_and_bad_bodies() -> None:
    assert len(parse({"items": [WHO, 3, {**WHO, "id": "2"}]})) == 3
    for body in (b"", b"[1]", b"[" * 9000):
        with pytest.raises(ParseError):
            parse(body)


def test_only_who_knows_the_secret_is_believed() -> None:
    locked = Channel(account="demo", name="try", gateway="simulator", options={"secret": "s"})
    simulator.verify(WebhookRequest(method="POST", path="/", headers={"x-simulator-secret": "s"}), locked)
    for headers, channel in (
        ({}, locked),
        ({"x-simulator-secret": "t"}, locked),
        ({"x-simulator-secret": ""}, CHANNEL),
    ):
        with pytest.raises(SignatureError):
            simulator.verify(WebhookRequest(method="POST", path="/", headers=headers), channel)


def test_a_message_is_posted_to_the_page_server() -> None:
    outbound = Outbound(kind="buttons", text="Go?", choices=(Choice(id="yes", title="Yes"),), visit=2)
    request = simulator.build_send(Sending(id="ms_3_x", to="15550001", outbound=outbound), CHANNEL)
    assert isinstance(request, HttpRequest) and request.url == CHANNEL.base_url
    body = orjson.loads(request.body)
    assert (body["id"], body["to"], body["kind"]) == ("ms_3_x", "15550001", "buttons")
    assert body["choices"] == [{"id": "v2.yes", "title": "Yes", "description": ""}]


@pytest.mark.parametrize(
    ("status", "body", "kind"), [(500, b"", "unclear"), (200, b"", "unclear"), (404, b"{}", "perm"), (429, b"", "slow")]
)
def test_an_answer_that_is_no_id(status: int, body: bytes, kind: str) -> None:
    found = simulator.read_send(HttpResponse(status=status, body=body))
    assert isinstance(found, Refused) and found.kind == kind


def test_an_answer() -> None:
    assert simulator.read_send(HttpResponse(status=200, body=b'{"id": "s1"}')) == Sent(provider_id="s1")


def test_every_gateway_offers_the_whole_contract() -> None:
    names = [
        "verify",
        "challenge",
        "parse",
        "build_send",
        "read_send",
        "build_mark_read",
        "build_media_fetch",
        "LIMITS",
    ]
    assert all(hasattr(gateway, name) for gateway in GATEWAYS.values() for name in names)


def test_a_template_is_a_bubble_with_its_buttons() -> None:
    filled = Filled(
        name="invite",
        language="es",
        heading="Your order",
        buttons=(
            FilledButton(kind="quick_reply", id="yes", text="Yes"),
            FilledButton(kind="url", text="Open", value="7", target="https://a.example/7"),
        ),
    )
    outbound = Outbound(
        kind="template", text="Go?", footer="f", choices=(Choice(id="yes", title="Yes"),), visit=2, template=filled
    )
    request = simulator.build_send(Sending(id="ms_3_x", to="15550001", outbound=outbound), CHANNEL)
    assert isinstance(request, HttpRequest)
    body = orjson.loads(request.body)
    assert (body["text"], body["heading"], body["template"]["name"]) == ("Go?", "Your order", "invite")
    assert body["choices"][0]["id"] == "v2.yes"
    assert body["links"] == [{"text": "Open", "target": "https://a.example/7"}]
