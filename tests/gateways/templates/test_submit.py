"""A template handed in: what each provider is sent, and what is not even tried. Never with a live one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from flowbot.engine.filling import fill
from flowbot.gateways import GATEWAYS
from flowbot.gateways.templates import DESKS, meta
from flowbot.gateways.templates.twilio import content
from flowbot.gateways.twilio_content import template_variables
from flowbot.library.templates import read_templates
from flowbot.library.yaml import read_yaml
from flowbot.model.gateway import Refused
from flowbot.model.submission import HandedIn, Sample, Submission
from flowbot.model.template import Approval, Template

from .talking import channel, form, json, ok, talk

FULL = """
category: marketing
topic: offers
examples: {name: Ana, order: A-1, coupon: X1}
languages:
  es:
    header: "Pedido {{ order }}"
    body: "Hola {{ name }}, tu pedido {{ order }} salió, {{ name }}."
    footer: Escribe ALTO para no saber más
    continue: Verlo
    cancel: Ahora no
    buttons:
      - {url: "https://shop.example/o/{{ order }}", text: Abrir}
      - {phone: "+573001112233", text: Llamar}
      - {copy_code: "{{ coupon }}"}
"""
PHOTO = """
category: utility
examples: {name: Ana}
languages:
  en: {header: {image: promo/a.jpg}, body: "Hello {{ name }}, look.", buttons: [{quick_reply: ok, text: Fine}]}
"""
CODE = "category: authentication\nlanguages: {en: {expires: 10m}}\n"
PLAIN = "category: utility\nexamples: {name: Ana}\nlanguages: {en: {body: 'Hello {{ name }}, hi.'}}\n"
SAMPLE = Sample(name="a.jpg", mime="image/jpeg", content=b"\xff\xd8photo", link="https://bot.example/media/a.jpg")


def template(text: str) -> Template:
    found, problems = read_templates({"left": read_yaml("content/templates/left.yaml", text.encode())})
    assert not [one for one in problems if one.level == "error"], problems
    return found["left"]


def given(text: str, known: Approval | None = None, sample: Sample | None = SAMPLE) -> Submission:
    made = template(text)
    return Submission(template=made, wording=next(iter(made.wordings.values())), known=known, sample=sample)


def known(status: str) -> Approval:
    return Approval(name="left", language="es", status=status, provider_id="501")


def test_every_gateway_whose_templates_are_approved_takes_them() -> None:
    assert set(DESKS) == set(GATEWAYS) - {"simulator", "http"}


def test_all_parts_as_meta_wants_them() -> None:
    """R009: in the shape of Meta's own examples."""
    created = ok({"id": "1689556908129832", "status": "PENDING", "category": "UTILITY"})
    found, (asked,) = talk(DESKS["cloud_api"].submit(given(FULL), channel("cloud_api")), created)
    assert found == HandedIn(what="created", status="PENDING", provider_id="1689556908129832", category="utility")
    assert (asked.method, asked.url) == ("POST", "https://graph.facebook.com/v23.0/8001/message_templates")
    assert asked.headers["authorization"] == "Bearer t"
    assert json(asked) == {
        "name": "left",
        "language": "es",
        "category": "MARKETING",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}", "example": {"header_text": ["A-1"]}},
            {
                "type": "BODY",
                "text": "Hola {{1}}, tu pedido {{2}} salió, {{3}}.",
                "example": {"body_text": [["Ana", "A-1", "Ana"]]},
            },
            {"type": "FOOTER", "text": "Escribe ALTO para no saber más"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Verlo"},
                    {"type": "QUICK_REPLY", "text": "Ahora no"},
                    {"type": "URL", "text": "Abrir", "url": "https://shop.example/o/{{1}}", "example": ["A-1"]},
                    {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+573001112233"},
                    {"type": "COPY_CODE", "example": "X1"},
                ],
            },
        ],
    }


def test_named_variables_keep_their_names() -> None:
    made = template(FULL.replace("topic: offers", "topic: offers\nparameters: named"))
    body = meta.body(made, made.wordings["es"])
    assert body["parameter_format"] == "NAMED"
    assert body["components"][1] == {
        "type": "BODY",
        "text": "Hola {{name}}, tu pedido {{order}} salió, {{name}}.",
        "example": {
            "body_text_named_params": [
                {"param_name": "name", "example": "Ana"},
                {"param_name": "order", "example": "A-1"},
            ]
        },
    }


def test_an_authentication_template_says_only_what_is_open() -> None:
    made = template(CODE)
    assert meta.components(made, made.wordings["en"]) == [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 10},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}]},
    ]


def test_a_sample_goes_up_to_meta_first() -> None:
    answers = ok({"id": "upload:MTph?sig=x"}), ok({"h": "4::aW1h"}), ok({"id": "502", "status": "PENDING"})
    found, (session, upload, create) = talk(DESKS["cloud_api"].submit(given(PHOTO), channel("cloud_api")), *answers)
    assert isinstance(found, HandedIn) and found.provider_id == "502"
    assert session.url.endswith("/v23.0/9001/uploads")
    assert session.query == {"file_name": "a.jpg", "file_length": "7", "file_type": "image/jpeg"}
    assert upload.url.endswith("/v23.0/upload:MTph?sig=x") and upload.body == SAMPLE.content
    assert (upload.headers["authorization"], upload.headers["file_offset"]) == ("OAuth t", "0")
    header = json(create)["components"][0]
    assert header == {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1h"]}}


@pytest.mark.parametrize(("status", "with_category"), [("APPROVED", False), ("REJECTED", True), ("PAUSED", True)])
def test_what_meta_has_is_edited_in_its_place(status: str, with_category: bool) -> None:
    found, (asked,) = talk(
        DESKS["cloud_api"].submit(given(FULL, known(status)), channel("cloud_api")), ok({"success": True})
    )
    assert found == HandedIn(what="edited", provider_id="501")
    assert asked.url == "https://graph.facebook.com/v23.0/501"
    assert set(json(asked)) == {"components", *({"category"} if with_category else ())}


@pytest.mark.parametrize(
    ("gateway", "options", "text", "approval", "sample", "code"),
    [
        ("cloud_api", {"waba_id": ""}, FULL, None, None, "no_waba_id"),
        ("cloud_api", {}, FULL, known("PENDING"), None, "pending"),
        ("cloud_api", {}, PHOTO, None, None, "no_sample"),
        ("cloud_api", {"app_id": ""}, PHOTO, None, SAMPLE, "no_app_id"),
        ("dialog360", {}, FULL, known("APPROVED"), None, "no_edits"),
        ("dialog360", {}, PHOTO, None, None, "no_sample"),
        ("twilio", {}, FULL, known("REJECTED"), None, "no_edits"),
        ("twilio", {}, PHOTO, None, replace(SAMPLE, link=""), "no_sample"),
        ("gupshup", {"app_token": ""}, FULL, None, None, "no_app_token"),
        ("gupshup", {}, FULL, known("PENDING"), None, "pending"),
        ("gupshup", {}, PHOTO, None, None, "no_sample"),
        ("blip", {}, FULL, known("APPROVED"), None, "no_edits"),
        ("blip", {}, PHOTO, None, None, "no_sample"),
    ],
)
def test_what_cannot_be_is_not_tried(
    gateway: str, options: dict[str, str], text: str, approval: Any, sample: Any, code: str
) -> None:
    submission = given(text, approval, sample)
    found, asked = talk(DESKS[gateway].submit(submission, channel(gateway, **options)))
    assert isinstance(found, Refused) and (found.code, asked) == (code, []) and found.title


def test_meta_says_why_not_in_words_for_people() -> None:
    error = {
        "message": "Invalid parameter",
        "code": 100,
        "error_subcode": 2388023,
        "error_user_title": "Message Language Is Being Deleted",
        "error_user_msg": "New Spanish content can't be added while the existing one is being deleted.",
    }
    found, _ = talk(DESKS["cloud_api"].submit(given(FULL), channel("cloud_api")), ok({"error": error}, 400))
    assert isinstance(found, Refused) and (found.kind, found.code) == ("perm", 2388023)
    assert found.title.startswith("Message Language Is Being Deleted: New Spanish content")


def test_360dialog_takes_the_same_body_by_its_key() -> None:
    answer = ok({"id": "t1", "name": "left", "status": "submitted", "category": "MARKETING"}, 201)
    found, (asked,) = talk(DESKS["dialog360"].submit(given(PHOTO), channel("dialog360")), answer)
    assert found == HandedIn(what="created", status="PENDING", provider_id="t1", category="marketing")
    assert asked.url == "https://waba-v2.360dialog.io/v1/configs/templates" and asked.headers["d360-api-key"] == "k"
    assert json(asked)["components"][0]["example"] == {"header_handle": [SAMPLE.link]}


def test_twilio_makes_a_content_and_asks_for_its_approval() -> None:
    answers = ok({"sid": "HX1"}, 201), ok({"status": "received", "name": "left", "category": "MARKETING"}, 201)
    found, (make, ask) = talk(DESKS["twilio"].submit(given(FULL), channel("twilio")), *answers)
    assert found == HandedIn(what="created", status="PENDING", provider_id="HX1", category="marketing")
    assert make.url == "https://content.twilio.com/v1/Content"
    assert ask.url == "https://content.twilio.com/v1/Content/HX1/ApprovalRequests/whatsapp"
    assert json(ask) == {"name": "left", "category": "MARKETING"}
    assert json(make)["types"] == {
        "whatsapp/card": {
            "header_text": "Pedido {{1}}",
            "body": "Hola {{2}}, tu pedido {{3}} salió, {{4}}.",
            "footer": "Escribe ALTO para no saber más",
            "actions": [
                {"type": "QUICK_REPLY", "title": "Verlo", "id": "{{7}}"},
                {"type": "QUICK_REPLY", "title": "Ahora no", "id": "{{8}}"},
                {"type": "URL", "title": "Abrir", "url": "https://shop.example/o/{{5}}"},
                {"type": "PHONE_NUMBER", "title": "Llamar", "phone": "+573001112233"},
                {"type": "COPY_CODE", "title": "Copy code", "code": "{{6}}"},
            ],
        }
    }


@pytest.mark.parametrize("text", [FULL, PHOTO, CODE, PLAIN], ids=["full", "photo", "code", "plain"])
def test_a_send_fills_the_numbers_that_twilio_was_given(text: str) -> None:
    """Filled with its examples, a message is what WhatsApp was shown: only a button's own id says more."""
    submission = given(text)
    shown = content(submission)["variables"]
    values = {**submission.wording.examples, "media_url": SAMPLE.link}
    wanted = {name: values[name] for name in submission.wording.variables}
    outbound = fill(submission.template, submission.wording, wanted)
    sent = template_variables(outbound, SAMPLE.link if outbound.attachment else "")
    assert list(sent) == list(shown)
    assert [value for value in sent.values() if "." not in value] == [
        shown[number] for number, value in sent.items() if "." not in value
    ]


def test_gupshup_takes_a_form_with_metas_buttons() -> None:
    answer = ok({"status": "success", "template": {"id": "u1", "status": "PENDING", "category": "MARKETING"}})
    found, (asked,) = talk(DESKS["gupshup"].submit(given(FULL), channel("gupshup")), answer)
    assert found == HandedIn(what="created", status="PENDING", provider_id="u1", category="marketing")
    assert (asked.method, asked.url) == ("POST", "https://partner.gupshup.io/partner/app/a1/templates")
    fields = form(asked)
    assert fields["content"] == "Hola {{1}}, tu pedido {{2}} salió, {{3}}."
    assert fields["example"] == "Hola Ana, tu pedido A-1 salió, Ana."
    assert (fields["elementName"], fields["languageCode"], fields["templateType"]) == ("left", "es", "TEXT")
    assert (fields["header"], fields["exampleHeader"]) == ("Pedido {{1}}", "Pedido A-1")
    assert orjson.loads(fields["buttons"])[2]["url"] == "https://shop.example/o/{{1}}"


def test_gupshup_edits_and_shows_a_file() -> None:
    answers = ok({"status": "success", "handleId": {"message": "4::x"}}), ok({"status": "success"})
    submission = given(PHOTO, known("REJECTED"))
    found, (upload, edit) = talk(DESKS["gupshup"].submit(submission, channel("gupshup")), *answers)
    assert found == HandedIn(what="edited", provider_id="501")
    assert upload.url.endswith("/partner/app/a1/upload/media") and SAMPLE.content in upload.body
    assert (edit.method, edit.url.rpartition("/")[2], form(edit)["exampleMedia"]) == ("PUT", "501", "4::x")


def test_blip_wraps_metas_body_into_a_command() -> None:
    answer = ok({"method": "set", "status": "success", "resource": {"id": "9", "status": "PENDING"}})
    found, (asked,) = talk(DESKS["blip"].submit(given(FULL), channel("blip")), answer)
    assert isinstance(found, HandedIn) and found.provider_id == "9"
    sent = json(asked)
    assert asked.url == "https://acme.http.msging.net/commands" and asked.headers["authorization"] == "Key b"
    assert (sent["to"], sent["method"], sent["uri"]) == ("postmaster@wa.gw.msging.net", "set", "/message-templates")
    assert sent["resource"]["category"] == "MARKETING"
    failure = ok({"method": "set", "status": "failure", "reason": {"code": 61, "description": "Invalid name"}})
    found, _ = talk(DESKS["blip"].submit(given(FULL), channel("blip")), failure)
    assert isinstance(found, Refused) and (found.code, found.title) == (61, "Invalid name")
