"""Flows that begin with a template: Continue, Cancel, time, and what else may be open meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.model.event import MessageRefused
from flowbot.model.inbound import Tap
from flowbot.model.template import Button, Template, Wording
from tests.engine.talk import Book, Talk, flow_of

HOUR = 3_600_000
FLOW = """
flow: demo
languages: [en]
start: {api: true, template: {name: invite, expires: 20h, cancel: {say: goodbye}}}
inputs: {order: {type: text, required: true}, note: {default: none}}
steps:
  seen: {ask: "Order {{ inputs.order }} ({{ inputs.note }}): seen?", choices: {"yes": rating, "no": {fail: unseen}}}
  rating: {ask: How was it?, expect: integer}
  done: {say: Thanks., succeed: {rating: "{{ answers.rating }}"}}
"""
OTHER = """
flow: other
languages: [en]
start: {keywords: [other]}
settings: {keywords_interrupt: %s, expires_after: 3h}
steps:
  name: {ask: Your name?}
  end: {say: "Bye, {{ answers.name }}.", succeed: {}}
"""
INVITE = Template(
    name="invite",
    topic="orders",
    wordings={
        "en": Wording(
            language="en",
            body="Hello {{ name }}, see order {{ order }}?",
            buttons=(
                Button(kind="quick_reply", id="continue", text="Show me"),
                Button(kind="quick_reply", id="cancel", text="Not now"),
            ),
        )
    },
)
ASK = Template(
    name="ask",
    wordings={
        "en": Wording(
            language="en",
            body="How was order {{ order }}?",
            buttons=(Button(kind="quick_reply", id="yes", text="I saw it"),),
        )
    },
)
PARAMS = {"name": "Ana", "order": "A-1"}


def talk(interrupt: str = "true") -> Talk:
    flows = [flow_of(FLOW, {"en": {"goodbye": "As you like."}}), flow_of(OTHER % interrupt, id="other")]
    return Talk(Book(*flows, templates=[INVITE, ASK]))


def invite(found: Talk, *, name: str = "invite", window: int = 24 * HOUR, **more: Any) -> None:
    asked = {"name": name, "params": PARAMS if name == "invite" else {"order": "A-1"}, "message_id": "ms_0_x"}
    inputs = more.pop("inputs", {} if name == "invite" else {"order": "A-1"})
    found.api("demo", template=asked, window=window, inputs=inputs, **more)


def tap(found: Talk, choice: str, visit: int, source: str = "template") -> None:
    found.inbound("tap", tap=Tap(choice=choice, visit=visit, title=choice, source=source))


@pytest.fixture
def invited() -> Talk:
    found = talk()
    invite(found)
    return found


def visit_of(found: Talk) -> int:
    return next(one.visit for turn in found.turns for one in found.sent(turn) if one.template)


def test_the_template_goes_out_and_the_flow_waits(invited: Talk) -> None:
    """R022."""
    (out,) = invited.sent()
    assert (out.kind, out.text) == ("template", "Hello Ana, see order A-1?")
    assert [one.id for one in out.choices] == ["continue", "cancel"]
    (effect,) = [one for one in invited.last.effects if type(one).__name__ == "SendMessage"]
    assert (effect.id, effect.topic, effect.purpose) == ("ms_0_x", "orders", "business")
    assert invited.session.process is None and invited.session.parked[0].state == "invited"
    assert invited.hook_types == ["outbound.sent"]


def test_continue_starts_the_flow_with_what_the_template_was_filled_with(invited: Talk) -> None:
    """R025."""
    tap(invited, "continue", visit_of(invited))
    assert invited.texts() == ["Order A-1 (none): seen?"]
    assert invited.hook_types == ["outbound.sent", "outbound.accepted", "process.started"]
    assert invited.session.process is not None and not invited.session.parked
    invited.tap("yes")
    invited.user("5")
    assert invited.ended["result"] == {"rating": 5}


def test_cancel_ends_it(invited: Talk) -> None:
    """R025."""
    tap(invited, "cancel", visit_of(invited))
    assert invited.texts() == ["As you like."]
    assert (invited.ended["outcome"], invited.ended["reason"]) == ("canceled", "canceled")
    assert invited.hook_types == ["outbound.sent", "outbound.canceled", "process.failed"]


@pytest.mark.parametrize(("first", "later"), [("continue", "continue"), ("continue", "cancel"), ("cancel", "continue")])
def test_a_later_tap_of_either_does_nothing(invited: Talk, first: str, later: str) -> None:
    """R025."""
    visit = visit_of(invited)
    tap(invited, first, visit)
    before = invited.step
    tap(invited, later, visit)
    assert invited.sent() == [] and invited.step == before
    tap(invited, "cancel", visit)
    assert invited.sent() == []


def test_silence_lets_it_expire(invited: Talk) -> None:
    invited.wait("19h")
    assert invited.session.parked
    (turn,) = invited.wait("2h")
    assert invited.sent(turn) == [] and invited.ended["reason"] == "expired"
    assert invited.hook_types[-1] == "process.expired"  # no session: nothing had begun
    tap(invited, "continue", 1)
    assert invited.sent() == [] and invited.session.process is None


def test_a_typed_label_counts_while_no_flow_is_open(invited: Talk) -> None:
    """R037."""
    invited.user("show me")
    assert invited.texts() == ["Order A-1 (none): seen?"]
    other = talk()
    invite(other)
    other.user("something else")
    assert other.sent() == [] and other.session.parked


def test_a_tap_that_does_not_name_its_visit_means_the_newest(invited: Talk) -> None:
    tap(invited, "continue", 0)
    assert invited.texts() == ["Order A-1 (none): seen?"]


def test_it_interrupts_a_flow_that_lets_itself_be(invited: Talk) -> None:
    invited.user("other")
    tap(invited, "continue", visit_of(invited))
    assert invited.texts() == ["Order A-1 (none): seen?"] and invited.ended["reason"] == "superseded"


def test_one_to_the_open_flow_begins_that_anew(invited: Talk) -> None:
    """R120"""
    tap(invited, "continue", visit_of(invited))
    first = invited.session.process
    invite(invited, if_open="supersede")
    tap(invited, "continue", invited.session.parked[0].visit)
    assert invited.hook_types[-2:] == ["process.started", "session.restarted"] and first is not None
    told = invited.hooks[-1].data
    assert (told["by"], told["step"], told["replaces"]) == ("contact", "seen", first.id)


def test_it_waits_for_the_end_of_one_that_does_not() -> None:
    found = talk("false")
    invite(found)
    found.user("other")
    tap(found, "continue", visit_of(found))
    assert found.sent() == []
    found.wait("1h")
    found.user("Eva")
    assert found.texts() == ["Bye, Eva.", "Order A-1 (none): seen?"]


def test_an_open_conversation_refuses_one_unless_the_client_insists() -> None:
    found = talk()
    found.user("other")
    invite(found)
    assert found.sent() == [] and found.ended["reason"] == "conflict"
    invite(found, if_open="supersede")
    assert found.texts() == ["Hello Ana, see order A-1?"]
    assert found.session.process is not None and found.session.process.flow == "other"
    tap(found, "continue", visit_of(found))
    assert found.session.process is not None and found.session.process.flow == "demo"


def test_a_second_invitation_to_the_same_flow(invited: Talk) -> None:
    invite(invited)
    assert invited.sent() == [] and invited.ended["reason"] == "conflict"
    invite(invited, if_open="supersede")
    assert len(invited.session.parked) == 1 and invited.ended["reason"] == "superseded"


def test_queued_behind_an_open_flow() -> None:
    found = talk()
    found.user("other")
    invite(found, if_open="queue")
    found.api("demo", inputs={"order": "B-2"}, if_open="queue")
    assert found.sent() == [] and len(found.session.parked) == 2
    found.user("Eva")
    assert found.texts() == ["Bye, Eva.", "Hello Ana, see order A-1?", "Order B-2 (none): seen?"]
    assert [one.state for one in found.session.parked] == ["invited"]


def test_opting_out_ends_it(invited: Talk) -> None:
    """R086."""
    invited.user("stop")
    assert invited.ended["reason"] == "opted_out" and not invited.session.parked
    invite(invited)
    assert invited.sent() == [] and invited.ended["reason"] == "opted_out"
    topical = talk()
    topical.change(opted_out=("orders",))
    invite(topical)
    assert topical.sent() == [] and topical.ended["reason"] == "opted_out"


def test_what_the_provider_does_not_approve_is_refused() -> None:
    """R023."""
    found = talk()
    found.book.statuses["invite"] = "REJECTED"
    invite(found)
    assert found.sent() == [] and found.ended["reason"] == "template_refused"
    assert "REJECTED" in dict(found.traces())["template_refused"]


def test_it_lands_at_the_step_that_the_client_names() -> None:
    """R030."""
    found = talk()
    invite(found, step="rating", answers={"seen": "yes"})
    tap(found, "continue", visit_of(found))
    assert found.texts() == ["How was it?"]
    found.user("4")
    assert found.ended["result"] == {"rating": 4} and found.ended["answers"]["seen"] == "yes"


def test_a_template_without_continue_asks_the_question_of_the_step() -> None:
    """R030: the reply then lands at the step."""
    found = talk()
    invite(found, name="ask", step="seen")
    assert found.texts() == ["How was order A-1?"] and found.sent()[0].template
    assert found.step == "seen" and found.session.process is not None
    tap(found, "yes", found.session.process.visit)
    assert found.texts() == ["How was it?"]


def test_without_a_template_the_window_has_to_be_open() -> None:
    """R080, R081."""
    found = talk()
    found.api("demo", inputs={"order": "A-1"}, window=24 * HOUR)
    assert found.sent() == [] and found.ended["reason"] == "window_closed"
    found.user("hello")
    found.api("demo", inputs={"order": "A-1"}, window=24 * HOUR)
    assert found.texts() == ["Order A-1 (none): seen?"]


def test_a_flow_whose_first_step_is_a_template_may_start_any_time() -> None:
    flow = """
flow: demo
languages: [en]
start: {api: true}
steps:
  tell: {template: ask, with: {order: A-1}, choices: {"yes": more}, timeout: {after: 20h, then: {fail: silent}}}
  more: {say: Good., succeed: {}}
"""
    found = Talk(Book(flow_of(flow), templates=[ASK]))
    found.api("demo", window=24 * HOUR)
    assert found.texts() == ["How was order A-1?"]
    found.tap("yes")
    assert found.texts() == ["Good."]


def test_inputs_of_the_client_go_before_those_of_the_template() -> None:
    found = talk()
    invite(found, inputs={"order": "Z-9", "note": "late"})
    tap(found, "continue", visit_of(found))
    assert found.texts() == ["Order Z-9 (late): seen?"]


@pytest.mark.parametrize("busy", [False, True], ids=["alone", "beside an open flow"])
def test_who_has_no_attempts_left_is_told_so_when_continuing(busy: bool) -> None:
    """R036: an invitation counts when it begins; what is open stays open."""
    limited = FLOW.replace("inputs:", "settings: {attempts: {ever: 1}}\ninputs:")
    flows = [flow_of(limited, {"en": {"goodbye": "As you like."}}), flow_of(OTHER % "true", id="other")]
    found = Talk(Book(*flows, templates=[INVITE, ASK]))
    invite(found)
    tap(found, "continue", visit_of(found))
    found.tap("no")
    found.turns.clear()
    invite(found)
    if busy:
        found.user("other")
    open_one = found.session.process
    tap(found, "continue", visit_of(found))
    assert found.said()[0] == "too_many_attempts"
    assert found.said()[1:] == (["name"] if busy else [])
    assert (found.ended["flow"], found.ended["reason"]) == ("demo", "too_many_attempts")
    assert (found.session.process and found.session.process.id) == (open_one and open_one.id)
    assert not found.session.parked


def refuse(found: Talk, wakes: str) -> None:
    found.apply(MessageRefused(message="ms_0_x", wakes=wakes, code="131026"))


def test_an_invitation_that_is_not_delivered_ends(invited: Talk) -> None:
    """R064: the client hears it at once, and not after a day of silence."""
    visit = invited.session.parked[0].visit
    refuse(invited, f"invite:{visit + 5}")
    assert invited.session.parked
    refuse(invited, f"invite:{visit}")
    assert invited.ended["reason"] == "undelivered" and not invited.session.parked
    assert invited.hook_types[-2:] == ["outbound.failed", "process.failed"]
    failed = invited.hooks[-2].data
    assert (failed["message_id"], failed["code"]) == ("ms_0_x", "131026")
    tap(invited, "continue", visit)
    assert invited.session.process is None


def test_a_template_that_asks_the_first_question_and_is_not_delivered_ends_the_process() -> None:
    found = talk()
    invite(found, name="ask", step="name")
    process = found.session.process
    assert process is not None
    refuse(found, f"start:{process.visit}")
    assert found.ended["reason"] == "undelivered" and "outbound.failed" in found.hook_types
