"""What leaves for Gupshup, field for field, and how its answers are understood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from flowbot.gateways import gupshup
from flowbot.gateways.errors_gupshup import ERRORS
from flowbot.gateways.fit import fit
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent
from flowbot.model.inbound import Media, Receipt
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, FilledButton, Parameter

CHANNEL = Channel(
    account="acme",
    name="main",
    gateway="gupshup",
    number="+15550199001",
    base_url="http://stub.test",
    options={"app_name": "Shop", "api_key": "K", "secret": "S"},
)
YES = Choice(id="yes", title="Yes")
NO = Choice(id="no", title="No", description="Not now")


def ask(outbound: Outbound, to: str = "15550100001", channel: Channel = CHANNEL, **more: Any) -> HttpRequest | Need:
    return gupshup.build_send(Sending(id="ms_3_x", to=to, outbound=outbound, **more), channel)


def send(outbound: Outbound, to: str = "15550100001", **facts: str) -> dict[str, Any]:
    request = ask(outbound, to, facts=facts)
    assert isinstance(request, HttpRequest)
    assert (request.method, request.url) == ("POST", "http://stub.test/wa/api/v1/msg")
    assert request.headers == {"apikey": "K", "content-type": "application/x-www-form-urlencoded"}
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    message: dict[str, Any] = orjson.loads(fields.pop("message"))
    assert fields == {"channel": "whatsapp", "source": "15550199001", "src.name": "Shop", "destination": to}
    return message


URL = "https://files.test/a"
MESSAGES: dict[str, tuple[Outbound, dict[str, Any]]] = {
    "text": (Outbound(text="¿Qué tal?"), {"type": "text", "text": "¿Qué tal?"}),
    "image": (
        Outbound(kind="image", text="Look", attachment=Attachment(kind="image", url=URL)),
        {"type": "image", "originalUrl": URL, "previewUrl": URL, "caption": "Look"},
    ),
    "video": (
        Outbound(kind="video", attachment=Attachment(kind="video", url=URL)),
        {"type": "video", "url": URL, "caption": ""},
    ),
    "audio": (Outbound(kind="audio", attachment=Attachment(kind="audio", url=URL)), {"type": "audio", "url": URL}),
    "document": (
        Outbound(kind="document", attachment=Attachment(kind="document", url=URL + ".pdf?x=1")),
        {"type": "file", "url": URL + ".pdf?x=1", "filename": "a.pdf", "caption": ""},
    ),
    "sticker": (
        Outbound(kind="sticker", attachment=Attachment(kind="sticker", url=URL)),
        {"type": "sticker", "url": URL},
    ),
    "location": (
        Outbound(kind="location", place={"latitude": 4.6, "longitude": -74.0, "name": "Office"}),
        {"type": "location", "longitude": -74.0, "latitude": 4.6, "name": "Office"},
    ),
    "buttons": (
        Outbound(kind="buttons", text="Go?", footer="Any time", choices=(YES, NO), visit=7),
        {
            "type": "quick_reply",
            "msgid": "ms_3_x",
            "content": {"type": "text", "text": "Go?", "caption": "Any time"},
            "options": [
                {"type": "text", "title": "Yes", "postbackText": "v7.yes"},
                {"type": "text", "title": "No", "postbackText": "v7.no"},
            ],
        },
    ),
    "list": (
        Outbound(kind="list", text="Go?", button="Open", choices=(YES, NO), visit=7),
        {
            "type": "list",
            "title": "Open",
            "body": "Go?",
            "msgid": "ms_3_x",
            "globalButtons": [{"type": "text", "title": "Open"}],
            "items": [
                {
                    "title": "Open",
                    "options": [
                        {"type": "text", "title": "Yes", "postbackText": "v7.yes"},
                        {"type": "text", "title": "No", "postbackText": "v7.no", "description": "Not now"},
                    ],
                }
            ],
        },
    ),
}


@pytest.mark.parametrize(("outbound", "message"), MESSAGES.values(), ids=MESSAGES)
def test_a_message_becomes_this(outbound: Outbound, message: dict[str, Any]) -> None:
    assert send(outbound) == message


def test_a_user_id_is_a_destination_too() -> None:
    """R154"""
    assert send(Outbound(text="Hi"), to="US.Ana1")["text"] == "Hi"


def test_a_file_of_ours_is_fetched_by_its_link() -> None:
    outbound = Outbound(kind="image", attachment=Attachment(kind="image", path="a.jpg"))
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "link:a.jpg"
    assert send(outbound, **{"link:a.jpg": "https://bot.test/m"})["originalUrl"] == "https://bot.test/m"


INVITE = Filled(
    name="invite",
    language="es",
    body=(Parameter(name="name", value="Ana"), Parameter(name="day", value="lunes")),
    buttons=(
        FilledButton(kind="quick_reply", text="Continuar", id="continue"),
        FilledButton(kind="url", text="Ver", value="a-1"),
        FilledButton(kind="quick_reply", text="Cancelar", id="cancel"),
    ),
)


def template_fields(outbound: Outbound, **more: Any) -> dict[str, Any]:
    request = ask(outbound, **more)
    assert isinstance(request, HttpRequest) and request.url == "http://stub.test/wa/api/v1/template/msg"
    fields = dict(parse_qsl(request.body.decode()))
    return {name: orjson.loads(value) for name, value in fields.items() if value[0] in "{["}


def test_a_template_goes_by_its_uuid() -> None:
    outbound = Outbound(kind="template", template=INVITE, visit=3)
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "template:invite.es" and need.request is not None
    assert (need.request.method, need.request.url) == ("GET", "http://stub.test/sm/api/v1/template/list/Shop")
    known = [
        {"id": "u0", "elementName": "invite", "languageCode": "en"},
        None,
        {"id": "u1", "elementName": "invite", "languageCode": "es"},
    ]
    answer = HttpResponse(status=200, body=orjson.dumps({"status": "success", "templates": known}))
    assert gupshup.read_need(need, answer) == "u1"
    assert template_fields(outbound, facts={need.fact: "u1"}) == {
        "template": {"id": "u1", "params": ["Ana", "lunes", "a-1"]},
        "postbackTexts": [{"index": 0, "text": "v3.continue"}, {"index": 2, "text": "v3.cancel"}],
    }
    none = gupshup.read_need(need, HttpResponse(status=200, body=b'{"templates": []}'))
    assert isinstance(none, Refused) and none.kind == "perm-tmpl"
    refused = gupshup.read_need(need, HttpResponse(status=401, body=b""))
    assert isinstance(refused, Refused) and refused.kind == "hold"


def test_the_file_of_a_templates_header_is_its_message() -> None:
    template = Filled(name="promo", language="es", provider_id="u9")
    outbound = Outbound(kind="template", template=template, attachment=Attachment(kind="image", url=URL))
    assert template_fields(outbound) == {
        "template": {"id": "u9", "params": []},
        "message": {"type": "image", "image": {"link": URL}},
    }


def test_who_is_written_to_first_is_opted_in_first() -> None:
    options = {**CHANNEL.options, "app_id": "app1", "app_token": "P"}
    channel = replace(CHANNEL, options=options)
    outbound = Outbound(kind="template", template=Filled(name="promo", language="es", provider_id="u9"))
    need = ask(outbound, channel=channel, purpose="business")
    assert isinstance(need, Need) and need.personal and need.fact == "optin:15550100001" and need.request is not None
    assert (need.request.method, need.request.url) == ("PUT", "http://stub.test/partner/app/app1/optin")
    assert need.request.headers["authorization"] == "P" and need.request.body == b"phone=15550100001"
    assert gupshup.read_need(need, HttpResponse(status=202, body=b"")) == "1"
    for known in (
        ask(outbound, channel=channel, purpose="business", facts={need.fact: "1"}),
        ask(outbound, channel=channel, purpose="reply"),
        ask(outbound, "US.Ana1", channel=channel, purpose="business"),
        ask(outbound, purpose="business"),
    ):
        assert isinstance(known, HttpRequest)


def test_without_location_requests_it_is_asked_in_words() -> None:
    assert [one.kind for one in fit(Outbound(kind="location_request", text="Where?"), gupshup.LIMITS)] == ["text"]


def test_a_received_file_lies_open() -> None:
    request = gupshup.build_media_fetch(Media(kind="image", url="https://filemanager.test/1"), CHANNEL)
    assert (request.url, request.headers) == ("https://filemanager.test/1", {})
    assert gupshup.build_mark_read("wa1", CHANNEL) is None


def test_taken() -> None:
    body = b'{"status": "submitted", "messageId": "gs1"}'
    assert gupshup.read_send(HttpResponse(status=202, body=body)) == Sent(provider_id="gs1")


def test_a_failed_status() -> None:
    def failed(*errors: dict[str, Any]) -> tuple[str, str]:
        found = gupshup.read_failure(Receipt(provider_id="gs1", status="failed", errors=errors))
        return found.kind, found.scope

    assert failed({"code": 1002}) == ("perm-user", "channel")
    assert failed({"code": 131056}) == ("slow", "recipient")
    assert failed({"code": "x"}) == failed() == ("perm", "channel")
    assert {known.kind for known in ERRORS.values()} == {"retry", "slow", "hold", "perm", "perm-user", "perm-tmpl"}
