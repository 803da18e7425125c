"""Who sits at the terminal is the service, the verifier and the operator of the flow that is tried."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flowbot import web
from flowbot.cli.talk import Setup, Talk
from flowbot.library.load import load
from flowbot.testing import Said, moment
from flowbot.transcript.read import read
from flowbot.transcript.run import play

SAMPLE = Path(web.__file__).parent / "static" / "sample.jpg"
PROJECT = """
accounts:
  a:
    languages: [en]
    channels: {web: {gateway: simulator}}
    integrations: {crm: {base_url: "https://crm.example", actions: {save: {path: /save}}}}
    verifiers: {document: {url: "https://looks.example", secret: "${env:LOOKS}"}}
"""
FLOW = """
flow: demo
languages: [en]
start: {messages: [Hello there]}
steps:
  file: {ask: A photo?, expect: image}
  check: {verify: document, with: {front: "{{ answers.file }}"}, next: {unclear: file, rejected: person, error: person}}
  save: {call: crm.save, next: {error: person}}
  done: {say: "Number {{ save.number }}, {{ check.score }}"}
  paid: {wait: {event: paid, timeout: 1d}, next: {timeout: fine}}
  thanks: {say: "Thank you for {{ paid.amount }}.", succeed: {}}
  person: {handoff: desk, say: Wait., choices: {approve: fine}, next: {canceled: fine}}
  fine: {say: Fine., succeed: {}}
"""


class Kept:
    """All that was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def bot(self, said: Said) -> None:
        self.lines.append(f"bot {said.outbound.text}")

    def user(self, text: str, *, typed: bool) -> None:
        self.lines.append(f"you {text}")

    def note(self, text: str) -> None:
        self.lines.append(f"-- {text}")

    data = note


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text(PROJECT)
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW)
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(SAMPLE, tmp_path / name)
    now = moment("2026-11-20 12:00")
    setup = Setup(flow="demo", account="a", channel="web", now=now, zone="UTC", opening="Hello there")
    found = Talk(load(tmp_path, {}), setup, Kept(), {})
    found.begin()
    return found


def shown(talk: Talk, *typed: str) -> list[str]:
    look = talk.look
    assert isinstance(look, Kept)
    look.lines.clear()
    for line in typed:
        assert talk.feed(line)
    return [line for line in look.lines if not line.startswith(("you ", "-- there is no file"))]


def test_outcomes_are_offered_and_taken(talk: Talk) -> None:
    found = shown(talk, "/image a.jpg")
    assert found == [
        '-- verify.document is asked, and you are its answer: /verified {"score": 0.9}  /rejected  /unclear'
        "  /expired  /error"
    ]
    assert shown(talk, "/unclear") == ["bot A photo?"]
    assert shown(talk, "/image b.jpg", '/verified {"score": 0.93}')[-1] == (
        '-- call.crm.save is asked, and you are its answer: /ok {"id": 1}  /error'
    )
    found = shown(talk, '/ok {"number": 7}')
    assert (found[0], found[-1]) == ("bot Number 7, 0.93", "-- it waits for an event of your system: /event paid")
    assert shown(talk, '/event paid {"amount": 30}')[0] == "bot Thank you for 30."


def test_an_operator_is_played(talk: Talk) -> None:
    found = shown(talk, "/image a.jpg", "/error connect")
    assert found[1:] == [
        "bot Wait.",
        "-- session.handed_off",
        "-- a person of the team desk has it, and you are that person: /operator TEXT  /operator approve"
        "  /operator close",
    ]
    assert shown(talk, "/operator One moment, please.") == ["bot One moment, please."]
    assert shown(talk, "/operator approve")[0] == "bot Fine."


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/ok", "-- nothing waits for /ok"),
        ("/operator hello", "-- no person has the conversation"),
        ("/event", '-- /event wants a name: /event paid {"amount": 30}'),
        ("/event paid soon", "-- /event paid wants JSON: /event paid {...}"),
    ],
)
def test_where_nothing_waits(talk: Talk, typed: str, told: str) -> None:
    assert shown(talk, typed) == [told]


def test_what_is_typed_has_to_be_json(talk: Talk) -> None:
    assert shown(talk, "/image a.jpg", "/verified {score}")[-1] == '-- /verified wants JSON: /verified {"score": 0.9}'


def test_such_a_chat_is_taken_back_and_saved_as_a_test(talk: Talk) -> None:
    """R141: with its `mock`, and what the operator did."""
    shown(talk, "/event early", "/image a.jpg", "/unclear", "/image a.jpg", "/verified", "/ok", "/back")
    saved = shown(talk, "/error timeout", "/operator approve", "/save-test")
    assert saved[-1] == "-- saved as 'chat 1' in flows/demo.test.yaml"
    file = talk.library.root / "flows" / "demo.test.yaml"
    text = file.read_text("utf-8")
    assert "mock: {verify.document: [unclear, verified], call.crm.save: {error: timeout}}" in text
    assert "- operator: {tap: approve}" in text and "- event: early" in text
    tests, problems = read(file, talk.library.root)
    assert problems == [] and play(tests[0], talk.library).passed


def test_a_link_is_opened_by_who_sits_at_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    mailer = "mailer: {base_url: 'https://mail.example', actions: {send: {path: /send}}}"
    project = PROJECT.replace("integrations: {", "codes: {email: mailer.send}\n    integrations: {" + mailer + ", ")
    (tmp_path / "flowbot.yaml").write_text(project)
    (tmp_path / "flows" / "demo.yaml").write_text("""
flow: demo
languages: [en]
start: {messages: [Hello there]}
steps:
  mail: {verify: email, with: {by: link, to: ana@example.com}, next: {expired: late, rejected: late, error: late}}
  done: {say: Thanks., succeed: {}}
  late: {say: Late., fail: late}
""")
    now = moment("2026-11-20 12:00")
    setup = Setup(flow="demo", account="a", channel="web", now=now, zone="UTC", opening="Hello there")
    talk = Talk(load(tmp_path, {}), setup, Kept(), {})
    talk.begin()
    look = talk.look
    assert isinstance(look, Kept)
    told = "\n".join(look.lines)
    assert "ana@example.com: Open this link to confirm that it is you: https://bot.example/confirm/123456" in told
    assert "link.email is asked, and you are its answer: /verified" in told
    assert "bot Thanks." in shown(talk, "/verified")
