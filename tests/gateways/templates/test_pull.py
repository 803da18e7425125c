"""The list of all templates, page by page, in each provider's words."""

from __future__ import annotations

import json as stdlib
from pathlib import Path
from typing import Any

import pytest

from flowbot.gateways.templates import DESKS
from flowbot.model.gateway import Refused
from flowbot.model.template import Approval
from tests.gateways.corpus import ABSENT, HERE, ROOT

from .talking import channel, json, ok, talk

INVITE = Approval(
    name="invite", language="pt_BR", status="REJECTED", reason="INVALID_FORMAT", provider_id="1", category="utility"
)
GONE = Approval(name="bye", language="en", status="APPROVED", provider_id="2", category="marketing", quality="green")
META: list[dict[str, Any]] = [
    {
        "id": "1",
        "name": "invite",
        "language": "pt_BR",
        "status": "REJECTED",
        "category": "UTILITY",
        "rejected_reason": "INVALID_FORMAT",
        "quality_score": {"score": "UNKNOWN"},
    },
    {
        "id": "2",
        "name": "bye",
        "language": "en",
        "status": "APPROVED",
        "category": "MARKETING",
        "rejected_reason": "NONE",
        "quality_score": {"score": "GREEN"},
    },
]


def test_meta_is_followed_to_its_last_page() -> None:
    first = {"data": META[:1], "paging": {"cursors": {"after": "MjQ"}, "next": "https://graph.facebook.com/x"}}
    last = {"data": META[1:], "paging": {"cursors": {"after": "end"}}}
    found, (one, two) = talk(DESKS["cloud_api"].pull(channel("cloud_api")), ok(first), ok(last))
    assert found == [INVITE, GONE]
    assert one.url == two.url == "https://graph.facebook.com/v23.0/8001/message_templates"
    assert "after" not in one.query and two.query["after"] == "MjQ" and "rejected_reason" in two.query["fields"]
    found, _ = talk(DESKS["cloud_api"].pull(channel("cloud_api", waba_id="")))
    assert isinstance(found, Refused) and found.code == "no_waba_id"


def test_360dialog_is_counted_through() -> None:
    many = [{**META[1], "name": f"t{number}"} for number in range(500)]
    pages = ok({"waba_templates": many, "total": 501}), ok({"waba_templates": META[:1], "total": 501})
    found, (one, two) = talk(DESKS["dialog360"].pull(channel("dialog360")), *pages)
    assert len(found) == 501 and found[-1] == INVITE
    assert (one.query["offset"], two.query["offset"]) == ("0", "500")


def test_twilios_next_page_is_asked_of_twilio_itself() -> None:
    def content(sid: str, name: str, language: str, **asked: str) -> dict[str, Any]:
        return {"sid": sid, "friendly_name": "x", "language": language, "approval_requests": {"name": name, **asked}}

    first = {
        "contents": [
            content("2", "bye", "en", status="approved", category="MARKETING"),
            content("3", "bye", "en", status="unsubmitted"),
        ],
        "meta": {"next_page_url": "https://evil.example/v1/ContentAndApprovals?PageSize=500&PageToken=a"},
    }
    last = {
        "contents": [
            content("1", "invite", "pt_BR", status="rejected", category="UTILITY", rejection_reason="INVALID_FORMAT"),
            {"sid": "4", "friendly_name": "fresh", "language": "es"},
        ],
        "meta": {"next_page_url": None},
    }
    found, (_, two) = talk(DESKS["twilio"].pull(channel("twilio")), ok(first), ok(last))
    assert two.url == "https://content.twilio.com/v1/ContentAndApprovals?PageSize=500&PageToken=a"
    assert [(one.name, one.language, one.status, one.provider_id) for one in found] == [
        ("bye", "en", "APPROVED", "2"),
        ("invite", "pt_BR", "REJECTED", "1"),
        ("fresh", "es", "UNSUBMITTED", "4"),
    ]


def test_gupshup_and_blip() -> None:
    listed = [
        {
            "id": "1",
            "elementName": "invite",
            "languageCode": "pt_BR",
            "status": "REJECTED",
            "category": "UTILITY",
            "reason": "INVALID_FORMAT",
            "quality": "UNKNOWN",
        },
        {
            "id": "2",
            "elementName": "bye",
            "languageCode": "en",
            "status": "APPROVED",
            "category": "MARKETING",
            "quality": "GREEN",
        },
    ]
    found, (asked,) = talk(DESKS["gupshup"].pull(channel("gupshup")), ok({"status": "success", "templates": listed}))
    assert found == [INVITE, GONE] and asked.url == "https://api.gupshup.io/wa/app/a1/template"
    answer = ok({"method": "get", "status": "success", "resource": {"data": META}})
    found, (asked,) = talk(DESKS["blip"].pull(channel("blip")), answer)
    assert found == [INVITE, GONE] and json(asked)["uri"] == "/message-templates"


@pytest.mark.skipif(not HERE, reason=ABSENT + "Meta's own example of a list of templates")
def test_metas_own_example_of_a_list() -> None:
    """The answer that its API's description shows."""
    (file,) = (ROOT / "cloud-api" / "templates").glob("get-resp-200*")
    found, _ = talk(DESKS["cloud_api"].pull(channel("cloud_api")), ok(stdlib.loads(Path(file).read_text("utf-8"))))
    assert [(one.name, one.language, one.status) for one in found] == [
        ("hello_world", "en_US", "APPROVED"),
        ("2023_april_promo", "en_US", "APPROVED"),
    ]


@pytest.mark.parametrize("gateway", sorted(DESKS))
@pytest.mark.parametrize("body", [{}, {"data": 1, "templates": {}, "contents": 3, "resource": []}, [1], "x"])
@pytest.mark.parametrize("status", [200, 401, 500])
def test_whatever_comes_back_breaks_nothing(gateway: str, body: Any, status: int) -> None:
    steps = DESKS[gateway].pull(channel(gateway))
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send(ok(body, status))
    found = done.value.value
    assert isinstance(found, Refused) or (status == 200 and found == [])
