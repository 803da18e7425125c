"""The outside world of a virtual chat: codes that can be typed, and what a test's `mock` says instead."""

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
