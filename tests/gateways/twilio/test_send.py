"""What leaves for Twilio, field for field, and how its answers are understood."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from flowbot.gateways import twilio
from flowbot.gateways.errors_twilio import ERRORS
from flowbot.gateways.fit import fit
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent
from flowbot.model.inbound import Media, Receipt
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, FilledButton, Parameter

OPTIONS = {"account_sid": "AC1", "auth_token": "T"}
CHANNEL = Channel(
    account="acme",
    name="main",
    gateway="twilio",
    number="+15550199001",
    base_url="http://stub.test/2010-04-01",
    options=OPTIONS,
    webhook="https://bot.test/webhooks/acme/main",
)
BASIC = "Basic " + base64.b64encode(b"AC1:T").decode()
YES = Choice(id="yes", title="Yes")
NO = Choice(id="no", title="No", description="Not now")


def ask(outbound: Outbound, to: str = "15550100001", channel: Channel = CHANNEL, **facts: str) -> HttpRequest | Need:
    return twilio.build_send(Sending(id="ms_3_x", to=to, outbound=outbound, facts=facts), channel)


def send(outbound: Outbound, to: str = "15550100001", channel: Channel = CHANNEL, **facts: str) -> dict[str, str]:
    request = ask(outbound, to, channel, **facts)
    assert isinstance(request, HttpRequest)
    assert (request.method, request.url) == ("POST", "http://stub.test/2010-04-01/Accounts/AC1/Messages.json")
    assert request.headers["authorization"] == BASIC
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    assert fields.pop("StatusCallback") == "https://bot.test/webhooks/acme/main?m=ms_3_x"
    assert fields.pop("To") == ("whatsapp:+15550100001" if to.isdigit() else f"whatsapp:{to}")
    assert fields.pop("From") == "whatsapp:+15550199001"
    return fields


PHOTO = Attachment(kind="image", url="https://files.test/a.jpg")
PLACE = {"latitude": 4.6, "longitude": -74.0, "name": "Office"}
FIELDS: dict[str, tuple[Outbound, dict[str, str]]] = {
    "text": (Outbound(text="¿Qué tal? & más"), {"Body": "¿Qué tal? & más"}),
    "image": (Outbound(kind="image", text="Look", attachment=PHOTO), {"Body": "Look", "MediaUrl": PHOTO.url}),
    "audio": (
        Outbound(kind="audio", attachment=Attachment(kind="audio", url="https://files.test/a.ogg")),
        {"MediaUrl": "https://files.test/a.ogg"},
    ),
    "location": (
        Outbound(kind="location", place=PLACE),
        {"Body": "Office", "PersistentAction": "geo:4.6,-74.0|Office"},
    ),
    "bare location": (
        Outbound(kind="location", place={"latitude": 1.5, "longitude": 2.0}),
        {"Body": "📍", "PersistentAction": "geo:1.5,2.0"},
    ),
}


@pytest.mark.parametrize(("outbound", "fields"), FIELDS.values(), ids=FIELDS)
def test_a_message_becomes_these_fields(outbound: Outbound, fields: dict[str, str]) -> None:
    assert send(outbound) == fields


def test_a_user_id_is_an_address_too() -> None:
    """R154"""
    assert send(Outbound(text="Hi"), to="US.Ana1") == {"Body": "Hi"}


def test_through_a_messaging_service_with_an_api_key() -> None:
    options = {**OPTIONS, "messaging_service_sid": "MG1", "api_key_sid": "SK1", "api_key_secret": "s"}
    channel = Channel(account="acme", name="main", gateway="twilio", options=options)
    request = ask(Outbound(text="Hi"), channel=channel)
    assert isinstance(request, HttpRequest)
    assert request.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"SK1:s").decode()
    fields = dict(parse_qsl(request.body.decode()))
    assert fields == {"To": "whatsapp:+15550100001", "MessagingServiceSid": "MG1", "Body": "Hi"}


def test_buttons_need_a_content_of_their_shape_once() -> None:
    outbound = Outbound(kind="buttons", text="Go?", choices=(YES, NO), visit=7)
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "content:quick-reply.2" and need.request is not None
    assert (need.request.method, need.request.url) == ("POST", "http://stub.test/v1/Content")
    assert need.request.headers["authorization"] == BASIC
    made: dict[str, Any] = orjson.loads(need.request.body)
    assert made["types"] == {
        "twilio/quick-reply": {
            "body": "{{1}}",
            "actions": [{"title": "{{2}}", "id": "{{3}}"}, {"title": "{{4}}", "id": "{{5}}"}],
        }
    }
    assert made["language"] == "en" and set(made["variables"]) == {"1", "2", "3", "4", "5"}
    assert twilio.read_need(need, HttpResponse(status=201, body=b'{"sid": "HX1"}')) == "HX1"
    fields = send(outbound, **{need.fact: "HX1"})
    assert fields.pop("ContentSid") == "HX1" and list(fields) == ["ContentVariables"]
    filled = {"1": "Go?", "2": "Yes", "3": "v7.yes", "4": "No", "5": "v7.no"}
    assert orjson.loads(fields["ContentVariables"]) == filled
    other = ask(Outbound(kind="buttons", text="Sure?", choices=(Choice(id="a", title="A"), Choice(id="b", title="B"))))
    assert isinstance(other, Need) and other.fact == need.fact


def test_a_list_is_a_content_too() -> None:
    outbound = Outbound(kind="list", text="Go?", button="Open", choices=(YES, NO), visit=7)
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "content:list-picker.01" and need.request is not None
    assert orjson.loads(need.request.body)["types"]["twilio/list-picker"] == {
        "body": "{{1}}",
        "button": "{{2}}",
        "items": [{"item": "{{3}}", "id": "{{4}}"}, {"item": "{{5}}", "id": "{{6}}", "description": "{{7}}"}],
    }
    filled = orjson.loads(send(outbound, **{need.fact: "HX1"})["ContentVariables"])
    assert list(filled.values()) == ["Go?", "Open", "Yes", "v7.yes", "No", "v7.no", "Not now"]


def test_a_real_twilio_is_asked_at_its_own_hosts() -> None:
    channel = Channel(account="acme", name="main", gateway="twilio", number="+1555", options=OPTIONS)
    need = ask(Outbound(kind="buttons", text="Go?", choices=(YES,)), channel=channel)
    assert isinstance(need, Need) and need.request is not None
    assert need.request.url == "https://content.twilio.com/v1/Content"
    typing = twilio.build_mark_read("SM1", channel, typing=True)
    assert typing is not None and typing.url == "https://messaging.twilio.com/v3/Indicators/Typing.json"
    assert orjson.loads(typing.body) == {"channel": "WHATSAPP", "messageId": "SM1"}
    assert twilio.build_mark_read("SM1", channel) is None


def test_more_than_buttons_take_is_a_list_then_numbers() -> None:
    def kinds(count: int) -> list[str]:
        choices = tuple(Choice(id=f"c{n}", title=f"Choice {n}") for n in range(count))
        return [one.kind for one in fit(Outbound(text="Q", footer="F", choices=choices), twilio.LIMITS)]

    assert [kinds(3), kinds(4), kinds(10), kinds(11)] == [["buttons"], ["list"], ["list"], ["text"]]
    (fitted,) = fit(Outbound(text="Q", footer="F", choices=(YES,)), twilio.LIMITS)
    assert (fitted.text, fitted.footer) == ("Q\n\nF", "")
    assert [one.kind for one in fit(Outbound(kind="location_request", text="Where?"), twilio.LIMITS)] == ["text"]


def test_a_file_of_ours_is_fetched_by_its_link() -> None:
    outbound = Outbound(kind="document", attachment=Attachment(kind="document", path="a.pdf"))
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "link:a.pdf" and need.request is None
    assert send(outbound, **{"link:a.pdf": "https://bot.test/media/x/a.pdf"}) == {
        "MediaUrl": "https://bot.test/media/x/a.pdf"
    }


def test_credentials_go_to_twilio_only() -> None:
    for url, trusted in (
        ("https://api.twilio.com/m/1", True),
        ("https://mcs.us1.twilio.com/m/1", True),
        ("http://api.twilio.com/m/1", False),
        ("https://twilio.com.evil.test/m", False),
        ("https://eviltwilio.com/m", False),
        ("cat.jpg", False),
    ):
        channel = Channel(account="acme", name="main", gateway="twilio", options=OPTIONS)
        request = twilio.build_media_fetch(Media(kind="image", url=url), channel)
        assert request.url == url and ("authorization" in request.headers) is trusted, url
    assert twilio.build_media_fetch(Media(kind="image", url="http://stub.test/m"), CHANNEL).headers


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


def test_a_template_goes_by_its_sid_with_its_values_by_place() -> None:
    outbound = Outbound(kind="template", template=INVITE, visit=3)
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "template:invite.es" and need.request is not None
    assert need.request.url == "http://stub.test/v1/ContentAndApprovals?PageSize=500"
    others = [
        {"sid": "HX0", "friendly_name": "invite", "language": "en"},
        {"sid": "HX1", "friendly_name": "x", "language": "es", "approval_requests": {"name": "invite"}},
        "junk",
    ]
    answer = HttpResponse(status=200, body=orjson.dumps({"contents": others}))
    assert twilio.read_need(need, answer) == "HX1"
    fields = send(outbound, **{need.fact: "HX1"})
    assert list(fields) == ["ContentSid", "ContentVariables"] and fields["ContentSid"] == "HX1"
    filled = {"1": "Ana", "2": "lunes", "3": "a-1", "4": "v3.continue", "5": "v3.cancel"}
    assert orjson.loads(fields["ContentVariables"]) == filled
    none = twilio.read_need(need, HttpResponse(status=200, body=b"{}"))
    assert isinstance(none, Refused) and none.kind == "perm-tmpl"


def test_a_template_whose_sid_is_known_needs_no_look() -> None:
    template = Filled(name="promo", language="es", provider_id="HX9")
    assert send(Outbound(kind="template", template=template)) == {"ContentSid": "HX9"}
    picture = Attachment(kind="image", path="a.jpg")
    need = ask(Outbound(kind="template", template=template, attachment=picture))
    assert isinstance(need, Need) and need.fact == "link:a.jpg"
    fields = send(
        Outbound(kind="template", template=template, attachment=picture), **{"link:a.jpg": "https://b.test/a"}
    )
    assert orjson.loads(fields["ContentVariables"]) == {"1": "https://b.test/a"}


def error(code: int) -> bytes:
    return orjson.dumps({"code": code, "message": "no", "status": 400, "more_info": "…"})


def test_taken() -> None:
    body = b'{"sid": "SM1", "status": "queued", "error_code": null}'
    assert twilio.read_send(HttpResponse(status=201, body=body)) == Sent(provider_id="SM1")


def test_a_content_that_is_gone_is_made_again() -> None:
    found = twilio.read_send(HttpResponse(status=400, body=error(21655)))
    assert isinstance(found, Refused) and found.kind == "retry" and found.stale


def test_a_content_that_is_refused() -> None:
    need = Need(fact="content:quick-reply.1")
    for status, body, kind in ((401, error(20003), "hold"), (500, b"", "unclear"), (400, b"{}", "perm")):
        found = twilio.read_need(need, HttpResponse(status=status, body=body))
        assert isinstance(found, Refused) and found.kind == kind


def test_a_failed_status() -> None:
    def failed(*errors: dict[str, Any]) -> str:
        return twilio.read_failure(Receipt(provider_id="SM1", status="failed", errors=errors)).kind

    assert [failed({"code": 63018}), failed({"code": 63016}), failed({"code": "E-1"}), failed()] == [
        "slow",
        "perm",
        "perm",
        "perm",
    ]
    kinds = {"retry", "slow", "hold", "perm", "perm-user", "perm-tmpl", "hold-tmpl"}
    assert {known.kind for known in ERRORS.values()} == kinds
