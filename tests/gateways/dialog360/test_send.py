"""360dialog: Meta's bodies under its own address and key, and what it says in its own name."""

from __future__ import annotations

import orjson

from flowbot.gateways import dialog360
from flowbot.gateways.errors_dialog360 import ERRORS
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent
from flowbot.model.inbound import Media, Receipt
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel

CHANNEL = Channel(
    account="acme",
    name="main",
    gateway="dialog360",
    base_url="http://stub.test",
    options={"api_key": "K", "secret": "S"},
)
KEY = {"d360-api-key": "K"}


def send(outbound: Outbound, to: str = "15550100001", **facts: str) -> HttpRequest | Need:
    return dialog360.build_send(Sending(id="ms_3_x", to=to, outbound=outbound, facts=facts), CHANNEL)


def test_a_message_is_metas_without_the_number_in_the_path() -> None:
    request = send(Outbound(kind="buttons", text="Go?", choices=(Choice(id="yes", title="Yes"),), visit=7))
    assert isinstance(request, HttpRequest)
    assert (request.method, request.url) == ("POST", "http://stub.test/messages")
    assert request.headers == {**KEY, "content-type": "application/json"}
    body = orjson.loads(request.body)
    assert (body["to"], body["biz_opaque_callback_data"]) == ("+15550100001", "ms_3_x")
    assert body["interactive"]["action"]["buttons"][0]["reply"] == {"id": "v7.yes", "title": "Yes"}


def test_without_a_base_url_it_is_360dialogs_own() -> None:
    request = dialog360.build_send(
        Sending(id="ms_3_x", to="US.Ana", outbound=Outbound(text="Hi")),
        Channel(account="acme", name="main", gateway="dialog360"),
    )
    assert isinstance(request, HttpRequest) and request.url == "https://waba-v2.360dialog.io/messages"
    assert orjson.loads(request.body)["recipient"] == "US.Ana"  # R154


def test_a_file_of_ours_goes_up_first() -> None:
    outbound = Outbound(kind="image", attachment=Attachment(kind="image", path="a.jpg"))
    need = send(outbound)
    assert isinstance(need, Need) and need.fact == "media:a.jpg"
    upload = dialog360.build_upload(b"jpg", "a.jpg", "image/jpeg", CHANNEL, "edge")
    assert upload.url == "http://stub.test/media" and upload.headers["d360-api-key"] == "K"
    assert dialog360.read_need(need, HttpResponse(status=200, body=b'{"id": "m9"}')) == "m9"
    refused = dialog360.read_need(need, HttpResponse(status=401, body=b"no"))
    assert isinstance(refused, Refused) and refused.kind == "hold"
    request = send(outbound, **{"media:a.jpg": "m9"})
    assert isinstance(request, HttpRequest) and orjson.loads(request.body)["image"] == {"id": "m9"}


def test_a_received_file_lies_behind_their_host_and_the_key_stays_there() -> None:
    ask = dialog360.build_media_fetch(Media(kind="image", id="m/1"), CHANNEL)
    assert (ask.url, ask.headers) == ("http://stub.test/m%2F1", KEY)
    lies = b'{"url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2"}'
    fetch = dialog360.read_media_url(HttpResponse(status=200, body=lies), CHANNEL)
    assert isinstance(fetch, HttpRequest)
    assert fetch.url == "http://stub.test/whatsapp_business/attachments/?mid=1&ext=2" and fetch.headers == KEY
    gone = dialog360.read_media_url(HttpResponse(status=404, body=b'{"error": {"code": 100}}'), CHANNEL)
    assert isinstance(gone, Refused) and gone.kind == "perm"


def test_mark_read() -> None:
    request = dialog360.build_mark_read("wamid.1", CHANNEL)
    assert request is not None and request.url == "http://stub.test/messages"
    assert orjson.loads(request.body)["message_id"] == "wamid.1"


def test_taken() -> None:
    assert dialog360.read_send(HttpResponse(status=200, body=b'{"messages": [{"id": "w"}]}')) == Sent(provider_id="w")


def test_a_failed_status() -> None:
    receipt = Receipt(provider_id="w", status="failed", errors=({"code": 131026},))
    assert dialog360.read_failure(receipt).kind == "perm-user"
    assert {known.kind for known in ERRORS.values()} <= {"retry", "outage", "slow", "hold", "perm"}
