"""The parser against Meta's payloads as others captured or published them."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from flowbot.errors import SignatureError
from flowbot.gateways import cloud_api
from flowbot.gateways.meta import parse_envelope
from flowbot.model.contact import Identity
from flowbot.model.gateway import HttpRequest, HttpResponse, Refused, Sending, Sent, WebhookRequest
from flowbot.model.inbound import ConsentTold, Inbound, Item, Receipt, TemplateStatus, Unsupported
from flowbot.model.outbound import Attachment, Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.template import Filled, FilledButton, Parameter, provider_language

from ..corpus import ABSENT, HERE, ROOT, rows

pytestmark = pytest.mark.skipif(not HERE, reason=ABSENT + "what Meta and its users published")

# Senders that are neither a number nor a user id: nobody could be answered, so the item is set aside.
NOBODY = {"invalid_from.json", "invalid_timestamp.json", "no_from.json", "deleted_message--revoke.json"}
MAIN = Channel(
    account="acme", name="main", gateway="cloud_api", base_url="https://graph.test", options={"phone_number_id": "7001"}
)


def index(part: str) -> list[tuple[str, dict[str, Any]]]:
    return [(file, expect) for file, expect in rows("cloud-api") if file.split("/")[1] in part.split()]


@pytest.mark.parametrize(("file", "expect"), index("courier meta-docs openapi pywa"), ids=lambda value: str(value)[:60])
def test_a_payload_parses_to_what_the_index_says(file: str, expect: dict[str, Any]) -> None:
    routed = parse_envelope((ROOT / file).read_bytes())
    items = [each.item for each in routed if not (isinstance(each.item, Unsupported) and each.item.what == "empty")]
    assert {each.address for each in routed} <= {expect.get("phone_number_id", ""), ""}
    if Path(file).name in NOBODY:
        assert items == [Unsupported(what="malformed", why="sender")]
        return
    wanted = sorted(expect["events"], key=lambda event: event["event"] == "error")
    assert len(items) == len(wanted)
    for item, event in zip(items, wanted, strict=True):
        found = told(item)
        for name, value in event.items():
            assert normal(name, found.get(name)) == normal(name, value), name


def normal(name: str, value: Any) -> Any:
    """Where the index writes down what came, and we write down what it means."""
    if name == "ts" and value is not None:
        return int(value) * 1000 if str(value).isdigit() and int(value) < 10**12 else value if value else 0
    if name == "message_template_language":
        return provider_language(value)
    if name == "from_user_id" and "." not in (value or ""):
        return ""
    if name == "reason" and value == "NONE":
        return ""
    if name in ("value_event", "username"):
        return (value or "").lower()
    if name == "message_template_id":
        return str(value)
    return value or ""


def told(item: Item) -> dict[str, Any]:
    """One of our items in the index's words."""
    if isinstance(item, Inbound):
        return told_inbound(item)
    if isinstance(item, Receipt):
        return told_receipt(item)
    if isinstance(item, TemplateStatus):
        return told_template(item)
    if isinstance(item, ConsentTold):
        value = {"out": "stop", "in": "resume"}[item.change]
        return {"event": "user_preferences", "value": value, "wa_id": item.sender.number, "user_id": item.sender.bsuid}
    return told_other(item)


def sender(identity: Identity) -> str:
    return identity.number or identity.bsuid


def told_inbound(item: Inbound) -> dict[str, Any]:
    facts = dict(item.facts)
    found: dict[str, Any] = {
        "event": "message",
        "id": item.id,
        "ts": item.at,
        "from": item.sender.number,
        "from_user_id": item.sender.bsuid,
        "from_parent_user_id": facts.get("parent_user_id"),
        "type": item.kind,
        "text": item.text,
        "reply_to": item.reply_to,
        "forwarded": item.forwarded,
        "errors": list(item.errors),
        "group_id": item.group,
        "referred_product": "product" in facts,
    }
    if item.kind == "text" and item.sender.bsuid and not item.sender.number and "parent_user_id" not in facts:
        found["from"] = item.sender.bsuid  # some put the user id into the number's place
    if item.group:
        found["type"] = facts["type"]
    if item.referral:
        found["referral"] = {name: item.referral[name] for name in ("ctwa_clid", "source_id", "source_type")}
    found.update(told_body(item, facts))
    return found


def told_body(item: Inbound, facts: dict[str, Any]) -> dict[str, Any]:
    if item.media:
        media = item.media
        legacy = item.kind == "audio" and media.id == "id_voice"
        return {
            "type": "voice" if legacy else item.kind,
            "media_id": media.id,
            "mime_type": media.mime,
            "caption": media.caption,
            "filename": media.filename,
            "has_url": bool(media.url),
            "animated": media.animated,
            "voice": media.voice,
        }
    if item.place:
        place = item.place
        return {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "name": place.name,
            "address": place.address,
        }
    if item.tap:
        tap = item.tap
        if tap.source == "template":
            return {"type": "button", "payload": tap.raw, "text": tap.title}
        return {
            "type": "interactive",
            "interactive": f"{tap.source}_reply",
            "reply_id": tap.raw,
            "reply_title": tap.title,
            "reply_description": facts.get("description"),
        }
    if item.form is not None:
        form = item.form.get("value", dict(item.form))
        return {"type": "interactive", "interactive": "nfm_reply", "form": form, "body": item.text}
    if item.contacts:
        phones = [phone["wa_id"] for card in item.contacts for phone in card["phones"]]
        return {"contacts": [card["name"]["formatted_name"] for card in item.contacts], "phones": phones}
    return told_facts(item, facts)


def told_facts(item: Inbound, facts: dict[str, Any]) -> dict[str, Any]:
    if item.kind == "reaction":
        return {"emoji": facts["emoji"], "reacts_to": facts["message_id"]}
    if item.kind == "order":
        return {"catalog_id": facts["catalog_id"], "items": len(facts["items"])}
    if item.kind == "system":
        return {"system": facts["type"], "system_wa_id": facts["number"]}
    if item.kind == "revoke":
        return {"revokes": facts["original"]}
    if item.kind == "unsupported" and facts["type"].startswith("interactive."):
        kind = facts["type"].partition(".")[2]
        return {"type": "interactive", "interactive": kind, kind: ["response", "response_source"]}
    if item.kind == "unsupported":
        return {"type": facts["type"], "unsupported": facts.get("inner")}
    return {}


def told_receipt(item: Receipt) -> dict[str, Any]:
    return {
        "event": "status",
        "id": item.provider_id,
        "status": item.status,
        "ts": item.at,
        "recipient": item.recipient.number if item.recipient else "",
        "recipient_user_id": item.recipient.bsuid if item.recipient else "",
        "errors": [error["code"] for error in item.errors],
        "pricing": item.facts.get("pricing"),
        "type": "message",  # on-premises only: always that word
    }


def told_template(item: TemplateStatus) -> dict[str, Any]:
    field = "message_template_components_update" if item.event == "components" else "message_template_status_update"
    return {
        "event": field,
        "message_template_name": item.name,
        "message_template_language": item.language,
        "message_template_id": item.provider_id,
        "value_event": item.event,
        "reason": item.reason,
        **item.facts,
    }


def told_other(item: Unsupported) -> dict[str, Any]:
    found = {**item.facts, "event": item.what, "value_event": item.why, "call": item.facts.get("event")}
    if item.what == "echo":
        found["ts"] = int(item.facts["timestamp"]) * 1000
        found["text"] = (item.facts.get("text") or {}).get("body")
        found["revokes"] = (item.facts.get("revoke") or {}).get("original_message_id")
    return found


# -- what we send ------------------------------------------------------------------------------------------------------


def sent_body(outbound: Outbound) -> dict[str, Any]:
    request = cloud_api.build_send(
        Sending(id="ms_1_x", to="15550100001", outbound=outbound, facts={"media:f": "<ID>"}), MAIN
    )
    assert isinstance(request, HttpRequest)
    found: dict[str, Any] = json.loads(request.body)
    return found


A = (Parameter(name="a", value="b"),)
OURS = [
    (kind, Outbound(kind=kind, text=caption, attachment=Attachment(kind=kind, url=url, path=path), reply_to=reply))
    for kind, caption in (("image", ""), ("video", "c"), ("audio", ""), ("document", "c"), ("sticker", ""))
    for url, path in (("https://x.test/f", ""), ("", "f"))
    for reply in ("", "wamid.0")
]
OURS += [("text", Outbound(text="hello", reply_to=reply, kind="text", key="")) for reply in ("", "wamid.0")]
OURS += [
    ("interactive.button", Outbound(kind="buttons", text="t", choices=(Choice(id="a", title="A"),))),
    ("interactive.list", Outbound(kind="list", text="t", button="b", choices=(Choice(id="a", title="A"),))),
    ("location", Outbound(kind="location", place={"latitude": 1.5, "longitude": 2.5, "name": "n", "address": "a"})),
    ("template", Outbound(kind="template", template=Filled(name="n", language="en_US", body=A, header=A))),
    (
        "template",
        Outbound(
            kind="template",
            attachment=Attachment(kind="image", url="https://x.test/f"),
            visit=3,
            template=Filled(
                name="n", language="en_US", body=A, buttons=(FilledButton(kind="quick_reply", id="continue"),)
            ),
        ),
    ),
]


def shape(value: Any) -> Any:
    """Names and types, not values; of a list the shapes that occur in it."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def covers(published: Any, ours: Any) -> bool:
    """All that we send occurs at the same place, with the same type, in what is published."""
    if isinstance(ours, dict):
        return isinstance(published, dict) and all(
            name in published and covers(published[name], item) for name, item in ours.items()
        )
    if isinstance(ours, list):
        return isinstance(published, list) and all(any(covers(each, item) for each in published) for item in ours)
    return bool(published == ours)


def kind_of(body: dict[str, Any]) -> str:
    kind = body.get("type", "text")
    return f"{kind}.{body[kind]['type']}" if kind == "interactive" else str(kind)


@pytest.mark.parametrize(("kind", "outbound"), OURS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_we_send_has_a_published_shape(kind: str, outbound: Outbound) -> None:
    ours = shape(sent_body(outbound))
    assert ours.pop("biz_opaque_callback_data") == "str"
    published = [
        shape(body)
        for file, _ in index("send")
        if "/req-" in file and kind_of(body := json.loads((ROOT / file).read_bytes())) == kind
    ]
    assert any(covers(body, ours) for body in published), ours


def test_mark_read_is_the_published_one() -> None:
    published = json.loads((ROOT / "cloud-api/send/req-send-typing-indicator-and-read-receipt.json").read_bytes())
    request = cloud_api.build_mark_read(published["message_id"], MAIN, typing=True)
    assert request is not None and json.loads(request.body) == published


@pytest.mark.parametrize(("file", "expect"), [pair for pair in index("send") if "http" in pair[1]])
def test_an_answer_is_read_as_the_index_says(file: str, expect: dict[str, Any]) -> None:
    found = cloud_api.read_send(HttpResponse(status=expect["http"], body=(ROOT / file).read_bytes()))
    if "code" in expect:
        assert isinstance(found, Refused) and found.code == expect["code"]
        assert (found.kind in ("slow", "retry")) is (expect.get("retryable", expect["code"] in (613, 131053)))
    elif expect["id"]:
        assert isinstance(found, Sent) and found.provider_id == expect["id"]
    else:
        assert isinstance(found, Refused)  # the answer of mark-read names no message


def test_signature_vectors() -> None:
    for vector in json.loads((ROOT / "cloud-api/verify/signature-vectors.json").read_bytes()):
        channel = Channel(account="a", name="m", gateway="cloud_api", options={"app_secret": vector["secret"]})
        raw = vector["raw"].encode()
        request = WebhookRequest(method="POST", path="/", headers={"x-hub-signature-256": vector["header"]}, body=raw)
        if vector["valid"]:
            assert hmac.new(vector["secret"].encode(), raw, hashlib.sha256).hexdigest() in vector["header"]
            cloud_api.verify(request, channel)
        else:
            with pytest.raises(SignatureError):
                cloud_api.verify(request, channel)


def test_handshake() -> None:
    for case in json.loads((ROOT / "cloud-api/verify/handshake.json").read_bytes()):
        channel = Channel(account="a", name="m", gateway="cloud_api", options={"verify_token": case["token"]})
        request = WebhookRequest(method="GET", path="/", query=dict(parse_qsl(case["query"])))
        assert cloud_api.challenge(request, channel) == case.get("body")
