"""Plain JSON that leaves signed, and how its answers are understood."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson
import pytest

from flowbot.errors import SignatureError
from flowbot.gateways import http
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent, WebhookRequest
from flowbot.model.inbound import Inbound, Media, Receipt
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel

CHANNEL = Channel(account="acme", name="web", gateway="http", base_url="https://c.test/in", options={"secret": "S"})


def sign(body: bytes, secret: str = "S") -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def opened(request: object) -> dict[str, Any]:
    assert isinstance(request, HttpRequest) and (request.method, request.url) == ("POST", "https://c.test/in")
    assert request.headers == {"content-type": "application/json", "x-flowbot-signature": sign(request.body)}
    found: dict[str, Any] = orjson.loads(request.body)
    return found


def ask(outbound: Outbound, **facts: str) -> HttpRequest | Need:
    return http.build_send(Sending(id="ms_3_x", to="visitor-77", outbound=outbound, facts=facts), CHANNEL)


def test_a_message_goes_out_as_it_would_come_in() -> None:
    choice = Choice(id="yes", title="Yes")
    outbound = Outbound(kind="buttons", text="Go?", footer="F", choices=(choice,), visit=7, key="q")
    assert opened(ask(outbound)) == {
        "id": "ms_3_x",
        "to": "visitor-77",
        "kind": "buttons",
        "text": "Go?",
        "footer": "F",
        "key": "q",
        "button": "",
        "choices": [{"id": "v7.yes", "title": "Yes", "description": ""}],
    }
    assert opened(ask(Outbound(text="Hi", reply_to="m0")))["reply_to"] == "m0"
    assert opened(http.build_mark_read("m1", CHANNEL, typing=True)) == {"read": "m1", "typing": True}


def test_a_file_of_ours_goes_by_its_link() -> None:
    outbound = Outbound(kind="image", attachment=Attachment(kind="image", path="a.jpg"))
    need = ask(outbound)
    assert isinstance(need, Need) and need.fact == "link:a.jpg"
    sent = opened(ask(outbound, **{"link:a.jpg": "https://bot.test/m"}))
    assert sent["media"] == {"url": "https://bot.test/m", "path": "a.jpg", "filename": ""}
    never = http.read_need(need, HttpResponse(status=200))
    assert isinstance(never, Refused)


def test_only_what_is_signed_is_believed() -> None:
    body = b'{"id": "1"}'
    http.verify(
        WebhookRequest(method="POST", path="/", headers={"x-flowbot-signature": sign(body)}, body=body), CHANNEL
    )
    bare = Channel(account="acme", name="web", gateway="http")
    for given, channel in (("", CHANNEL), (sign(body, "T"), CHANNEL), ("é\ud800", CHANNEL), (sign(body, ""), bare)):
        headers = {"x-flowbot-signature": given}
        with pytest.raises(SignatureError):
            http.verify(WebhookRequest(method="POST", path="/", headers=headers, body=body), channel)


def test_taken() -> None:
    assert http.read_send(HttpResponse(status=200, body=b'{"id": "m9"}')) == Sent(provider_id="m9")
    assert http.read_send(HttpResponse(status=204)) == Sent(provider_id="")


def test_a_failed_status_and_a_file() -> None:
    failed = http.read_failure(Receipt(provider_id="m9", status="failed", errors=({"code": 7, "title": "gone"},)))
    assert failed == Refused(kind="perm", code=7, title="gone")
    media = Media(kind="image", url="https://f.test/1")
    assert http.build_media_fetch(media, CHANNEL) == HttpRequest(method="GET", url="https://f.test/1")


def test_a_caller_cannot_say_that_a_file_was_looked_at() -> None:
    body = b'{"id": "1", "from": "15550001", "kind": "image", "media": {"id": "m", "looked": true, "sharpness": 9.5}}'
    request = WebhookRequest(method="POST", path="", query={}, headers={}, body=body)
    (routed,) = http.parse(request, CHANNEL)
    assert isinstance(routed.item, Inbound) and routed.item.media is not None
    assert (routed.item.media.looked, routed.item.media.sharpness) == (False, None)
