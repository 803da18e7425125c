"""R141: the outside world of a virtual chat: codes that can be typed, and what a test's `mock` says instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbot.library.library import Library
from flowbot.library.load import load
from flowbot.transcript.read import read
from flowbot.transcript.run import play

FLOW = """
flow: demo
languages: [en]
start: {messages: [Hello there]}
steps:
  code: {verify: otp, ask: "Your code?", next: {rejected: no, error: sorry}}
  done: {say: Welcome., succeed: {}}
  no: {say: Locked., fail: locked}
  sorry: {say: "{{ code.reason }}", fail: sorry}
"""
MOCKED = """
mock: {verify.otp: [rejected, {status: error, reason: capped}, verified]}
tests:
  - test: in a row
    chat:
      - {user: Hello there}
      - {bot: Locked.}
      - {user: Hello there}
      - {bot: capped}
      - {user: Hello there}
      - {bot: Welcome.}
      - {user: Hello there}
      - {bot: Welcome.}
  - test: its own over the file's
    mock: {verify.otp: rejected}
    chat:
      - {user: Hello there}
      - {bot: Locked.}
"""
TYPED = """
tests:
  - test: the code is always the same
    chat:
      - {user: Hello there}
      - {bot: code.message}
      - {bot: Your code?}
      - {user: "000000"}
      - {bot: code.wrong}
      - {user: "123 456"}
      - {bot: Welcome.}
  - test: another one, and its time
    chat:
      - {user: Hello there}
      - {bot: [code.message, Your code?]}
      - {user: resend}
      - {bot: A new code can go out in 60 seconds.}
      - {wait: 1m}
      - {user: resend}
      - {bot: [code.message, code.resent]}
      - {wait: 1m}
      - {user: resend}
      - {bot: [code.message, code.resent]}
      - {wait: 1m}
      - {user: resend}
      - {bot: A new code can go out in 420 seconds.}
      - {wait: 9m}
      - {bot: nothing}
    expect: {outcome: expired, step: code}
  - test: locked is locked, also for who begins again
    chat:
      - {user: Hello there}
      - {bot: [code.message, Your code?]}
      - {user: "1"}
      - {bot: code.form}
      - {user: "000001"}
      - {bot: "This is not the code. You have 4 tries left."}
      - {user: "000002"}
      - {bot: code.wrong}
      - {user: "000003"}
      - {bot: code.wrong}
      - {user: "000004"}
      - {bot: "This is not the code. You have 1 try left."}
      - {user: "000005"}
      - {bot: Locked.}
      - {user: Hello there}
      - {bot: code.soon}
      - {wait: 1m}
      - {bot: [code.message, Your code?]}
      - {user: "123456"}
      - {bot: Welcome.}
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flowbot.yaml").write_text("accounts: {a: {languages: [en], channels: {web: {gateway: simulator}}}}")
    (tmp_path / "flows" / "demo.yaml").write_text(FLOW)
    return load(tmp_path, {})


@pytest.mark.parametrize("text", [MOCKED, TYPED], ids=["mocked", "typed"])
def test_transcripts(library: Library, text: str) -> None:
    file = library.root / "flows" / "demo.test.yaml"
    file.write_text(text)
    tests, problems = read(file, library.root)
    assert problems == []
    for test in tests:
        found = play(test, library)
        assert found.passed, (test.name, found.message, found.chat)


PROJECT = """
accounts:
  a:
    languages: [en]
    contact_fields: {city: text}
    channels: {web: {gateway: simulator}}
    integrations: {crm: {base_url: "https://crm.example", actions: {save: {path: /save}}}}
    verifiers: {document: {url: "https://looks.example", secret: "${env:LOOKS}"}}
"""
WHOLE = """
flow: demo
languages: [en]
start: {messages: [Hello there], api: true}
steps:
  file: {ask: A photo?, expect: image}
  check:
    verify: document
    with: {front: "{{ answers.file }}", threshold: 0.8, retries: 1}
    next: {rejected: no, unclear: file, expired: late, error: sorry}
  ask_more:
    run: survey
    next: {failed: no_survey, expired: no_survey}
  save:
    call: crm.save
    next: {error: sorry}
  done:
    say: "{{ save.number }} {{ ask_more.answers.colour }} {{ check.score }}"
    labels: {add: [known]}
    groups: {add: [members]}
    succeed: {data: "{{ check.data.name }}"}
  no_survey: {say: "{{ ask_more.outcome }} {{ ask_more.reason }}", fail: no_survey}
  no: {say: "{{ check.reasons | join(' ') }}", fail: rejected}
  late: {say: Late., fail: late}
  sorry: {say: "{{ check.status }} {{ check.reason }} {{ save.status }} {{ save.error }}", fail: sorry}
"""
SURVEY = """
flow: survey
languages: [en]
start: {api: true}
steps:
  parts: {split: {a: 1, b: 0}, next: {a: colour, b: shade}}
  colour: {ask: Which colour?, choices: [red, blue], next: thanks}
  shade: {ask: Which shade?, choices: [dark, light]}
  thanks: {say: Thank you., succeed: {points: 3}}
"""
START = "- {user: Hello there}\n      - {bot: A photo?}\n      - {user: {image: a.jpg}}"
SOUND = "verify.document: verified, call.crm.save: {number: 7}, run.survey: {answers: {colour: red}}"


@pytest.fixture
def whole(library: Library) -> Library:
    (library.root / "flowbot.yaml").write_text(PROJECT)
    (library.root / "flows" / "demo.yaml").write_text(WHOLE)
    (library.root / "flows" / "survey.yaml").write_text(SURVEY)
    found = load(library.root, {})
    assert [one for one in found.problems if one.level == "error"] == []
    return found


def heard(library: Library, mock: str, chat: str, expect: str = "{}") -> str:
    """What is wrong with a test of these mocks."""
    file = library.root / "flows" / "demo.test.yaml"
    text = f"mock: {{{mock}}}\ntests:\n  - test: t\n    chat:\n      {START}\n"
    file.write_text(f"{text}      - {chat}\n    expect: {expect}\n")
    tests, problems = read(file, library.root)
    assert problems == []
    return play(tests[0], library).message


@pytest.mark.parametrize(
    ("mock", "said", "expect"),
    [
        ("", "7 red 0.8", "{outcome: succeeded, labels: [known], groups: [members]}"),
        ("verify.document: {status: verified, score: 0.93, data: {name: Ana}}", "7 red 0.93", "{result: {data: Ana}}"),
        ("verify.document: {status: verified, score: 0.5}", "below_threshold", "{reason: rejected}"),
        ("verify.document: {status: rejected, reasons: [expired_document]}", "expired_document", "{}"),
        ("verify.document: expired", "Late.", "{verifications: [{kind: document, status: expired}]}"),
        ("verify.document: error", "error mocked", "{verifications: [{step: check, reason: mocked}]}"),
        ("call.crm.save: error", "verified 0 mocked", "{}"),
        ("call.crm.save: {status: 404}", "verified 404 status", "{reason: sorry}"),
        ("call.crm.save: {error: timeout}", "verified 0 timeout", "{reason: sorry}"),
        ("call.crm.save: ok", "red 0.8", "{outcome: succeeded}"),
        ("run.survey: failed", "failed failed", "{reason: no_survey, hooks: [process.started, process.failed]}"),
        ("run.survey: {outcome: failed, reason: declined}", "failed declined", "{}"),
        ("run.survey: expired", "expired expired", "{}"),
    ],
)
def test_what_stands_in_for_verifiers_calls_and_sub_flows(whole: Library, mock: str, said: str, expect: str) -> None:
    """LANGUAGE section 8: outcomes in a word, and what is answered as a mapping, read as the real thing is."""
    own = {key: answer for key, _, answer in (part.partition(": ") for part in [mock] if part)}
    rest = [part for part in SOUND.split(", ") if part.partition(":")[0] not in own]
    assert heard(whole, ", ".join([*rest, *([mock] if mock else [])]), f'bot: {{text: "{said}"}}', expect) == ""


def test_a_list_is_a_sequence(whole: Library) -> None:
    chat = "bot: A photo?\n      - {user: {image: b.jpg}}\n      - bot: 7 red 0.8"
    many = SOUND.replace("verify.document: verified", "verify.document: [unclear, verified]")
    assert heard(whole, many, chat, "{verifications: [{remaining: 1}, {remaining: 0}]}") == ""


@pytest.mark.parametrize(("way", "asked"), [("a", "Which colour?"), ("b", "Which shade?")])
def test_a_split_goes_the_way_that_is_said(whole: Library, way: str, asked: str) -> None:
    chat = f"bot: {asked}"
    assert heard(whole, f"split.parts: {way}, verify.document: verified", chat) == ""


def test_nothing_is_no_answer(whole: Library) -> None:
    chat = "wait: 20m\n      - {bot: error timeout}"
    assert heard(whole, "verify.document: [nothing, verified], call.crm.save: ok", chat) == ""


def test_what_is_not_mocked_is_played_and_a_silence_is_explained(whole: Library) -> None:
    played = "verify.document: verified, call.crm.save: {number: 7}"
    chat = "bot: Which colour?\n      - {user: blue}\n      - {bot: [Thank you., 7 blue 0.8]}"
    assert heard(whole, played, chat) == ""
    assert "`mock: {verify.document: …}` gives it one" in heard(whole, "run.survey: failed", "bot: Late.")


@pytest.mark.parametrize(
    ("mock", "told"),
    [
        ("run.servey: failed", "no flow 'servey' to run; did you mean 'survey'?"),
        ("call.crm.sav: ok", "no action 'crm.sav' to call; did you mean 'crm.save'?"),
        ("split.by: x", "no step 'by' to split"),
        ("split.parts: c", "'parts' has no way 'c': there are a, b"),
        ("verify.dokument: verified", "no verifier 'dokument' to verify; did you mean 'document'?"),
    ],
)
def test_a_mock_of_what_is_not_there(whole: Library, mock: str, told: str) -> None:
    assert told in heard(whole, mock, "bot: nothing")


def test_an_event_may_come_first(whole: Library) -> None:
    file = whole.root / "flows" / "demo.test.yaml"
    file.write_text("tests:\n  - test: t\n    start: {event: {name: paid, with: {a: 1}}}\n    chat: [{bot: nothing}]\n")
    tests, problems = read(file, whole.root)
    assert problems == [] and play(tests[0], whole).passed
