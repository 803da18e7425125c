"""What leaves for Blip: envelopes, checks, notifications, commands; and how its answers are understood."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.gateways import blip
from flowbot.gateways.errors_blip import ERRORS
from flowbot.model.contact import Contact
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent
from flowbot.model.inbound import Media, Receipt
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, FilledButton, Parameter

OPTIONS = {"bot_key": "K", "secret": "S"}
CHANNEL = Channel(account="acme", name="main", gateway="blip", base_url="http://stub.test", options=OPTIONS)
NUMBER = "5531988887777"
YES = Choice(id="yes", title="Sim")
NO = Choice(id="no", title="Não", description="Agora não")
FILE = "https://files.test/a"


def ask(outbound: Outbound, to: str = NUMBER, **more: Any) -> HttpRequest | Need:
    return blip.build_send(Sending(id="ms_3_x", to=to, outbound=outbound, **more), CHANNEL)


def envelope(request: object, what: str = "messages", key: str = "K") -> dict[str, Any]:
    assert isinstance(request, HttpRequest)
    assert (request.method, request.url) == ("POST", f"http://stub.test/{what}")
    assert request.headers == {"authorization": f"Key {key}", "content-type": "application/json"}
    found: dict[str, Any] = orjson.loads(request.body)
    return found


LIME = "application/vnd.lime."
BUTTONS = [{"type": "reply", "reply": {"id": "v7.yes", "title": "Sim"}}]
ROWS = [{"id": "v7.no", "title": "Não", "description": "Agora não"}]
CONTENTS: dict[str, tuple[Outbound, str, Any]] = {
    "text": (Outbound(text="Oi"), "text/plain", "Oi"),
    "image": (
        Outbound(kind="image", text="Veja", attachment=Attachment(kind="image", url=FILE + ".png")),
        LIME + "media-link+json",
        {"type": "image/png", "uri": FILE + ".png", "text": "Veja"},
    ),
    "audio": (
        Outbound(kind="audio", attachment=Attachment(kind="audio", url=FILE)),
        LIME + "media-link+json",
        {"type": "audio/ogg", "uri": FILE},
    ),
    "document": (
        Outbound(kind="document", attachment=Attachment(kind="document", url=FILE + ".pdf?x=1")),
        LIME + "media-link+json",
        {"type": "application/pdf", "uri": FILE + ".pdf?x=1", "title": "a.pdf"},
    ),
    "location": (
        Outbound(kind="location", place={"latitude": -19.9, "longitude": -43.9, "name": "Praça"}),
        LIME + "location+json",
        {"latitude": -19.9, "longitude": -43.9, "text": "Praça"},
    ),
    "buttons": (
        Outbound(kind="buttons", text="Vamos?", footer="Sem pressa", choices=(YES,), visit=7),
        "application/json",
        {
            "recipient_type": "individual",
            "type": "interactive",
            "interactive": {
                "type": "button",
                "body": {"text": "Vamos?"},
                "footer": {"text": "Sem pressa"},
                "action": {"buttons": BUTTONS},
            },
        },
    ),
    "list": (
        Outbound(kind="list", text="Vamos?", button="Ver", choices=(NO,), visit=7),
        "application/json",
        {
            "recipient_type": "individual",
            "type": "interactive",
            "interactive": {
                "type": "list",
                "body": {"text": "Vamos?"},
                "action": {"button": "Ver", "sections": [{"title": "Ver", "rows": ROWS}]},
            },
        },
    ),
    "location request": (
        Outbound(kind="location_request", text="Onde?"),
        "application/json",
        {
            "recipient_type": "individual",
            "type": "interactive",
            "interactive": {
                "type": "location_request_message",
                "body": {"text": "Onde?"},
                "action": {"name": "send_location"},
            },
        },
    ),
}


@pytest.mark.parametrize(("outbound", "kind", "content"), CONTENTS.values(), ids=CONTENTS)
def test_a_message_becomes_this_envelope(outbound: Outbound, kind: str, content: Any) -> None:
    to = f"{NUMBER}@wa.gw.msging.net"
    assert envelope(ask(outbound)) == {"id": "ms_3_x", "to": to, "type": kind, "content": content}


def test_an_answer_goes_where_the_message_came_from() -> None:
    """R154, R155: through the tunnel, to a number as it was received, or to a user id."""
    assert envelope(ask(Outbound(text="Oi"), "ecb9@tunnel.msging.net"))["to"] == "ecb9@tunnel.msging.net"
    assert envelope(ask(Outbound(text="Oi"), "553188887777"))["to"] == "553188887777@wa.gw.msging.net"
    assert envelope(ask(Outbound(text="Oi"), "BR.Ana1"))["to"] == "BR.Ana1@wa.gw.msging.net"


def test_a_number_is_checked_before_the_business_writes_first() -> None:
    """R091: with a plus, or every number passes; believed for seven days."""
    need = ask(Outbound(text="Oi"), purpose="business")
    assert isinstance(need, Need) and need.personal and need.fact == f"account:+{NUMBER}"
    assert need.lives == 7 * 24 * 3600 * 1000
    assert envelope(need.request, "commands") == {
        "id": "ms_3_x-check",
        "to": "postmaster@wa.gw.msging.net",
        "method": "get",
        "uri": f"lime://wa.gw.msging.net/accounts/+{NUMBER}",
    }
    account = {"identity": f"{NUMBER}@wa.gw.msging.net", "alternativeAccount": "553188887777@wa.gw.msging.net"}
    answer = HttpResponse(status=200, body=orjson.dumps({"status": "success", "resource": account}))
    found = blip.read_need(need, answer)
    assert found == "553188887777@wa.gw.msging.net"
    assert envelope(ask(Outbound(text="Oi"), purpose="business", facts={need.fact: found}))["to"] == found
    for free in (ask(Outbound(text="Oi")), ask(Outbound(text="Oi"), "x@tunnel.msging.net", purpose="business")):
        assert isinstance(free, HttpRequest)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"status": "failure", "reason": {"code": 67, "description": "not found"}}, "perm-user"),
        (200, {"status": "failure", "reason": {"code": 13}}, "hold"),
        (200, {"status": "success", "resource": {}}, "unclear"),
        (401, {}, "hold"),
        (502, None, "unclear"),
    ],
)
def test_a_check_that_finds_nothing(status: int, body: Any, kind: str) -> None:
    response = HttpResponse(status=status, body=orjson.dumps(body) if body is not None else b"<html>")
    found = blip.read_need(Need(fact="account:+1"), response)
    assert isinstance(found, Refused) and found.kind == kind


def test_a_template_is_metas_with_a_policy() -> None:
    template = Filled(
        name="invite",
        language="pt_BR",
        body=(Parameter(name="name", value="Ana"),),
        buttons=(FilledButton(kind="quick_reply", text="Sim", id="continue"),),
    )
    content = envelope(ask(Outbound(kind="template", template=template, visit=3)))["content"]
    assert content == {
        "type": "template",
        "template": {
            "name": "invite",
            "language": {"code": "pt_BR", "policy": "deterministic"},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "0",
                    "parameters": [{"type": "payload", "payload": "v3.continue"}],
                },
            ],
        },
    }


def test_files_of_ours_go_by_their_link() -> None:
    picture = Attachment(kind="image", path="promo/a.jpg")
    need = ask(Outbound(kind="image", attachment=picture))
    assert isinstance(need, Need) and need.fact == "link:promo/a.jpg"
    facts = {need.fact: "https://bot.test/m"}
    content = envelope(ask(Outbound(kind="image", attachment=picture), facts=facts))["content"]
    assert content == {"type": "image/jpeg", "uri": "https://bot.test/m"}
    template = Filled(name="promo", language="pt_BR")
    sent = envelope(ask(Outbound(kind="template", template=template, attachment=picture), facts=facts))
    (header,) = sent["content"]["template"]["components"]
    assert header["parameters"] == [{"type": "image", "image": {"link": "https://bot.test/m"}}]


def test_a_message_that_was_processed_is_consumed() -> None:
    request = blip.build_mark_read("wamid.1", CHANNEL, to="ecb9@tunnel.msging.net")
    wanted = {"id": "wamid.1", "to": "ecb9@tunnel.msging.net", "event": "consumed"}
    assert envelope(request, "notifications") == wanted
    assert blip.build_mark_read("wamid.1", CHANNEL, typing=True, to="x@y") is None
    assert blip.build_mark_read("wamid.1", CHANNEL) is None


def test_a_hand_over_sets_the_routers_state_then_the_block() -> None:
    options = {**OPTIONS, "router_key": "R", "handover_bot": "desk", "handover_flow": "f-1", "handover_state": "b-1"}
    channel = Channel(account="acme", name="main", gateway="blip", base_url="http://stub.test", options=options)
    contact = Contact(id="c1", account="acme", number=NUMBER, reply_to="553188887777")
    moves = blip.hand_over(channel, contact)
    sent = [
        envelope(blip.build_send(Sending(id=f"ms_3_{n}", to="t@tunnel", outbound=move), channel), "commands", "R")
        for n, move in enumerate(moves)
    ]
    base = {"to": "postmaster@msging.net", "method": "set", "type": "text/plain"}
    where = "/contexts/553188887777@wa.gw.msging.net"
    assert sent == [
        {**base, "id": "ms_3_0", "uri": f"{where}/Master-State", "resource": "desk@msging.net"},
        {**base, "id": "ms_3_1", "uri": f"{where}/stateid@f-1", "resource": "b-1"},
    ]
    assert blip.hand_over(CHANNEL, contact) == ()


def test_taken() -> None:
    for status, body in ((202, b""), (200, b'{"status": "success"}')):
        assert blip.read_send(HttpResponse(status=status, body=body)) == Sent(provider_id="")


def test_a_failed_notification() -> None:
    def failed(*errors: dict[str, Any]) -> str:
        return blip.read_failure(Receipt(provider_id="ms_3_x", status="failed", errors=errors)).kind

    assert failed({"code": 42, "title": "Destination not found"}) == "perm-user"
    assert failed({"code": 1, "title": "Error 131042: payment"}) == "hold"
    assert failed({"code": "x"}) == failed() == "perm"
    assert {known.kind for known in ERRORS.values()} <= {"retry", "slow", "hold", "perm", "perm-user"}


def test_a_received_file_lies_open() -> None:
    assert blip.build_media_fetch(Media(kind="image", url=FILE), CHANNEL) == HttpRequest(method="GET", url=FILE)
