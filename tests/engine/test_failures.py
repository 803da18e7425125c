"""R127: every way in which a process fails says why, in a word for machines, and at which step."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.model.event import MessageRefused
from flowbot.model.integration import Action, Integration
from flowbot.model.project import Account
from flowbot.model.template import Button, Template, Wording
from flowbot.model.verifier import Verifier
from tests.engine.talk import Book, Talk, flow_of

ACCOUNT = Account(
    name="acme",
    integrations={"crm": Integration(name="crm", actions={"save": Action(name="save", timeout=10_000)})},
    verifiers={"age": Verifier(name="age", timeout=20_000)},
)
BUTTONS = (Button(kind="quick_reply", id="yes", text="Yes"),)
ASK = Template(name="asks", wordings={"en": Wording(language="en", body="Shall we?", buttons=BUTTONS)})
NAME = {"name": {"ask": "Name?"}}
END = {"done": {"succeed": {}}, "bye": {"say": "Bye.", "fail": "gone"}}
OTHER = {"flow": "other", "start": {"keywords": ["other"]}, "steps": {"inner": {"ask": "Inner?"}, **END}}
WAYS: dict[str, tuple[dict[str, Any], list[Any], tuple[str, str, str | None]]] = {
    # the steps after a question, what happens, and (outcome, reason, failed step)
    "the author's word": ({"go_on": {"ask": "On?", "choices": {"no": "bye"}}}, ["no"], ("failed", "gone", "go_on")),
    "a word such as exit": ({"go_on": {"ask": "On?"}}, ["exit"], ("canceled", "canceled", "go_on")),
    "silence": ({"go_on": {"ask": "On?"}}, [("wait", "3h")], ("expired", "expired", "go_on")),
    "a timeout that nobody names": (
        {"go_on": {"ask": "On?", "timeout": {"after": "10m"}, "next": {"timeout": {"fail": "not_answered"}}}},
        [("wait", "11m")],
        ("failed", "not_answered", "go_on"),
    ),
    "no, asked once more": (
        {"go_on": {"ask": "On?"}},
        [("wait", "31m"), "no"],
        ("failed", "declined_to_continue", "go_on"),
    ),
    "wrong answers": ({"age": {"ask": "Age?", "expect": "integer"}}, ["x"] * 4, ("failed", "invalid", "age")),
    "wrong answers, in the author's words": (
        {"age": {"ask": "Age?", "expect": "integer", "retry": {"times": 1, "then": {"fail": "too_many_tries"}}}},
        ["x", "y"],
        ("failed", "too_many_tries", "age"),
    ),
    "stop": ({"go_on": {"ask": "On?"}}, ["stop"], ("failed", "opted_out", "go_on")),
    "another flow": ({"go_on": {"ask": "On?"}}, ["other"], ("failed", "superseded", "go_on")),
    "a verifier's no": (
        {"check": {"verify": "age", "with": {"born": 1}, "next": {"rejected": "bye"}}},
        [("answer", {"result": {"status": "rejected", "reasons": ["forged"]}})],
        ("failed", "gone", "check"),
    ),
    "a verifier's no that nobody names": (
        {"check": {"verify": "age", "with": {"born": 1}}},
        [("answer", {"result": {"status": "rejected", "reasons": ["forged"]}})],
        ("failed", "rejected", "check"),
    ),
    "a verifier that is not there": (
        {"check": {"verify": "age", "with": {"born": 1}}},
        [("answer", {"outcome": "error", "reason": "connect"})],
        ("failed", "error", "check"),
    ),
    "a verifier that never says": (
        {"check": {"verify": "age", "with": {"born": 1}}},
        [("answer", {"outcome": "expired"})],
        ("expired", "expired", "check"),
    ),
    "a service that fails": (
        {"save": {"call": "crm.save"}, "after": {"say": "Saved."}},
        [("answer", {"outcome": "error", "reason": "HTTP 500"})],
        ("failed", "error", "save"),
    ),
    "people who never come": (
        {"person": {"handoff": "support", "timeout": {"after": "1d", "then": "bye"}}},
        [("wait", "25h")],
        ("failed", "gone", "person"),
    ),
    "a message that was not delivered": (
        {"ready": {"template": "asks", "choices": {"yes": "done"}}},
        [("refused", "step")],
        ("failed", "refused", "ready"),
    ),
    "a part that fails": (
        {"part": {"run": "other"}},
        [("wait", "3h")],
        ("expired", "expired", "part"),
    ),
    "stop within a part": ({"part": {"run": "other"}}, ["stop"], ("failed", "opted_out", "part")),
    "a flow that cannot go on": (
        {"part": {"run": "nowhere"}},
        [],
        ("failed", "engine_error", "part"),
    ),
}


def begun(steps: dict[str, Any]) -> Talk:
    flow = {
        "flow": "demo",
        "start": {"keywords": ["go"], "api": True},
        "anytime": {"exit": {"fail": "canceled"}},
        "reengage": {"after": "30m", "say": "Still there?", "hours": {"from": "00:00", "to": "24:00"}},
        "steps": {**NAME, **steps, **END},
    }
    flows = [flow_of(orjson.dumps({"languages": ["en"], **one}).decode(), id=one["flow"]) for one in (flow, OTHER)]
    found = Talk(Book(*flows, account=ACCOUNT, templates=[ASK]))
    found.user("go")
    found.user("Ana")
    return found


def happens(found: Talk, line: Any) -> None:
    if isinstance(line, str):
        found.user(line)
        return
    what, given = line
    if what == "wait":
        found.wait(given)
    elif what == "answer":
        found.answer(**given)
    else:
        assert found.session.process is not None
        found.apply(MessageRefused(message="ms_1", wakes=f"{given}:{found.session.process.visit}", code="131026"))


@pytest.mark.parametrize("way", WAYS)
def test_why_and_where(way: str) -> None:
    steps, lines, wanted = WAYS[way]
    found = begun(steps)
    for line in lines:
        happens(found, line)
    failed = next(one.data for one in found.hooks if one.type == "process.failed")
    assert (failed["outcome"], failed["reason"], failed["failed_step"]) == wanted
    assert failed["status"] == "failure" and failed["ended_at"]
    if way.startswith("a verifier's no"):
        assert [(one["step"], one["reasons"]) for one in failed["verifications"]] == [("check", ["forged"])]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"flow": "nowhere"}, "engine_error"),
        ({"if_open": "refuse"}, "conflict"),
        ({"if_open": "supersede", "window": 1}, "window_closed"),
    ],
)
def test_what_never_began_failed_at_no_step(given: dict[str, Any], reason: str) -> None:
    found = begun({"go_on": {"ask": "On?"}})
    found.now += 10
    found.api(given.pop("flow", "demo"), **given)
    assert (found.ended["reason"], found.ended["failed_step"], found.ended["outcome"]) == (reason, None, "failed")


def test_what_succeeds_failed_at_no_step() -> None:
    found = begun({"check": {"verify": "age", "with": {"born": 1}}})
    found.answer(result={"status": "verified", "score": 1.0})
    assert (found.ended["outcome"], found.ended["reason"], found.ended["failed_step"]) == ("succeeded", None, None)
