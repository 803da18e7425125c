"""R067 to R073, R151: re-engagement, from the key in YAML to its last answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from flowbot.model.duration import parse_duration
from flowbot.model.effect import CancelTimer, SetTimer
from flowbot.model.event import ClockAdvanced, TimerFired
from flowbot.model.inbound import Tap
from flowbot.model.template import Button, Template, Wording
from tests.engine.talk import NOW, Book, Talk, compiled, flow_of, talk

HOUR, DAY = 3_600_000, 86_400_000
NINE = NOW + 9 * HOUR  # a Saturday, UTC

FLOW = """
flow: demo
languages: [en]
start: {keywords: [go], api: true}
reengage:
  - {after: 2h, say: still_there, choices: {later: {again: 3h}, agent: {then: agent}}}
  - {after: 5h, say: last_call}
anytime: {help: {say: help}, no: {say: help}}
steps:
  plan: {ask: Which plan?, choices: {basic: sure, full: sure}, timeout: {after: 6h30m, say: Hurry.}}
  sure: {ask: Sure?, expect: yes_no}
  done: {say: Thanks., succeed: {}}
  agent: {say: An agent., fail: agent}
"""
WORDS = {
    "en": {
        "still_there": {
            "text": "Still there?",
            "choices": {"yes": "Go on", "later": {"title": "Later", "aliases": ["l8r"]}},
        },
        "last_call": "Last call.",
        "help": "Help!",
        "reengage.no": "Bye then.",
        "reengage.later": "Until later.",
    }
}


def chat(text: str = FLOW, *, now: int = NINE) -> Talk:
    talking = talk(text, WORDS)
    talking.now = now
    talking.user("go")
    return talking


def pending(talking: Talk) -> dict[str, int]:
    """Timers, in minutes from the contact's last message."""
    return {name: (at - talking.session.last_inbound_at) // 60_000 for (name, _), at in talking.timers.items()}


def said(talking: Talk, duration: str) -> list[str]:
    return [key for turn in talking.wait(duration) for key in talking.said(turn)]


def test_silence_is_met_twice_and_then_expires() -> None:
    """R071: silence lets it expire; the expiry runs from the last that was sent."""
    talking = chat()
    assert pending(talking) == {"reengage.0": 120, "timeout.0": 390}
    assert said(talking, "119m") == []
    assert said(talking, "1m") == ["still_there"]
    assert [one.title for one in talking.sent()[0].choices] == ["Go on", "No", "Later", "Agent"]
    assert pending(talking) == {"reengage.1": 300, "timeout.0": 390}
    assert said(talking, "3h") == ["last_call"]
    assert pending(talking) == {"expire": 420, "timeout.0": 390}
    assert said(talking, "119m") == ["plan.timeout_1"]
    assert said(talking, "1m") == []
    assert talking.ended["outcome"] == "expired" and talking.ended["failed_step"] == "plan"
    assert talking.hook_types == [
        *("process.started", "session.reengaged", "session.reengaged", "process.failed", "process.expired"),
        "session.expired",
    ]
    first = talking.hooks[1].data
    assert (first["flow"], first["step"], first["reengagement"], first["status"]) == ("demo", "plan", 1, "pending")


def test_any_message_cancels_it() -> None:
    """R072: also one that leaves the question open, from which silence is counted anew."""
    talking = chat()
    talking.wait("119m")
    talking.user("help")
    assert said(talking, "119m") == []
    assert talking.tap("basic").session.process.step == "sure"  # type: ignore[union-attr]
    assert pending(talking) == {"reengage.0": 120}
    talking.user("yes")
    assert talking.timers == {} and talking.ended["outcome"] == "succeeded"


@pytest.mark.parametrize("word", ["yes", "Go on", "YEAH!", {"tap": "yes"}])
def test_yes_repeats_the_last_unanswered_question(word: Any) -> None:
    """R071."""
    talking = chat()
    sent = talking.wait("2h")[0]
    visit = talking.sent(sent)[0].visit
    assert talking.session.process and visit != talking.session.process.visit
    talking.tap("yes", visit) if isinstance(word, dict) else talking.user(word)
    assert talking.said() == ["plan"] and talking.hook_types[-1] == "session.resumed"
    assert pending(talking) == {"reengage.0": 120, "timeout.0": 269}
    assert talking.user("basic").session.process.step == "sure"  # type: ignore[union-attr]


@pytest.mark.parametrize("word", ["no", "nope", {"tap": "no"}])
def test_no_ends_it(word: Any) -> None:
    """R071: before `anytime`, though the flow knows the word there too."""
    talking = chat()
    visit = talking.sent(talking.wait("2h")[0])[0].visit
    talking.tap("no", visit) if isinstance(word, dict) else talking.user(word)
    assert talking.said() == ["reengage.no"]
    assert (talking.ended["outcome"], talking.ended["reason"]) == ("failed", "declined_to_continue")
    assert talking.timers == {}


def test_no_says_nothing_when_the_content_has_nothing() -> None:
    talking = talk(FLOW, {"en": {key: text for key, text in WORDS["en"].items() if key != "reengage.no"}})
    talking.now = NINE
    talking.user("go")
    talking.wait("2h")
    talking.user("no")
    assert talking.said() == [] and talking.ended["reason"] == "declined_to_continue"


def test_later_comes_again_and_a_way_is_taken() -> None:
    talking = chat()
    talking.wait("2h")
    talking.user("L8R")
    assert talking.said() == ["reengage.later"]
    assert pending(talking) == {"reengage.0": 180, "timeout.0": 269}
    assert said(talking, "3h") == ["still_there"]
    talking.user("agent")
    assert talking.said() == ["agent"] and talking.ended["reason"] == "agent"


def test_a_typed_yes_belongs_to_a_question_of_yes_and_no() -> None:
    talking = chat()
    talking.user("basic")
    visit = talking.sent(talking.wait("2h")[0])[0].visit
    talking.tap("no", visit)
    assert talking.ended["reason"] == "declined_to_continue"  # its own button is its own
    talking = chat()
    talking.user("basic")
    talking.wait("2h")
    talking.user("yes")
    assert talking.ended["outcome"] == "succeeded"


def test_only_the_one_just_sent_is_answered() -> None:
    talking = chat()
    visit = talking.sent(talking.wait("2h")[0])[0].visit
    talking.user("hello?")
    talking.user("no")
    assert talking.said() == ["help", "plan"]  # `anytime` again
    talking.tap("no", visit)
    assert talking.said() == ["stale_choice", "plan"]
    talking = chat()
    talking.wait("2h")
    talking.user("2")  # a number is the question's
    assert talking.step == "sure"
    assert talking.session.process and talking.session.process.answers["plan"] == "full"


def test_at_night_it_waits_for_the_morning_and_holds_the_expiry() -> None:
    """R068: and the next one keeps its distance from it."""
    talking = chat(now=NOW + 17 * HOUR)
    assert pending(talking) == {"reengage.0": 15 * 60 - 1, "timeout.0": 390}  # the message came a second later
    assert said(talking, "14h59m") == ["plan.timeout_1"]
    assert said(talking, "1m") == ["still_there"]
    assert talking.timers == {("reengage.1", 1): NOW + DAY + 11 * HOUR}


def test_outside_the_24_hours_it_is_skipped_and_the_expiry_runs() -> None:
    """R073, R151: recorded in the trace; with `early` it goes before the window closes."""
    late = FLOW.replace("after: 2h, say: still_there", "after: 20h, say: still_there").replace(
        "after: 5h", "after: 21h"
    )
    talking = chat(late, now=NOW + HOUR)
    assert pending(talking) == {"expire": 120, "timeout.0": 390}
    skipped = [detail for what, detail in talking.traces() if what == "reengage_skipped"]
    assert len(skipped) == 2 and "no template: not sent" in skipped[0]
    talking = chat(late.replace("say: still_there", "say: still_there, early: true"), now=NOW + HOUR)
    assert said(talking, "24h") == ["plan.timeout_1", "still_there"]
    assert talking.ended["outcome"] == "expired"


def test_who_opted_out_is_left_alone() -> None:
    talking = chat()
    talking.change(opted_out=("all",))
    assert said(talking, "2h") == []
    assert [what for what, _ in talking.traces()] == ["reengage_skipped", "reengage_skipped"]
    assert pending(talking) == {"expire": 240, "timeout.0": 390}
    assert said(talking, "2h") == [] and talking.ended["outcome"] == "expired"


def test_a_late_timer_waits_for_the_hours_and_fires_once() -> None:
    """R079: a worker that was away until the evening; then the same timer once more."""
    talking = chat()
    process = talking.session.process
    assert process is not None
    due = talking.timers["reengage.0", process.visit]
    talking.now = NOW + 21 * HOUR
    turn = talking.apply(TimerFired(name="reengage.0", visit=process.visit, due=due))
    assert talking.said() == []
    assert [(one.name, one.at) for one in turn.effects if isinstance(one, SetTimer)] == [
        ("reengage.0", NOW + DAY + 8 * HOUR)
    ]
    talking.now = NOW + DAY + 8 * HOUR
    fired = TimerFired(name="reengage.0", visit=process.visit, due=talking.now)
    assert talking.said(talking.apply(fired)) == ["still_there"]
    assert talking.said(talking.apply(fired)) == []
    assert talking.said(talking.apply(TimerFired(name="reengage.7", visit=process.visit, due=talking.now))) == []


def test_a_step_that_was_left_takes_its_re_engagement_along() -> None:
    talking = chat()
    turn = talking.user("basic")
    assert CancelTimer(name="reengage.0", visit=1) in turn.effects
    assert {visit for _, visit in talking.timers} == {2}


def test_a_simulated_clock_takes_it_along() -> None:
    talking = chat()
    turn = talking.apply(ClockAdvanced(nonce="n", by=HOUR))
    assert {one.name for one in turn.effects if isinstance(one, SetTimer)} == {"reengage.0", "timeout.0"}


def test_one_that_cannot_be_said_ends_with_a_word() -> None:
    nowhere = {"still_there": {"location": {"latitude": 100, "longitude": 0}}}
    talking = talk(FLOW, {"en": {**WORDS["en"], **nowhere}})
    talking.now = NINE
    talking.user("go")
    talking.wait("2h")
    assert talking.said() == ["fallback"] and talking.ended["reason"] == "engine_error"
    assert talking.timers == {} and "session.reengaged" not in talking.hook_types


MISTAKES: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"say": "x"}, []),
    ({"after": "29m", "say": "x"}, [("F232", "/reengage/after")]),  # R067
    ({"after": "23h1m", "say": "x"}, [("F232", "/reengage/after")]),
    ([{"after": "30m", "say": "x"}, {"after": "23h", "say": "x"}], []),
    ({"after": "two hours", "say": "x"}, [("F213", "/reengage/after")]),
    ({"after": "2h"}, [("F202", "/reengage/say")]),
    ([{"after": "3h", "say": "x"}, {"after": "2h", "say": "y"}], [("F232", "/reengage/1/after")]),
    ({"say": "x", "sya": 1}, [("F201", "/reengage/sya")]),
    ({"say": "x", "template": 3}, []),
    ({"say": "x", "with": {"a": 1}}, [("F205", "/reengage/with")]),
    ({"say": "x", "choices": {"yes": "a"}}, [("F211", "/reengage/choices/yes")]),
    ({"say": "x", "choices": {"later": {"again": "5m"}}}, [("F232", "/reengage/choices/later/again")]),
    ({"say": "x", "choices": {"later": {"then": "nowhere"}}}, [("F207", "/reengage/choices/later/then")]),
    ({"say": "x", "choices": {"later": 3}}, [("F203", "/reengage/choices/later")]),
    ({"say": "x", "choices": {"later": {"again": "1h", "then": "a"}}}, [("F205", "/reengage/choices/later")]),
    ({"say": "x", "hours": "office"}, []),
    ({"say": "x", "hours": "always"}, [("F203", "/reengage/hours")]),
    ({"say": "x", "hours": {"from": "13:00Z", "to": "00:00Z"}}, []),
    ({"say": "x", "hours": {"from": "13:00Z", "to": "00:00"}}, [("F203", "/reengage/hours")]),
    ({"say": "x", "hours": {"from": "8", "to": "19:00"}}, [("F203", "/reengage/hours/from")]),
    ({"say": "x", "hours": {"from": "08:00", "to": "08:00"}}, [("F203", "/reengage/hours/to")]),
    ({"say": "x", "hours": {"from": "08:00"}}, [("F202", "/reengage/hours/to")]),
    ({"say": "x", "hours": [{"from": "08:00", "to": "12:00", "days": ["mon-fri", "sat"]}]}, []),
    ({"say": "x", "hours": {"from": "08:00", "to": "12:00", "days": ["mo"]}}, [("F203", "/reengage/hours/days")]),
    (
        {"say": "x", "hours": {"from": "08:00", "to": "12:00", "timezone": "Here/There"}},
        [("F203", "/reengage/hours/timezone")],
    ),
    ("2h", [("F203", "/reengage")]),
    ([], []),
]


@pytest.mark.parametrize(("data", "says"), MISTAKES, ids=lambda one: str(one)[:60])
def test_mistakes_are_found_at_their_place(data: Any, says: list[tuple[str, str]]) -> None:
    flow = {"reengage": data, "steps": {"a": {"ask": "A?", "retry": {"then": "b"}}, "b": {"succeed": {}}}}
    made = compiled(orjson.dumps(flow).decode())
    assert [(one.code, one.pointer) for one in made.problems] == says


def test_what_is_not_said_is_the_usual() -> None:
    """R067, R069: two hours; Z is UTC, and the window wraps midnight."""
    assert flow_of("flow: demo\nsteps: {a: {ask: A?}, b: {succeed: {}}}").reengage == (), "off unless it is there"
    flow = flow_of("flow: demo\nreengage: {say: Hello?}\nsteps: {a: {ask: A?}, b: {succeed: {}}}")
    one = flow.reengage[0]
    assert (one.after, one.window.timezone, one.window.office) == (parse_duration("2h"), "", False)
    assert len(one.window.spans) == 7 and one.window.spans[0] == (0, ((480, 1140),))
    assert one.say == "reengage.1" and "reengage.1" in flow.entries
    hours = '{from: "13:00Z", to: "00:00Z", days: [fri-mon]}'
    flow = flow_of(
        f"flow: demo\nreengage: {{say: Hello?, hours: {hours}}}\nsteps: {{a: {{ask: A?}}, b: {{succeed: {{}}}}}}"
    )
    window = flow.reengage[0].window
    assert window.timezone == "UTC" and window.spans == tuple((day, ((780, 1440),)) for day in (0, 4, 5, 6))


BACK = Template(
    name="come_back",
    wordings={
        "en": Wording(
            language="en",
            body="Hello {{ name }}, shall we go on?",
            buttons=(
                Button(kind="quick_reply", id="yes", text="Go on"),
                Button(kind="quick_reply", id="no", text="Leave me alone"),
            ),
        )
    },
)


def late(letter: dict[str, Any]) -> Talk:
    """A question asked a day after the contact's last message, so that its re-engagement finds the window closed."""
    flow = {
        "flow": "demo",
        "languages": ["en"],
        "start": {"keywords": ["go"]},
        "settings": {"expires_after": "2h", "timezone": "UTC"},
        "reengage": {"after": "1h", "say": "still_there", "hours": {"from": "00:00", "to": "24:00"}, **letter},
        "steps": {
            "later": {"wait": {"for": "23h 30m"}},
            "city": {"ask": "Which city?"},
            "done": {"succeed": {"city": "{{ answers.city }}"}},
        },
    }
    made = flow_of(orjson.dumps(flow).decode(), {"en": {"still_there": "Still there?"}})
    found = Talk(Book(made, templates=[BACK]))
    found.user("go")
    found.wait("23h30m")
    assert found.texts() == ["Which city?"]
    found.wait("1h")
    return found


def test_a_template_goes_when_the_window_has_closed() -> None:
    """R073."""
    found = late({"template": "come_back", "with": {"name": "{{ contact.name }}"}})
    (out,) = found.sent()
    assert out.kind == "template" and out.text == "Hello Ana, shall we go on?"
    assert "session.reengaged" in found.hook_types
    found.inbound("tap", tap=Tap(choice="yes", visit=out.visit, source="template"))
    assert found.texts() == ["Which city?"]
    found.user("Cali")
    assert found.ended["result"] == {"city": "Cali"}


def test_its_no_ends_the_flow_and_a_refused_one_is_skipped() -> None:
    found = late({"template": "come_back", "with": {"name": "{{ contact.name }}"}})
    found.user("leave me alone")
    assert found.ended["reason"] == "declined_to_continue"
    refused = late({"template": "come_back"})
    assert refused.sent() == [] and "template_refused" in dict(refused.traces())
    refused.wait("2h")
    assert refused.ended["outcome"] == "expired"


def test_without_a_template_it_is_skipped_when_the_window_has_closed() -> None:
    """R073."""
    found = late({})
    skipped = [detail for turn in found.turns for what, detail in found.traces(turn) if what == "reengage_skipped"]
    assert [text for turn in found.turns for text in found.texts(turn)] == ["Which city?"]
    assert any("there is no template" in one for one in skipped)
