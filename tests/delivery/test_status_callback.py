"""R140: a status called back as Twilio does it; our own reader of Twilio's callbacks verifies and reads it."""

from __future__ import annotations

import pytest

from flowbot.errors import SignatureError
from flowbot.gateways import twilio
from flowbot.hooks.deliver import build
from flowbot.library.project import read_project
from flowbot.library.yaml import read_yaml
from flowbot.model.gateway import WebhookRequest
from flowbot.model.hook import Hook
from flowbot.model.project import Channel, Endpoint

URL = "https://platform.example/crm/acme/status"
ENDPOINT = Endpoint(account="acme", name="platform", url=URL, secret="token", format="twilio")


def hook(kind: str, **more: str) -> Hook:
    data = {"message_id": "ms_1_x", "account": "acme", "channel": "main", "status": kind.partition(".")[2], **more}
    return Hook(id="mf_ms_1_x", type=kind, account="acme", contact_id="c1", at=1, data=data)


def line(token: str = "token") -> Channel:
    return Channel(account="acme", name="main", gateway="twilio", webhook=URL, options={"auth_token": token})


def test_its_reader_verifies_and_reads_it() -> None:
    made = build(hook("message.failed", code="63016", reason="the window, it's closed"), "dl_1_x", ENDPOINT, now=1000)
    request = WebhookRequest(method="POST", path="", headers=dict(made.headers), body=made.body)
    twilio.verify(request, line())
    with pytest.raises(SignatureError):
        twilio.verify(request, line("another"))
    (routed,) = twilio.parse(request, line())
    receipt = routed.item
    assert (receipt.provider_id, receipt.status) == ("ms_1_x", "failed")
    assert b"AccountSid=acme" in made.body and b"ErrorCode=63016" in made.body
    assert made.headers["webhook-id"] == "dl_1_x"


def test_what_tells_of_no_status_is_what_it_always_was() -> None:
    made = build(hook("process.failed"), "dl_1_x", ENDPOINT, now=1000)
    assert made.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("events", "wrong"),
    [("[message.sent, message.failed]", 0), ("[message.read, process.failed]", 1), ("[message.*]", 1), ("[]", 1)],
)
def test_it_is_for_the_statuses_of_messages_alone(events: str, wrong: int) -> None:
    one = f'{{name: p, url: "{URL}", secret: "${{env:HOOK}}", events: {events}, format: twilio}}'
    text = f"accounts:\n  acme:\n    channels: {{main: {{gateway: simulator}}}}\n    endpoints: [{one}]\n"
    source = read_yaml("flowbot.yaml", text.encode()).source
    assert source is not None
    problems = read_project(source, {"HOOK": "h"})[1]
    assert [problem.code for problem in problems] == ["P103"] * wrong, problems
