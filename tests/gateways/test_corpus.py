"""The other gateways against payloads as others captured or published them, and our tables against the reference's."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from flowbot.errors import SignatureError
from flowbot.gateways import (
    blip,
    dialog360,
    errors_blip,
    errors_dialog360,
    errors_gupshup,
    errors_meta,
    errors_twilio,
    gupshup,
    twilio,
)
from flowbot.model.gateway import HttpRequest, HttpResponse, Need, Refused, Sending, Sent, WebhookRequest
from flowbot.model.inbound import ConsentTold, Inbound, Receipt, TemplateStatus, Unsupported
from flowbot.model.outbound import Attachment, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, Parameter

from .cloud_api.test_corpus import covers, normal, shape, told
from .corpus import ABSENT, HERE, ROOT, rows

pytestmark = pytest.mark.skipif(not HERE, reason=ABSENT + "what providers and their users published")
ERRORS = ROOT.parent / "design" / "errors.tsv"


def read(file: str, **more: Any) -> WebhookRequest:
    return WebhookRequest(method="POST", path="/", body=(ROOT / file).read_bytes().strip(), **more)


def channel(gateway: str, **options: str) -> Channel:
    return Channel(account="acme", name="main", gateway=gateway, options=options)


def names(value: Any) -> str:
    return Path(value).name if isinstance(value, str) else ""


@pytest.mark.parametrize(("file", "expect"), rows("360dialog"), ids=names)
def test_360dialog(file: str, expect: dict[str, Any]) -> None:
    found = dialog360.parse(read(file), channel("dialog360", phone_number_id=expect["phone_number_id"]))
    assert {each.address for each in found} == {expect["phone_number_id"]}
    assert len(found) == len(expect["events"])
    for each, event in zip(found, expect["events"], strict=True):
        item = told(each.item)
        assert {name: normal(name, item.get(name)) for name in event} == {
            name: normal(name, value) for name, value in event.items()
        }


# -- Twilio ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "expect"), [row for row in rows("twilio") if row[0].endswith(".form")], ids=names)
def test_twilio(file: str, expect: dict[str, Any]) -> None:
    items = [each.item for each in twilio.parse(read(file), channel("twilio"))]
    first = items[0]
    if expect["event"] == "status":
        assert isinstance(first, Receipt) and len(items) == 1
        assert first.provider_id == expect["id"]
        assert first.facts.get("status", first.status) == expect["status"]
        assert [str(error["code"]) for error in first.errors] == ([expect["error"]] if "error" in expect else [])
        recipient = first.recipient.number if first.recipient else ""
        assert recipient == bare(expect["to"]) if "to" in expect else True
        return
    assert isinstance(first, Inbound) and first.id == expect["id"]
    assert first.text == expect.get("text", "")
    assert bare(expect["from"]) in (first.sender.number, first.sender.bsuid)
    valid = expect.get("bsuid", "") if "." in expect.get("bsuid", "") else ""
    assert first.sender.bsuid == bare(valid)
    media = [one.media.url for one in items if isinstance(one, Inbound) and one.media]
    assert media == expect.get("media", [])
    if "button_text" in expect:
        tapped = expect["from"].startswith("whatsapp:")
        assert (first.tap.title if first.tap else "") == (expect["button_text"] if tapped else "")


def bare(address: str) -> str:
    return address.removeprefix("whatsapp:").lstrip("+")


def test_twilios_signature_vectors() -> None:
    for vector in json.loads((ROOT / "twilio/signature-vectors.json").read_bytes()):
        parts = urlsplit(vector["url"])
        request = WebhookRequest(
            method="POST",
            path=parts.path,
            query={name: values[0] for name, values in parse_qs(parts.query).items()},
            query_string=parts.query,
            headers={"x-twilio-signature": vector["signature"]},
            body=vector["body"].encode() if "body" in vector else urlencode([*map(tuple, vector["params"])]).encode(),
        )
        called = Channel(
            account="acme",
            name="main",
            gateway="twilio",
            options={"auth_token": vector["token"]},
            webhook=parts._replace(query="").geturl(),
        )
        twilio.verify(request, called)
        altered = base64.b64encode(hmac.digest(b"x", vector["url"].encode(), hashlib.sha1)).decode()
        with pytest.raises(SignatureError):
            twilio.verify(WebhookRequest(**{**shown(request), "headers": {"x-twilio-signature": altered}}), called)


def shown(request: WebhookRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ("method", "path", "query", "query_string", "body")}


# -- error tables ------------------------------------------------------------------------------------------------------


def known(provider: str, code: int) -> str:
    tables: dict[str, Any] = {
        "cloud-api": errors_meta.classify,
        "twilio": errors_twilio.classify,
        "360dialog": errors_dialog360.classify,
        "gupshup": errors_gupshup.classify,
        "blip": errors_blip.classify,
    }
    return str(tables[provider](code).kind)


def test_the_tables_say_what_the_reference_says() -> None:
    with ERRORS.open(encoding="utf-8") as lines:
        wanted = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    checked = 0
    for row in wanted:
        if row["class"].startswith("see "):
            continue
        for code in row["code"].split("-"):
            paused = row["title"] == "Template paused"  # holds itself, not the whole channel
            found = known(row["provider"], int(code)).replace("outage", "retry")  # the reference knows one kind of them
            assert found == ("hold-tmpl" if paused else row["class"]), row
            checked += 1
    assert checked > 110


def test_nothing_is_noted_as_unsupported_that_the_index_knows() -> None:
    for file, _ in rows("twilio"):
        if file.endswith(".form"):
            items = twilio.parse(read(file), channel("twilio"))
            assert not any(isinstance(each.item, Unsupported) for each in items), file


# -- Gupshup -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "expect"),
    [row for row in rows("gupshup") + rows("gupshup-enterprise") if "send-response" not in row[0]],
    ids=names,
)
def test_gupshup(file: str, expect: dict[str, Any]) -> None:
    (routed,) = gupshup.parse(read(file), channel("gupshup"))
    item = routed.item
    if "events" in expect:
        (event,) = expect["events"]
        found = told(item)
        assert {name: normal(name, found.get(name)) for name in event} == {
            name: normal(name, value) for name, value in event.items()
        }
    elif expect["event"] == "message":
        assert isinstance(item, Inbound)
        gupshup_message(item, expect)
    elif expect["event"] == "status":
        assert isinstance(item, Receipt)
        assert item.provider_id == expect.get("match_on", expect["id"]) and item.status == expect["status"]
        assert [error["code"] for error in item.errors] == ([expect["code"]] if "code" in expect else [])
        assert (item.recipient.number if item.recipient else "") == expect.get("to", "1592311836")
    elif expect["event"] == "template-event":
        assert isinstance(item, TemplateStatus)
        assert (item.name, item.event) == (expect["elementName"], expect["status"])
        assert item.reason == expect.get("rejectedReason", "")
    elif expect["event"] == "user-event" and expect["type"].startswith("opted-"):
        change = expect["type"].removeprefix("opted-")
        assert isinstance(item, ConsentTold) and (item.sender.number, item.change) == (expect["phone"], change)
    else:
        assert isinstance(item, Unsupported) and item.what == expect["event"]
        wanted = {name: expect[name] for name in ("gs_id", "billable", "model", "phone") if name in expect}
        assert {name: item.facts.get(name) for name in wanted} == wanted
        assert expect.get("type", item.why) == item.why


def gupshup_message(item: Inbound, expect: dict[str, Any]) -> None:
    sender = item.sender.number or item.sender.bsuid
    assert (item.id, sender) == (expect["id"], expect["from"])
    kind = {"file": "document", None: "text"}.get(expect["type"], expect["type"])
    assert item.kind == ("tap" if kind.endswith("_reply") else kind)
    if item.tap:
        assert item.tap.title == expect["title"] and item.facts["reply"] == expect["reply"]
        assert item.facts["id"] == expect["reply_id"]
        assert item.tap.raw == expect.get("postbackText", expect["reply_id"])
        assert item.reply_to == expect.get("reply_to_gs", "")
    elif item.place:
        assert item.place.latitude == float(expect["latitude"])
        assert item.place.longitude == float(expect["longitude"])
    elif item.media:
        assert (item.media.url, item.media.caption) == (expect["url"], expect.get("caption", ""))
    else:
        assert item.text == expect["text"]


def test_gupshups_answer_to_a_send() -> None:
    for file, expect in rows("gupshup"):
        if "send-response" in file:
            answer = HttpResponse(status=202, body=(ROOT / file).read_bytes())
            assert gupshup.read_send(answer) == Sent(provider_id=expect["id"])


# -- Blip --------------------------------------------------------------------------------------------------------------

KINDS = {
    "text/plain": "text",
    "application/json": "form",
    "application/vnd.lime.media-link+json": "media",
}


@pytest.mark.parametrize(("file", "expect"), rows("blip"), ids=names)
def test_blip(file: str, expect: dict[str, Any]) -> None:
    (routed,) = blip.parse(read(file), channel("blip"))
    item = routed.item
    if expect["event"] == "notification":
        assert isinstance(item, Receipt)
        assert (item.provider_id, item.our_id) == (expect["id"], expect["id"])
        assert item.facts.get("event", item.status) == expect["status"]
        assert [error["code"] for error in item.errors] == ([expect["code"]] if "code" in expect else [])
    elif expect["event"].startswith("command"):
        status = expect.get("status", expect.get("method", ""))
        assert item == Unsupported(what="command", why=status if expect["event"] != "command" else expect["method"])
    elif "state" in expect:
        assert item == Unsupported(what="chatstate")
    elif "user" not in expect:  # one that goes out: nobody sent it to us
        assert item == Unsupported(what="malformed", why="sender")
    else:
        assert isinstance(item, Inbound)
        assert (item.id, item.kind, item.text) == (expect["id"], KINDS[expect["type"]], expect.get("text", ""))
        assert (item.sender.number or item.sender.bsuid) == expect["user"].partition("/")[0]
        assert (item.sender.address or f"{item.sender.number}@wa.gw.msging.net") == expect["from"]


def blip_sends(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "blip" / file).read_bytes())
    return found


def test_what_we_send_to_blip_has_a_published_shape() -> None:
    main = Channel(account="acme", name="main", gateway="blip", base_url="https://b.test", options={})
    picture = Attachment(kind="image", url="https://files.test/a.jpg")
    document = Attachment(kind="document", url="https://files.test/a.pdf", filename="a.pdf")
    template = Filled(name="n", language="pt_BR", body=(Parameter(name="a", value="b"),))
    for file, outbound in (
        ("docs-content-types-text-01.json", Outbound(text="Oi")),
        ("docs-content-types-media-link-images-01.json", Outbound(kind="image", text="c", attachment=picture)),
        ("docs-content-types-media-link-documents-01.json", Outbound(kind="document", attachment=document)),
        (
            "docs-content-types-location-send-location-01.json",
            Outbound(kind="location", place={"latitude": 1.5, "longitude": 2.5, "name": "n"}),
        ),
        ("docs-integrations-whatsapp-03.json", Outbound(kind="template", template=template)),
    ):
        request = blip.build_send(Sending(id="ms_1_x", to="5531988887777", outbound=outbound), main)
        assert isinstance(request, HttpRequest) and request.url == "https://b.test/messages"
        assert covers(shape(blip_sends(file)), shape(json.loads(request.body))), file


def test_our_commands_are_blips() -> None:
    main = Channel(account="acme", name="main", gateway="blip", base_url="https://b.test", options={})
    need = blip.build_send(
        Sending(id="ms_1_x", to="5531988889999", outbound=Outbound(text="Oi"), purpose="business"), main
    )
    assert isinstance(need, Need) and need.request is not None
    assert json.loads(need.request.body) == {
        **blip_sends("docs-integrations-whatsapp-01.json"),
        "id": "ms_1_x-check",
    }
    answer = HttpResponse(status=200, body=(ROOT / "blip/docs-integrations-whatsapp-02.json").read_bytes())
    assert blip.read_need(need, answer) == "5531988889999@wa.gw.msging.net"
    failure = HttpResponse(status=200, body=(ROOT / "blip/docs-concepts2-commands-03.json").read_bytes())
    found = blip.read_send(failure)
    assert isinstance(found, Refused) and (found.kind, found.code) == ("perm", 60)
