"""What leaves for Meta, byte for byte, and how its answers are understood."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson
import pytest

from flowbot.errors import SignatureError
from flowbot.gateways import cloud_api
from flowbot.gateways.errors_meta import ERRORS
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent, WebhookRequest
from flowbot.model.inbound import Media
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, FilledButton, Parameter

CHANNEL = Channel(
    account="acme",
    name="main",
    gateway="cloud_api",
    base_url="http://stub.test/v23.0",
    options={"phone_number_id": "7001", "access_token": "T", "app_secret": "S", "verify_token": "V"},
)
YES = Choice(id="yes", title="Yes")
NO = Choice(id="no", title="No", description="Not now")


def send(outbound: Outbound, to: str = "15550100001", **facts: str) -> dict[str, Any]:
    request = cloud_api.build_send(Sending(id="ms_3_x", to=to, outbound=outbound, facts=facts), CHANNEL)
    assert isinstance(request, HttpRequest)
    assert (request.method, request.url) == ("POST", "http://stub.test/v23.0/7001/messages")
    assert request.headers == {"authorization": "Bearer T", "content-type": "application/json"}
    body: dict[str, Any] = orjson.loads(request.body)
    assert body.pop("messaging_product") == "whatsapp"
    assert body.pop("recipient_type") == "individual"
    assert body.pop("biz_opaque_callback_data") == "ms_3_x"
    return body


PHOTO = Attachment(kind="image", url="https://files.test/a.jpg")
BUTTONS = [
    {"type": "reply", "reply": {"id": "v7.yes", "title": "Yes"}},
    {"type": "reply", "reply": {"id": "v7.no", "title": "No"}},
]
ROWS = [{"id": "v7.yes", "title": "Yes"}, {"id": "v7.no", "title": "No", "description": "Not now"}]
ANA = Parameter(name="name", value="Ana")


def button(kind: str, index: int, **parameter: str) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}


BODIES = {
    "a form": (
        Outbound(kind="form", text="Book", footer="f", button="Open", visit=7, form={"id": "4711", "screen": "A"}),
        {
            "type": "interactive",
            "interactive": {
                "type": "flow",
                "body": {"text": "Book"},
                "footer": {"text": "f"},
                "action": {
                    "name": "flow",
                    "parameters": {
                        "flow_message_version": "3",
                        "flow_id": "4711",
                        "flow_cta": "Open",
                        "flow_token": "v7.form",
                        "flow_action": "navigate",
                        "flow_action_payload": {"screen": "A"},
                    },
                },
            },
        },
    ),
    "a form by its name": (
        Outbound(kind="form", text="Book", button="Open", visit=7, form={"id": "book_visit"}),
        {
            "type": "interactive",
            "interactive": {
                "type": "flow",
                "body": {"text": "Book"},
                "action": {
                    "name": "flow",
                    "parameters": {
                        "flow_message_version": "3",
                        "flow_name": "book_visit",
                        "flow_cta": "Open",
                        "flow_token": "v7.form",
                    },
                },
            },
        },
    ),
    "text": (Outbound(text="Hi"), {"type": "text", "text": {"body": "Hi", "preview_url": False}}),
    "link": (
        Outbound(text="See https://a.test"),
        {"type": "text", "text": {"body": "See https://a.test", "preview_url": True}},
    ),
    "reply": (
        Outbound(text="Hi", reply_to="wamid.0"),
        {"type": "text", "text": {"body": "Hi", "preview_url": False}, "context": {"message_id": "wamid.0"}},
    ),
    "image": (
        Outbound(kind="image", text="Look", attachment=PHOTO),
        {"type": "image", "image": {"link": "https://files.test/a.jpg", "caption": "Look"}},
    ),
    "audio": (
        Outbound(kind="audio", attachment=Attachment(kind="audio", url="https://files.test/a.ogg")),
        {"type": "audio", "audio": {"link": "https://files.test/a.ogg"}},
    ),
    "document": (
        Outbound(
            kind="document", attachment=Attachment(kind="document", url="https://files.test/a.pdf", filename="a.pdf")
        ),
        {"type": "document", "document": {"link": "https://files.test/a.pdf", "filename": "a.pdf"}},
    ),
    "sticker": (
        Outbound(kind="sticker", attachment=Attachment(kind="sticker", url="https://files.test/a.webp")),
        {"type": "sticker", "sticker": {"link": "https://files.test/a.webp"}},
    ),
    "buttons": (
        Outbound(kind="buttons", text="Go?", footer="Any time", choices=(YES, NO), visit=7),
        {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "body": {"text": "Go?"},
                "footer": {"text": "Any time"},
                "action": {"buttons": BUTTONS},
            },
        },
    ),
    "list": (
        Outbound(kind="list", text="Go?", button="Open", choices=(YES, NO), visit=7),
        {
            "type": "interactive",
            "interactive": {
                "type": "list",
                "body": {"text": "Go?"},
                "action": {"button": "Open", "sections": [{"title": "Open", "rows": ROWS}]},
            },
        },
    ),
    "location": (
        Outbound(kind="location", place={"latitude": 4.6, "longitude": -74.0, "name": "Office"}),
        {"type": "location", "location": {"latitude": 4.6, "longitude": -74.0, "name": "Office"}},
    ),
    "location_request": (
        Outbound(kind="location_request", text="Where are you?"),
        {
            "type": "interactive",
            "interactive": {
                "type": "location_request_message",
                "body": {"text": "Where are you?"},
                "action": {"name": "send_location"},
            },
        },
    ),
    "a template of words alone": (
        Outbound(kind="template", template=Filled(name="closed", language="pt_BR")),
        {"type": "template", "template": {"name": "closed", "language": {"code": "pt_BR"}}},
    ),
    "a template": (
        Outbound(
            kind="template",
            text="Hi Ana, 7 for Ana.",
            choices=(YES,),
            visit=7,
            template=Filled(
                name="invite",
                language="es",
                header=(Parameter(name="order", value="7"),),
                body=(ANA, Parameter(name="order", value="7"), ANA),
                buttons=(
                    FilledButton(kind="phone", text="Call", target="+57"),
                    FilledButton(kind="quick_reply", id="yes", text="Yes"),
                    FilledButton(kind="url", text="Shop", target="https://a.test"),
                    FilledButton(kind="url", text="Open", value="7", target="https://a.test/7"),
                    FilledButton(kind="copy_code", value="SAVE", target="SAVE"),
                ),
            ),
        ),
        {
            "type": "template",
            "template": {
                "name": "invite",
                "language": {"code": "es"},
                "components": [
                    {"type": "header", "parameters": [{"type": "text", "text": "7"}]},
                    {"type": "body", "parameters": [{"type": "text", "text": one} for one in ("Ana", "7", "Ana")]},
                    button("quick_reply", 1, type="payload", payload="v7.yes"),
                    button("url", 3, type="text", text="7"),
                    button("copy_code", 4, type="coupon_code", coupon_code="SAVE"),
                ],
            },
        },
    ),
    "a template by names": (
        Outbound(kind="template", template=Filled(name="n", language="es", named=True, body=(ANA, ANA))),
        {
            "type": "template",
            "template": {
                "name": "n",
                "language": {"code": "es"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "parameter_name": "name", "text": "Ana"}]}
                ],
            },
        },
    ),
    "a template with a file": (
        Outbound(
            kind="template",
            text="Look, Ana.",
            attachment=Attachment(kind="document", url="https://files.test/a.pdf", filename="a.pdf"),
            template=Filled(name="look", language="en", body=(ANA,)),
        ),
        {
            "type": "template",
            "template": {
                "name": "look",
                "language": {"code": "en"},
                "components": [
                    {
                        "type": "header",
                        "parameters": [
                            {
                                "type": "document",
                                "document": {"link": "https://files.test/a.pdf", "filename": "a.pdf"},
                            }
                        ],
                    },
                    {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
                ],
            },
        },
    ),
    "a one-time code": (
        Outbound(
            kind="template",
            template=Filled(
                name="code",
                language="en",
                category="authentication",
                body=(Parameter(name="code", value="123456"),),
                buttons=(FilledButton(kind="copy_code", text="Copy code", value="123456", target="123456"),),
            ),
        ),
        {
            "type": "template",
            "template": {
                "name": "code",
                "language": {"code": "en"},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
                    button("url", 0, type="text", text="123456"),
                ],
            },
        },
    ),
}


@pytest.mark.parametrize(("outbound", "body"), BODIES.values(), ids=BODIES)
def test_a_message_becomes_this_request(outbound: Outbound, body: dict[str, Any]) -> None:
    assert send(outbound) == {"to": "+15550100001", **body}


def test_a_templates_own_file_goes_up_first() -> None:
    outbound = Outbound(
        kind="template",
        attachment=Attachment(kind="image", path="promo/a.jpg"),
        template=Filled(name="look", language="en"),
    )
    need = cloud_api.build_send(Sending(id="ms_3_x", to="1", outbound=outbound), CHANNEL)
    assert isinstance(need, Need) and need.fact == "media:promo/a.jpg"
    (header,) = send(outbound, **{need.fact: "m1"})["template"]["components"]
    assert header == {"type": "header", "parameters": [{"type": "image", "image": {"id": "m1"}}]}


def test_a_user_id_goes_into_recipient() -> None:
    assert "to" not in send(Outbound(text="Hi"), to="US.Abc123")
    assert send(Outbound(text="Hi"), to="US.Abc123")["recipient"] == "US.Abc123"
    assert send(Outbound(text="Hi"), to="+15550100001")["to"] == "+15550100001"


def test_a_file_of_ours_needs_an_upload_first() -> None:
    outbound = Outbound(kind="document", attachment=Attachment(kind="document", path="legal/privacy.pdf"))
    need = cloud_api.build_send(Sending(id="ms_3_x", to="1555", outbound=outbound), CHANNEL)
    assert isinstance(need, Need) and need.fact == "media:legal/privacy.pdf"
    assert send(outbound, **{need.fact: "m9"})["document"] == {"id": "m9"}
    upload = cloud_api.build_upload(b"%PDF", 'a".pdf', "application/pdf", CHANNEL, "edge")
    assert upload.url == need.request.url == "http://stub.test/v23.0/7001/media"
    assert b'filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--edge--\r\n' in upload.body
    assert cloud_api.read_need(need, HttpResponse(status=200, body=b'{"id": "m9"}')) == "m9"
    refused = cloud_api.read_need(need, HttpResponse(status=400, body=b'{"error": {"code": 131053}}'))
    assert isinstance(refused, Refused) and refused.kind == "retry"


def test_a_received_file_is_asked_for_by_id() -> None:
    request = cloud_api.build_media_fetch(Media(kind="image", id="m1", url="https://elsewhere.test"), CHANNEL)
    assert (request.url, request.query) == ("http://stub.test/v23.0/m1", {"phone_number_id": "7001"})
    found = cloud_api.read_media_url(HttpResponse(status=200, body=b'{"url": "https://files.test/1"}'), CHANNEL)
    assert isinstance(found, HttpRequest) and found.headers["authorization"] == "Bearer T"
    gone = cloud_api.read_media_url(HttpResponse(status=404, body=b'{"error": {"code": 100}}'), CHANNEL)
    assert isinstance(gone, Refused) and gone.kind == "perm"


def error(code: int, **more: Any) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": "no", **more}})


ANSWERS: list[tuple[int, bytes, str, str]] = [
    (400, error(131056), "slow", "recipient"),
    (403, error(130429), "slow", "channel"),
    (500, error(131045), "hold", "channel"),
    (500, error(3), "hold", "channel"),
    (400, error(131047), "perm", "channel"),
    (401, error(190), "hold", "channel"),
    (403, error(250), "hold", "channel"),
    (400, error(131026), "perm-user", "channel"),
    (404, error(132001), "perm-tmpl", "channel"),
    (500, error(131000), "retry", "channel"),
    (429, error(613), "slow", "channel"),
    (400, error(999999), "perm", "channel"),
    (400, error(999999, is_transient=True), "retry", "channel"),
    (200, error(131047), "perm", "channel"),
    (429, b"", "slow", "channel"),
    (500, b"<html>oops</html>", "unclear", "channel"),
    (502, b"", "unclear", "channel"),
    (200, b"not json", "unclear", "channel"),
    (200, b'{"messages": []}', "unclear", "channel"),
    (200, b'{"messages": [{"id": 5}]}', "unclear", "channel"),
    (200, b'{"error": "text"}', "unclear", "channel"),
    (200, b"[1]", "unclear", "channel"),
    (400, b'{"error": {"code": "x"}}', "perm", "channel"),
    (401, b"", "hold", "channel"),
    (302, b"", "hold", "channel"),
    (404, b"<html>no such page</html>", "hold", "channel"),
]


@pytest.mark.parametrize(("status", "body", "kind", "scope"), ANSWERS)
def test_an_answer_is_read_by_its_code(status: int, body: bytes, kind: str, scope: str) -> None:
    found = cloud_api.read_send(HttpResponse(status=status, body=body, headers={"Retry-After": "7"}))
    assert isinstance(found, Refused)
    assert (found.kind, found.scope) == (kind, scope)
    assert found.retry_after in (0.0, 7.0)


def test_a_taken_message_tells_its_id() -> None:
    body = b'{"contacts": [{"input": "1", "wa_id": "15550100001"}], "messages": [{"id": "wamid.1"}]}'
    assert cloud_api.read_send(HttpResponse(status=200, body=body)) == Sent(
        provider_id="wamid.1", facts={"wa_id": "15550100001"}
    )
    held = b'{"messages": [{"id": "wamid.1", "message_status": "held_for_quality_assessment"}]}'
    assert cloud_api.read_send(HttpResponse(status=200, body=held)) == Sent(provider_id="wamid.1", held=True)


def test_the_table_knows_only_our_kinds() -> None:
    kinds = {"retry", "outage", "slow", "hold", "perm", "perm-user", "perm-tmpl", "hold-tmpl"}
    assert {known.kind for known in ERRORS.values()} == kinds
    assert {known.scope for known in ERRORS.values()} == {"channel", "recipient"}


def test_mark_read_with_typing() -> None:
    request = cloud_api.build_mark_read("wamid.1", CHANNEL, typing=True)
    assert request is not None and orjson.loads(request.body) == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    }


def signed(body: bytes, secret: str = "S", prefix: str = "sha256=") -> WebhookRequest:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return WebhookRequest(method="POST", path="/", headers={"x-hub-signature-256": prefix + signature}, body=body)


def test_the_signature_is_over_the_raw_bytes() -> None:
    body = b'{"a": "\\u00e1 \\/"}'
    cloud_api.verify(signed(body), CHANNEL)
    wrong = [
        signed(body, secret="other"),
        signed(body, prefix=""),
        signed(body, prefix="sha1="),
        WebhookRequest(method="POST", path="/", body=body),
        WebhookRequest(method="POST", path="/", headers={"x-hub-signature-256": "sha256=é\ud800"}, body=body),
        WebhookRequest(method="POST", path="/", headers=signed(body).headers, body=orjson.dumps(orjson.loads(body))),
    ]
    for request in wrong:
        with pytest.raises(SignatureError):
            cloud_api.verify(request, CHANNEL)


def test_without_a_secret_nobody_is_believed() -> None:
    bare = Channel(account="acme", name="main", gateway="cloud_api")
    with pytest.raises(SignatureError):
        cloud_api.verify(signed(b"{}", secret=""), bare)
    ask = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert cloud_api.challenge(WebhookRequest(method="GET", path="/", query=ask), bare) is None


def test_the_challenge_is_answered_only_with_our_token() -> None:
    ask = {"hub.mode": "subscribe", "hub.verify_token": "V", "hub.challenge": "1158"}
    assert cloud_api.challenge(WebhookRequest(method="GET", path="/", query=ask), CHANNEL) == "1158"
    for change in ({"hub.verify_token": "W"}, {"hub.mode": "x"}, {"hub.challenge": ""}):
        request = WebhookRequest(method="GET", path="/", query={**ask, **change})
        assert cloud_api.challenge(request, CHANNEL) is None
