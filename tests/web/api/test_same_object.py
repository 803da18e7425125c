"""R125: GET /v1/processes/{id} shows what the last hook about the process said, in every state, field by field."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.store import hooks

from .conftest import Office

ANA = "573001110001"
HOUR = 3_600_000
FLOW = """\
flow: talk
start: {keywords: [start], api: true, template: {name: invite, expires: 20h}}
inputs: {account_id: {type: text}}
settings: {expires_after: 2h}
reengage: [{after: 1h, say: "Still there?", hours: {from: "00:00", to: "24:00"}}]
anytime: {exit: {fail: canceled}, talk to a person: {then: person}, rest: {then: rest}, part: {then: part}}
steps:
  first: {ask: "What is the first?"}
  second: {ask: "And the second?", sensitive: true}
  done: {say: Thank you, succeed: {first: "{{ answers.first }}"}}
  person: {handoff: support, next: done}
  rest: {event: rests, say: "Later.", wait: {for: 2d}, next: done}
  part: {run: more, next: {succeeded: done, failed: done, expired: done}}
"""
PART = """\
flow: more
steps:
  inner: {ask: "Of the part?"}
  told: {event: inside}
  other: {ask: "And more?"}
  end: {succeed: {inner: "{{ answers.inner }}"}}
"""
INVITE = "category: utility\nlanguages: {en: {body: Shall we?, continue: Yes, cancel: No}}\n"
STATES: dict[str, tuple[list[Any], str, dict[str, Any]]] = {  # what happens, the last hook, what of it is told
    "begun": (["start"], "process.started", {"status": "pending", "answers": {}}),
    "asked once more": (
        ["start", "tea", HOUR],
        "session.reengaged",
        {"status": "pending", "outcome": None, "answers": {"first": "tea"}},
    ),
    "with people": (["start", "tea", "talk to a person"], "session.handed_off", {"answers": {"first": "tea"}}),
    "succeeded": (
        ["start", "tea", "secret"],
        "process.succeeded",
        {"status": "success", "answers": {"first": "tea", "second": "secret"}, "result": {"first": "tea"}},
    ),
    "canceled": (["start", "tea", "exit"], "process.failed", {"outcome": "canceled", "failed_step": "second"}),
    "expired": (["start", HOUR, 2 * HOUR], "process.failed", {"outcome": "expired", "reason": "expired"}),
    "opted out": (["start", "stop"], "process.failed", {"status": "failure", "reason": "opted_out"}),
    "superseded": (["start", None], "process.failed", {"reason": "superseded", "failed_step": "first"}),
}
EXTRA = {"sequence", "step", "reengagement", "team", "template", "message_id"}  # of the hook, beside the process


@pytest.fixture
def talking(office: Office) -> Office:
    office.world.write(FLOW)
    (office.world.folder / "flows" / "more.yaml").write_text(PART)
    (office.world.folder / "content" / "templates" / "invite.yaml").write_text(INVITE)
    office.parts.shelf._looked = float("-inf")
    return office


def play(office: Office, *lines: Any) -> None:
    for line in lines:
        if line is None:
            start = {"flow": "talk", "channel": "main", "to": f"+{ANA}", "if_open": "supersede"}
            office.post("/conversations", {**start, "user_authorized": True})
        elif isinstance(line, int):
            office.world.advance_clock(ANA, line)
        else:
            office.world.say(ANA, line)
        office.work()


def told(office: Office, kind: str) -> dict[str, Any]:
    """The data of the last hook of a type."""
    entries = office.store.run(hooks.read(office.world.partition(ANA)))
    found: dict[str, Any] = orjson.loads([one.body for one in entries if one.type == kind][-1])["data"]
    return found


@pytest.mark.parametrize("state", STATES)
def test_get_says_what_the_hook_said(talking: Office, state: str) -> None:
    """A lost hook loses nothing: while it goes on, and however it ends."""
    lines, kind, some = STATES[state]
    play(talking, *lines)
    hook = told(talking, kind)
    shown = talking.get(f"/processes/{hook['process_id']}")
    assert some.items() <= shown.items()
    if shown["status"] == "pending":
        assert shown == {name: value for name, value in hook.items() if name not in EXTRA}
    else:
        assert shown == hook  # its sequence too


def test_of_one_that_is_invited(talking: Office) -> None:
    asked = {"flow": "talk", "channel": "main", "to": f"+{ANA}", "user_authorized": True, "account_id": "a-1"}
    id = talking.post("/conversations", {**asked, "template": {"name": "invite", "params": {}}})["process_id"]
    talking.work()
    hook = told(talking, "outbound.sent")
    assert hook["process_id"] == id and hook["status"] == "pending" and hook["account_id"] == "a-1"
    assert talking.get(f"/processes/{id}") == {name: value for name, value in hook.items() if name not in EXTRA}


def test_of_one_that_rests(talking: Office) -> None:
    play(talking, "start", "tea", "rest")
    shown = talking.get(f"/processes/{told(talking, 'process.started')['process_id']}")
    assert shown == {**shown, "flow": "talk", "status": "pending", "answers": {"first": "tea"}, "ended_at": None}
    assert set(shown) | {"sequence"} == set(told(talking, "process.started"))


def test_of_one_that_stands_in_a_part(talking: Office) -> None:
    """The client knows the whole: its flow and answers, as in each hook, and not the part's."""
    play(talking, "start", "tea", "part", "inside")
    hook = told(talking, "custom.inside")
    shown = talking.get(f"/processes/{hook['process_id']}")
    same = ("process_id", "account", "channel", "flow", "flow_version", "account_id", "contact")
    assert {name: shown[name] for name in same} == {name: hook[name] for name in same}
    assert (shown["flow"], shown["answers"]) == ("talk", {"first": "tea"})
    begun = told(talking, "process.started")
    assert shown == {
        **{name: value for name, value in begun.items() if name != "sequence"},
        "answers": {"first": "tea"},
    }


def test_of_one_that_was_overridden(talking: Office) -> None:
    """R126: whatever it was before; one that has succeeded after all has failed at no step."""
    play(talking, "start", "tea", "exit")
    id = told(talking, "process.failed")["process_id"]
    talking.post(f"/processes/{id}/override", {"status": "success", "reason": "seen by hand", "result": {"ok": 1}})
    talking.work()
    hook = told(talking, "process.overridden")
    assert talking.get(f"/processes/{id}") == hook
    assert (hook["status"], hook["outcome"], hook["reason"], hook["failed_step"]) == (
        "success",
        "succeeded",
        None,
        None,
    )
    assert (hook["overridden"]["outcome"], hook["overridden"]["reason"]) == ("canceled", "seen by hand")
