"""The simulator's pure parts: phone, bubbles, replay, inspector, files."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flowbot.errors import InvalidRequest, NotFound
from flowbot.gateways import simulator
from flowbot.library.load import load
from flowbot.model import codec, event
from flowbot.model.contact import Identity
from flowbot.model.event import (
    CallAnswered,
    ClockAdvanced,
    ConversationRequested,
    MessageReceived,
    OperatorActed,
    TimerFired,
)
from flowbot.model.gateway import WebhookRequest
from flowbot.model.inbound import Inbound, Media
from flowbot.model.outbound import Choice, Outbound
from flowbot.model.project import Channel
from flowbot.model.session import Process, Session
from flowbot.model.template import Filled, FilledButton
from flowbot.transcript.read import read
from flowbot.transcript.run import play
from flowbot.web.simulator import bubbles, inspector, phone, provider, replay, savetest, uploads
from tests.engine.talk import flow_of

CHANNEL = Channel(account="acme", name="try", gateway="simulator")
WHO = "0123456789abcdefghjk"
SAID: list[dict[str, Any]] = [
    {"kind": "text", "text": "hola"},
    {"kind": "tap", "tap": {"id": "v3.accept", "title": "Sí, acepto", "source": "button"}},
    {"kind": "location", "place": {"latitude": 4.5, "longitude": -74.25}},
    {"kind": "image", "media": {"id": "m1", "kind": "image", "mime": "image/png", "size": 9, "width": 4, "height": 3}},
]


def received(said: dict[str, Any]) -> Inbound:
    import orjson

    body = orjson.dumps(phone.message(WHO, said, 1_790_000_000_000))
    (routed,) = simulator.parse(WebhookRequest(method="POST", path="/", body=body), CHANNEL)
    assert isinstance(routed.item, Inbound)
    return routed.item


def recorded(said: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return "1-0", "in", {"at": 5, "event": event.to_plain(MessageReceived(inbound=received(said)))}


@pytest.mark.parametrize("said", SAID, ids=lambda said: said["kind"])
def test_what_was_done_once_can_be_done_again(said: dict[str, Any]) -> None:
    (again,) = replay.inputs_of([recorded(said)])
    first, second = received(said), received(again["said"])
    assert (first.kind, first.text, first.tap, first.place, first.media) == (
        second.kind,
        second.text,
        second.tap,
        second.place,
        second.media,
    )
    assert first.id != second.id


@pytest.mark.parametrize(("said", "text"), list(zip(SAID, ["hola", "Sí, acepto", "", ""], strict=True)), ids=str)
def test_it_shows_in_the_chat(said: dict[str, Any], text: str) -> None:
    (bubble,) = bubbles.bubbles([recorded(said)], {}, "/try/acme/identity/x")
    assert (bubble["side"], bubble["text"], bubble["at"]) == ("in", text, 5)
    assert bubble.get("media", {}).get("url") == ("/try/acme/identity/x/media/m1" if "media" in said else None)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "text"},
        {"kind": "text", "text": ""},
        {"kind": "tap", "tap": "x"},
        {"kind": "call"},
        {"kind": ["text"]},
    ],
    ids=str,
)
def test_what_is_no_message_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        phone.message(WHO, said, 1)


def test_simulated_contacts_are_nobody_else() -> None:
    one, two = received(SAID[0]).sender, phone.identity(phone.new_who())
    assert one.bsuid == f"try.{WHO}" and not one.number
    assert one.bsuid != two.bsuid


def test_clock_jumps_and_timers() -> None:
    jump = {"at": 1, "event": event.to_plain(ClockAdvanced(nonce="n", by=1_800_000))}
    timer = {"at": 2, "event": event.to_plain(TimerFired(name="expire", visit=1, due=2))}
    past = [("1-0", "in", jump), ("2-0", "in", timer)]
    assert [one["text"] for one in bubbles.bubbles(past, {}, "")] == ["+30 min"]
    assert replay.inputs_of(past) == [{"k": "clock", "by": 1_800_000}]


def test_what_answers_a_sensitive_question_is_not_shown() -> None:
    inbound = {"k": "message", "inbound": {"id": "1", "kind": "text", "text": "4242"}}
    past = [(f"{n}-0", "in", {"at": n, "event": inbound, **more}) for n, more in enumerate(({}, {"hidden": True}))]
    assert [one["text"] for one in bubbles.bubbles(past, {}, "")] == ["4242", "••••••"]


def test_the_buttons_carry_their_visit_and_the_message_its_state() -> None:
    outbound = {"kind": "buttons", "text": "ok?", "visit": 7, "choices": [{"id": "yes", "title": "Yes"}]}
    past = [("1-0", "out", {"at": 1, "id": "ms_1_a", "outbound": outbound})]
    (bubble,) = bubbles.bubbles(past, {"ms_1_a": {"state": "sent", "read_at": "9"}}, "")
    assert bubble["choices"][0]["id"] == "v7.yes" and bubble["state"] == "read" and bubble["side"] == "out"


def test_sensitive_answers_stay_hidden_wherever_they_were_copied_to() -> None:
    groups = {"answers": {"number": "12345", "kind": "id"}, "result": {"document": "12345", "kind": "id"}}
    rows = inspector.answers(groups, ["number"])
    assert [row["value"] for row in rows] == [inspector.HIDDEN, "id", inspector.HIDDEN, "id"]


def test_the_next_timer_is_the_earliest() -> None:
    process = Process(id="p", flow="f", flow_version="1", timers={"expire:3": 900, "timeout.0:3": 400})
    session = Session(account="acme", channel="try", contact_id="c", process=process, last_inbound_at=1)
    assert inspector.next_timer(session) == ("timeout.0", 400)
    assert inspector.window(session, inspector.DAY + 1) == "closed"


def test_the_provider_reports_what_it_takes_and_repeats_its_id() -> None:
    posted: list[bytes] = []

    def post(body: bytes) -> int:
        posted.append(body)
        return 200

    first = provider.accept({"id": "ms_1_a", "to": "x", "kind": "text"}, 5, post)
    again = provider.accept({"id": "ms_1_a", "to": "x", "kind": "text"}, 6, post)
    assert first == again and first["id"]
    assert b'"delivered"' in posted[0] and b'"ms_1_a"' in posted[0]
    assert provider.accept({"read": "x", "typing": True}, 5, post) == {"id": ""} and len(posted) == 2


def test_files_are_measured_and_given_back(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    kept = uploads.keep(tmp_path / "files", out.getvalue(), "../../front.png")
    assert (kept["kind"], kept["mime"], kept["width"], kept["height"]) == ("image", "image/png", 40, 30)
    assert kept["filename"] == "front.png"
    assert uploads.find(tmp_path / "files", kept["id"]) == (out.getvalue(), "image/png")


def test_a_file_that_a_browser_would_run_is_not_given_its_type(tmp_path: Path) -> None:
    kept = uploads.keep(tmp_path, b"<!doctype html><script>alert(1)</script>", "x.html")
    assert kept["kind"] == "document"
    assert uploads.find(tmp_path, kept["id"])[1] == "application/octet-stream"


@pytest.mark.parametrize("name", ["../secret.key", "", "0" * 31, "0" * 32])
def test_no_other_file_is_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        uploads.find(tmp_path, name)


def test_the_folder_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    names = [uploads.keep(tmp_path, b"%PDF-1.7 x", "x.pdf")["id"] for _ in range(5)]
    assert len(list(tmp_path.iterdir())) == 3
    assert uploads.find(tmp_path, names[-1])


def test_an_invitation_is_sent_again_as_it_was() -> None:
    asked = ConversationRequested(
        process_id="p", flow="f", inputs={"order": "B-7"}, template={"name": "invite", "params": {"name": "Ana"}}
    )
    (again,) = replay.inputs_of([("1-0", "in", {"at": 5, "event": event.to_plain(asked)})])
    assert (again["invite"], again["with"], again["inputs"]) == (
        "invite",
        {"name": "Ana"},
        {"name": "Ana", "order": "B-7"},
    )


def test_a_template_shows_with_its_heading_and_its_links() -> None:
    filled = Filled(
        name="invite",
        language="es",
        heading="Your order",
        buttons=(FilledButton(kind="url", text="Open", value="7", target="https://a.example/7"),),
    )
    outbound = Outbound(kind="template", text="Go?", template=filled, choices=(Choice(id="yes", title="Yes"),), visit=2)
    body = {"id": "ms_1_x", "outbound": codec.to_plain(outbound)}
    (shown,) = bubbles.bubbles([("1-0", "out", body)], {}, "/try")
    assert (shown["template"], shown["heading"]) == ("invite", "Your order")
    assert shown["links"] == [{"text": "Open", "target": "https://a.example/7"}]
    assert shown["choices"][0]["id"] == "v2.yes"


def test_what_an_operator_did_and_what_a_verifier_said_become_lines_of_a_test(tmp_path: Path) -> None:
    """R141: an answer comes again by itself when a turn is taken back, and is a `mock` when it is written down."""
    for name, text in {
        "flowbot.yaml": "accounts: {acme: {languages: [en], channels: {web: {gateway: simulator}}, verifiers: "
        '{document: {url: "https://looks.example", secret: "${env:LOOKS}"}}}}',
        "flows/demo.yaml": "flow: demo\nlanguages: [en]\nstart: {keywords: [go]}\nsteps:\n"
        "  photo: {ask: A photo?, expect: image}\n"
        '  check: {verify: document, with: {front: "{{ answers.photo }}"}, next: {error: desk}}\n'
        "  desk: {handoff: desk, say: Wait., choices: {approve: done}, next: {canceled: done}}\n"
        "  done: {say: Fine., succeed: {}}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    library = load(tmp_path, {})
    happened = [
        MessageReceived(inbound=Inbound(id="1", sender=Identity(number="1"), kind="text", text="go")),
        MessageReceived(
            inbound=Inbound(id="2", sender=Identity(number="1"), kind="image", media=Media(kind="image", id="m"))
        ),
        CallAnswered(call="cl_1", kind="verify", visit=2, outcome="error", reason="off"),
        OperatorActed(nonce="o", action="say", text="One moment."),
        OperatorActed(nonce="p", action="choose", choice="approve"),
    ]
    past = [(f"{n}-0", "in", {"at": n, "event": event.to_plain(one)}) for n, one in enumerate(happened)]
    assert [one["k"] for one in replay.inputs_of(past)] == ["message", "message", "operator", "operator"]
    done, account = replay.inputs_of(past, answers=True), library.account("acme")
    text = savetest.transcript(library, account, account.channels["web"], "demo", done, 1_795_218_000_000)
    assert 'mock: {verify.document: {status: error, reason: "off"}}' in text
    assert '- operator: "One moment."' in text and "- operator: {tap: approve}" in text
    file = tmp_path / "flows" / "demo.test.yaml"
    file.write_text(text)
    tests, problems = read(file, tmp_path)
    assert problems == [] and play(tests[0], library).passed, text


def test_the_desk_shows_the_operator_s_buttons_while_a_person_has_it(tmp_path: Path) -> None:
    flow = flow_of(
        "flow: demo\nlanguages: [en]\nsteps:\n"
        "  desk: {handoff: desk, choices: {approve: done, reject: done}, next: {canceled: done}}\n"
        "  done: {succeed: {}}\n"
    )
    process = Process(id="p", flow="demo", flow_version="1", state="handed_off", step="desk")
    assert inspector.desk(process, flow) == {"team": "desk", "choices": ["approve", "reject"]}
    assert inspector.desk(process, None) == {"team": "", "choices": []}, "of another version: it can be closed"
    assert inspector.desk(None, flow) is None and inspector.desk(replace(process, state="open"), flow) is None
