"""The sender over each gateway, with a stand-in for its provider on a socket: what it asks first, what it sends."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from flowbot.model import event, ids
from flowbot.model.inbound import Receipt
from flowbot.model.outbound import Attachment, Choice, Outbound, OutboxEntry
from flowbot.model.project import Account, Project
from flowbot.model.template import Filled
from flowbot.sender.parts import Timing
from flowbot.store import inbox, leases, reads, receipts
from flowbot.store.reads import Read
from tests.listening import Listening


class StandIn(Listening):
    """Notes each request and answers as it is told: `answer(method, path, body) -> (status, JSON)`."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.asked = []  # (method, path, headers, body)

    async def request(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        method, path, _ = first.split(" ")
        self.asked.append((method, path, headers, body))
        status, found = self.answer(method, path, body)
        raw = json.dumps(found).encode()
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(raw)) + raw)
        await writer.drain()
        return True

    def sent(self, path):
        """The bodies of the requests to a path."""
        return [body for _, asked, _, body in self.asked if asked == path]


@pytest.fixture
def play(store, store_url):
    """`play(gateway, answer, scene, **channel)` runs the scene with a sender over a stand-in."""
    from .conftest import Stage

    def run(gateway, answer, scene, *, path="", **channel):
        async def all_of_it():
            async with StandIn(answer) as provider:
                base = provider.url
                provider.url += path
                async with Stage(store, store_url, provider, gateway=gateway, **channel) as stage:
                    provider.url = base
                    await scene(stage, provider)

        asyncio.run(all_of_it())

    return run


def message(number, outbound, contact="c1", to="15550100001", **more):
    return OutboxEntry(
        id=f"ms_3_{number}",
        account="acme",
        channel="main",
        contact_id=contact,
        to=to,
        outbound=outbound,
        **more,
    )


YES_NO = (Choice(id="yes", title="Yes"), Choice(id="no", title="No"))


def test_dialog360(play):
    def answer(method, path, body):
        return 200, {"messages": [{"id": "wamid.1"}]}

    async def scene(stage, provider):
        await stage.push(message(1, Outbound(kind="buttons", text="Go?", choices=YES_NO, visit=7)))
        await stage.settled(1, "sent")
        ((method, path, headers, body),) = provider.asked
        assert (method, path, headers["d360-api-key"]) == ("POST", "/messages", "K")
        assert json.loads(body)["biz_opaque_callback_data"] == "ms_3_1"
        assert (await stage.record(1))["provider_id"] == "wamid.1"

    play("dialog360", answer, scene, options={"api_key": "K", "secret": "S"})


def test_gupshup(play):
    def answer(method, path, body):
        return 202, {"status": "submitted", "messageId": "gs1"}

    async def scene(stage, provider):
        await stage.push(message(1, Outbound(kind="buttons", text="Go?", choices=YES_NO, visit=7)))
        await stage.settled(1, "sent")
        ((method, path, headers, body),) = provider.asked
        assert (method, path, headers["apikey"]) == ("POST", "/wa/api/v1/msg", "K")
        fields = dict(parse_qsl(body))
        assert json.loads(fields["message"])["options"][0] == {"type": "text", "title": "Yes", "postbackText": "v7.yes"}
        assert (await stage.record(1))["provider_id"] == "gs1"

    options = {"app_name": "Shop", "api_key": "K", "secret": "S"}
    play("gupshup", answer, scene, options=options, number="+15550199001")


def test_gupshups_lost_answer_is_cleared_up_by_the_recipient(play, store):
    """Nothing of ours comes back from Gupshup: the one message on its way to a contact is the one that is told of."""

    def answer(method, path, body):
        return 500, None

    contact = next(f"c{n}" for n in range(100) if ids.partition_of(f"c{n}", store.partitions) == 3)

    async def scene(stage, provider):
        await stage.push(message(1, Outbound(text="Hi"), contact))
        await stage.until(lambda: provider.asked)
        for word in ("enqueued", "delivered"):
            receipt = Receipt(provider_id="gs1", status=word, at=int(time.time() * 1000))
            receipts.settle(store, "acme/main", [receipt])
            receipts.guess(store, "acme/main", [(receipt, contact)])

        async def told():
            return "delivered_at" in await stage.record(1)

        await stage.until(told)
        record = await stage.record(1)
        assert (record["state"], record["provider_id"], record["attempt"]) == ("sent", "gs1", "1")

    options = {"app_name": "Shop", "api_key": "K", "secret": "S"}
    timing = Timing(deadline=400, reply_grace=5000, poll=50)
    play("gupshup", answer, scene, options=options, number="+15550199001", timing=timing)


BLIP = {"options": {"bot_key": "K", "secret": "S"}}


def test_blip_checks_a_number_once_before_the_business_writes(play):
    checks = []

    def answer(method, path, body):
        if path != "/commands":
            return 202, {}
        checks.append(json.loads(body)["uri"])
        if checks[-1].endswith("2"):
            return 200, {"status": "failure", "reason": {"code": 67}}
        return 200, {"status": "success", "resource": {"identity": "553188887777@wa.gw.msging.net"}}

    async def scene(stage, provider):
        for number, contact, to, purpose in (
            (1, "c1", "5531988887771", "business"),
            (2, "c1", "5531988887771", "business"),
            (3, "c2", "5531988887772", "business"),
            (4, "c3", "ecb9@tunnel.msging.net", "reply"),
        ):
            await stage.push(message(number, Outbound(text="Oi"), contact, to, purpose=purpose))
        await stage.settled(2, "sent")
        await stage.settled(3, "failed")
        await stage.settled(4, "sent")
        assert sorted(checks) == [f"lime://wa.gw.msging.net/accounts/+553198888777{n}" for n in (1, 2)]
        sent = {one["id"]: one["to"] for one in map(json.loads, provider.sent("/messages"))}
        assert sent == {
            "ms_3_1": "553188887777@wa.gw.msging.net",
            "ms_3_2": "553188887777@wa.gw.msging.net",
            "ms_3_4": "ecb9@tunnel.msging.net",
        }
        assert (await stage.record(4))["provider_id"] == "ms_3_4"  # Blip calls a message by our id

    play("blip", answer, scene, **BLIP)


def told_of(store, partition=3):
    """What the contacts' inboxes got from the sender: contact, what, topic, code."""
    epoch = store.run(leases.take("w", partition, "t#1", 60_000))
    taken = store.run(inbox.take(partition, "t#1", epoch, 100))
    found = [(entry.contact_id, event.from_bytes(entry.event)) for entry in taken.entries]
    assert all(said.to.number.startswith("1555010000") for _, said in found), "who is not known yet becomes known"
    return sorted((contact, said.what, said.topic, said.code) for contact, said in found)


META = {"access_token": "t", "phone_number_id": "1"}
SAID = {  # what each provider answers to a send, by the last digit of the number
    "cloud_api": (META, {"1": (400, {"error": {"code": 131026}}), "2": (400, {"error": {"code": 131050}})}),
    "dialog360": ({"api_key": "K", "secret": "S"}, {"2": (400, {"error": {"code": 131050}})}),
    "gupshup": (
        {"app_name": "Shop", "api_key": "K", "secret": "S"},
        {"1": (400, {"status": "error", "code": 1002}), "3": (400, {"status": "error", "code": 1012})},
    ),
    "twilio": (
        {"account_sid": "AC1", "auth_token": "T"},
        {"1": (400, {"code": 63003}), "3": (400, {"code": 21610}), "4": (400, {"code": 63015})},
    ),
    "blip": (
        {"bot_key": "K", "secret": "S"},
        {"1": (200, {"status": "failure", "reason": {"code": 67}}), "": (200, {"status": "success", "resource": {}})},
    ),
    "http": ({"secret": "S"}, {"1": (422, {"error": "perm-user", "code": "gone"})}),
}
MEANT = {  # the same for the contacts
    "cloud_api": [("c2", "stopped", "marketing", "131050")],
    "dialog360": [("c2", "stopped", "marketing", "131050")],
    "gupshup": [("c1", "unreachable", "all", "1002"), ("c3", "stopped", "all", "1012")],
    "twilio": [("c1", "unreachable", "all", "63003"), ("c3", "stopped", "all", "21610")],
    "blip": [("c1", "unreachable", "all", "67")],
    "http": [("c1", "unreachable", "all", "gone")],
}


@pytest.mark.parametrize("gateway", sorted(SAID))
def test_what_a_refusal_says_of_the_contact_reaches_its_inbox(play, store, gateway):
    """R089: not on WhatsApp, or wants nothing any more; one 131026 is no proof, and a sandbox not joined is none."""
    options, answers = SAID[gateway]
    numbers = sorted(number for number in answers if number)

    def answer(method, path, body):
        return next(answers[number] for number in numbers if f"1555010000{number}" in body)

    async def scene(stage, provider):
        for number in numbers:
            letter = message(number, Outbound(text="Hi"), f"c{number}", f"1555010000{number}", purpose="business")
            await stage.push(letter)
        for number in numbers:
            await stage.settled(number, "failed")
        if MEANT[gateway]:
            await stage.until(lambda: store.run(inbox.peek(3)).waiting == len(MEANT[gateway]))
        assert told_of(store) == MEANT[gateway]

    play(gateway, answer, scene, options=options, number="+15550199001")


def test_the_third_doubt_is_enough(play, store):
    """R089: Meta's 131026 is said of people with an old app too."""

    def answer(method, path, body):
        return 400, {"error": {"code": 131026}}

    async def scene(stage, provider):
        for number in range(1, 4):
            assert store.run(inbox.peek(3)).waiting == 0
            await stage.push(message(number, Outbound(text="Hi"), purpose="business"))
            await stage.settled(number, "failed")
        await stage.until(lambda: store.run(inbox.peek(3)).waiting == 1)
        assert told_of(store) == [("c1", "unreachable", "all", "131026")]

    play("cloud_api", answer, scene, options=META)


def test_blip_hears_of_each_message_that_was_processed(play):
    def answer(method, path, body):
        return 202, {}

    async def scene(stage, provider):
        found = [Read("acme/main", f"wamid.{n}", "ecb9@tunnel.msging.net") for n in range(3)]
        await stage.astore.run(reads.push(3, [*found, Read("acme/gone", "wamid.9", "x@y")]))
        await stage.until(lambda: len(provider.asked) == 3)
        told = [json.loads(body) for body in provider.sent("/notifications")]
        assert sorted(one["id"] for one in told) == ["wamid.0", "wamid.1", "wamid.2"]
        assert {(one["to"], one["event"]) for one in told} == {("ecb9@tunnel.msging.net", "consumed")}
        assert await stage.astore.run(reads.take(3)) == []

    play("blip", answer, scene, **BLIP)


TWILIO = {"options": {"account_sid": "AC1", "auth_token": "T"}, "path": "/2010-04-01", "number": "+15550199001"}
MESSAGES = "/2010-04-01/Accounts/AC1/Messages.json"


def test_twilio_makes_a_content_once_for_its_shape(play):
    def answer(method, path, body):
        return (201, {"sid": "HX1"}) if path == "/v1/Content" else (201, {"sid": "SM1", "status": "queued"})

    async def scene(stage, provider):
        for number in range(4):
            outbound = Outbound(kind="buttons", text=f"Go {number}?", choices=YES_NO, visit=number)
            await stage.push(message(number, outbound, f"c{number}"))
        for number in range(4):
            await stage.settled(number, "sent")
        assert len(provider.sent("/v1/Content")) == 1
        sent = [dict(parse_qsl(body)) for body in provider.sent(MESSAGES)]
        assert {fields["ContentSid"] for fields in sent} == {"HX1"}
        texts = {json.loads(fields["ContentVariables"])["1"] for fields in sent}
        assert texts == {f"Go {number}?" for number in range(4)}

    play("twilio", answer, scene, **TWILIO)


def test_twilio_looks_through_all_pages_for_a_template(play):
    """The list is answered a page at a time; where the next one lies is asked at the host that we know."""
    pages = {
        "/v1/ContentAndApprovals?PageSize=500": (
            "other",
            "https://evil.test/v1/ContentAndApprovals?PageSize=500&Page=1",
        ),
        "/v1/ContentAndApprovals?PageSize=500&Page=1": ("another", "https://content.twilio.com/x?PageSize=500&Page=2"),
        "/v1/ContentAndApprovals?PageSize=500&Page=2": ("news", None),
    }

    def answer(method, path, body):
        if path not in pages:
            return 201, {"sid": "SM1"}
        name, following = pages[path]
        content = {"sid": f"HX{name}", "friendly_name": name, "language": "en"}
        return 200, {"contents": [content], "meta": {"next_page_url": following}}

    async def scene(stage, provider):
        letter = Outbound(kind="template", template=Filled(name="news", language="en"))
        missing = Outbound(kind="template", template=Filled(name="none", language="en"))
        await stage.push(message(1, letter, "c1"), message(2, missing, "c2"))
        await stage.settled(1, "sent")
        await stage.settled(2, "failed")
        assert (await stage.record(2))["code"] == "no_template"
        (sent,) = provider.sent(MESSAGES)
        assert dict(parse_qsl(sent))["ContentSid"] == "HXnews"

    play("twilio", answer, scene, **TWILIO)


def test_twilio_a_content_that_was_deleted_is_made_again(play):
    made = []

    def answer(method, path, body):
        if path == "/v1/Content":
            made.append(path)
            return 201, {"sid": f"HX{len(made)}"}
        if "HX1" in body:
            return 400, {"code": 21655, "message": "gone"}
        return 201, {"sid": "SM1"}

    async def scene(stage, provider):
        await stage.push(message(1, Outbound(kind="buttons", text="Go?", choices=YES_NO)))
        await stage.settled(1, "sent")
        assert len(made) == 2

    play("twilio", answer, scene, **TWILIO)


def test_a_sandbox_writes_to_who_wrote_or_is_listed(play):
    """R095"""

    def answer(method, path, body):
        return 201, {"sid": "SM1"}

    async def scene(stage, provider):
        for number, to, purpose in (
            (1, "15550100001", "business"),
            (2, "15550100002", "business"),
            (3, "15550100003", "reply"),
            (4, "551187654321", "business"),
        ):
            await stage.push(message(number, Outbound(text="Hi"), f"c{number}", to, purpose=purpose))
        for number, state in ((1, "sent"), (2, "failed"), (3, "sent"), (4, "sent")):
            await stage.settled(number, state)
        assert (await stage.record(2))["code"] == "sandbox"
        assert len(provider.sent(MESSAGES)) == 3

    listed = ("15550100001", "5511987654321")
    play("twilio", answer, scene, environment="sandbox", recipients=listed, **TWILIO)


def test_twilio_fetches_a_file_of_ours_by_a_link(play, tmp_path):
    (tmp_path / "content" / "media").mkdir(parents=True)
    (tmp_path / "content" / "media" / "a.jpg").write_bytes(b"\xff\xd8\xff")

    def answer(method, path, body):
        return 201, {"sid": "SM1"}

    async def scene(stage, provider):
        for number, file in ((1, "a.jpg"), (2, "../../secret.jpg"), (3, "missing.jpg")):
            outbound = Outbound(kind="image", attachment=Attachment(kind="image", path=file))
            await stage.push(message(number, outbound, f"c{number}"))
        await stage.settled(1, "sent")
        await stage.settled(2, "failed")
        await stage.settled(3, "failed")
        (fields,) = [dict(parse_qsl(body)) for body in provider.sent(MESSAGES)]
        assert fields["MediaUrl"] == "https://files.test/a.jpg"

    play("twilio", answer, scene, root=tmp_path, **TWILIO)


def test_each_tenant_sends_with_its_own_credentials_and_number(store, store_url, caplog):
    """R094: the account and channel of the message choose both; no secret of either is in a log line."""
    from .conftest import Stage

    def answer(method, path, body):
        return (500, None) if "LOST" in body else (201, {"sid": "SM1"})

    class Tenants(Stage):
        def project(self):
            accounts = {}
            for name, numbers in (("acme", ("1", "2")), ("beta", ("3",))):
                made = {}
                for n in numbers:
                    options = {"account_sid": f"AC{n}", "auth_token": f"hush-{n}"}
                    made[f"c{n}"] = replace(
                        self.channel, account=name, name=f"c{n}", number=f"+1555019900{n}", options=options
                    )
                accounts[name] = Account(name=name, channels=made)
            return Project(accounts=accounts, allow_private_urls=True)

    async def scene():
        async with StandIn(answer) as provider, Tenants(store, store_url, provider, gateway="twilio") as stage:
            for n, account, channel, text in ((1, "acme", "c1", "a"), (2, "acme", "c2", "b"), (3, "beta", "c3", "c")):
                await stage.push(replace(message(n, Outbound(text=text), f"p{n}"), account=account, channel=channel))
                await stage.settled(n, "sent")
            await stage.push(replace(message(4, Outbound(text="LOST"), "p4"), account="beta", channel="c3"))
            await stage.until(lambda: len(provider.asked) == 4)
            return provider.asked

    with caplog.at_level(logging.DEBUG):
        asked = asyncio.run(scene())
    for n, (_, path, headers, body) in enumerate(asked[:3], start=1):
        basic = base64.b64encode(f"AC{n}:hush-{n}".encode()).decode()
        assert (path, headers["authorization"]) == (f"/Accounts/AC{n}/Messages.json", f"Basic {basic}")
        assert dict(parse_qsl(body))["From"] == f"whatsapp:+1555019900{n}"
    for line in caplog.records:
        assert not any(secret in f"{line.getMessage()} {vars(line)}" for secret in ("hush", basic, "15550100001"))
