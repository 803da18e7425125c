"""Processes that wait beside the open one (LANGUAGE section 5): routing line 10, whose turn it is, limits."""

from __future__ import annotations

import pytest

from flowbot.engine import parking, walk
from flowbot.model.effect import SendMessage, SetTimer
from flowbot.model.event import ClockAdvanced, TimerFired
from tests.engine.talk import Talk, flow_of, talk

REMIND = """
    flow: demo
    languages: [en]
    start: {keywords: [remind]}
    anytime: {cancel: {then: gone}, help: {say: I will remind you.}}
    steps:
      when: {ask: What about?}
      later: {wait: {for: 1d}, listen: {now: tell}}
      tell: {say: "Remember: {{ answers.when }}.", succeed: {}}
      gone: {say: "Forgotten: {{ answers.when }}.", fail: canceled}
"""
OTHER = """
    flow: other
    languages: [en]
    start: {keywords: [other]}
    steps: {name: {ask: Your name?}, bye: {say: Thanks., succeed: {}}}
"""


def reminded(*things: str) -> Talk:
    found = talk(REMIND, more={"other": OTHER})
    for thing in things:
        found.user("remind me")
        found.user(thing)
    return found


def test_any_number_may_be_parked() -> None:
    found = reminded("milk", "bread", "eggs")
    assert found.session.process is None
    assert [one.answers["when"] for one in found.session.parked] == ["milk", "bread", "eggs"]
    assert {one.state for one in found.session.parked} == {"parked"}


def test_10_words_of_parked_flows_are_heard_by_the_newest_first() -> None:
    found = reminded("milk", "bread")
    assert found.texts(found.user("now")) == ["Remember: bread."]
    assert found.texts(found.user("cancel")) == ["Forgotten: milk."]
    assert found.session.parked == ()


def test_10_a_word_that_only_says_something_leaves_all_as_it_was() -> None:
    found = reminded("milk", "bread")
    before = found.session.parked
    assert found.texts(found.user("help")) == ["I will remind you."]
    assert found.session.parked == before


def test_9_the_open_question_goes_before_parked_flows() -> None:
    found = reminded("milk")
    found.user("other")
    assert found.texts(found.user("cancel")) == ["Thanks."]
    assert len(found.session.parked) == 1


def test_10_parked_flows_go_before_starts() -> None:
    found = reminded("milk")
    third = OTHER.replace("flow: other", "flow: third").replace("[other]", "[now]")
    found.book.publish(flow_of(third, id="third"))
    assert found.texts(found.user("now")) == ["Remember: milk."]
    assert found.texts(found.user("now")) == ["Your name?"]


def test_who_woke_first_goes_on_first_and_one_after_the_other() -> None:
    found = reminded("milk", "bread")
    found.user("other")
    found.wait("1h")
    found.user("Ana")
    found.wait("1d")
    assert [text for turn in found.turns for text in found.texts(turn)][-3:] == [
        "Thanks.",
        "Remember: milk.",
        "Remember: bread.",
    ]


def test_what_wakes_at_the_end_of_another_flow_is_started_by_the_business() -> None:
    found = talk(REMIND.replace("1d", "1h"), more={"other": OTHER})
    found.user("remind me")
    found.user("milk")
    found.user("other")
    found.wait("90m")
    turn = found.user("Ana")
    sent = [one for one in turn.effects if isinstance(one, SendMessage)]
    assert [(one.outbound.text, one.purpose) for one in sent] == [("Thanks.", "reply"), ("Remember: milk.", "business")]
    assert len({one.process_id for one in sent}) == 2


def test_opting_out_while_nothing_is_open_takes_the_parked_flows_own_step() -> None:
    own = REMIND + '      out: {opt_out: all, say: "Never again.", fail: opted_out}\n'
    found = talk(own.replace("anytime: {", "anytime: {leave: {then: out}, "))
    found.user("remind me")
    found.user("milk")
    assert found.texts(found.user("unsubscribe")) == ["Never again."]
    assert found.ended["reason"] == "opted_out" and found.consents == [("all", "out", "word")]


def test_opting_out_without_such_a_step_leaves_parked_flows_alone() -> None:
    found = reminded("milk")
    assert found.said(found.user("unsubscribe")) == ["opted_out"]
    assert len(found.session.parked) == 1


def test_a_late_timer_of_a_wait_that_was_left_does_nothing() -> None:
    found = reminded("milk")
    [parked] = found.session.parked
    [(_, due)] = parked.timers.items()
    found.user("now")
    found.now = due
    assert not found.apply(TimerFired(name="wake", visit=parked.visit, due=due)).effects


def test_a_parked_process_whose_flow_is_gone_ends_and_says_so_to_the_client() -> None:
    found = reminded("milk")
    found.book.versions.clear()
    found.wait("1d")
    assert found.session.parked == () and found.ended["reason"] == "engine_error"


def test_the_clock_of_a_simulated_session_moves_the_timers_of_parked_ones_too() -> None:
    found = reminded("milk")
    turn = found.apply(ClockAdvanced(nonce="n", by=3_600_000))
    assert [one.name for one in turn.effects if isinstance(one, SetTimer)] == ["wake"]


def test_too_many_parked_ones_crowd_out_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "MOST", 2)
    found = reminded("milk", "bread", "eggs")
    assert [one.answers["when"] for one in found.session.parked] == ["bread", "eggs"]
    assert found.ended["reason"] == "superseded" and len(found.timers) == 2


def test_one_that_waits_in_a_part_is_crowded_out_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """R127: its client hears of it, and nothing of it goes on in what is open."""
    monkeypatch.setattr(parking, "MOST", 2)
    whole = """
        flow: demo
        languages: [en]
        start: {keywords: [remind]}
        steps:
          part: {run: other, next: {succeeded: end, failed: end, expired: end}}
          end: {say: All over., succeed: {}}
    """
    part = "flow: other\nlanguages: [en]\nsteps: {later: {wait: {for: 1d}}, end: {succeed: {}}}"
    found = talk(whole, more={"other": part})
    for _ in range(3):
        found.user("remind")
        assert found.sent() == []
    began = [one.data["process_id"] for one in found.hooks if one.type == "process.started"]
    ends = [one.data for one in found.hooks if one.type == "process.failed"]
    assert [(one["process_id"], one["reason"], one["failed_step"]) for one in ends] == [
        (began[0], "superseded", "part")
    ]
    assert [one.id for one in found.session.parked] == began[1:] and found.session.process is None


def test_a_flow_may_wait_for_ever_but_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_VISITS", 10)
    steps = "{again: {wait: {for: SPAN}}, more: {set: {vars.n: 1}, next: again}}"
    loop = f"flow: demo\nstart: {{keywords: [go]}}\nsteps: {steps}"
    found = talk(loop.replace("SPAN", "1d"))
    found.user("go")
    found.wait("30d")
    assert len(found.session.parked) == 1
    found = talk(loop.replace("SPAN", "1s"))
    found.user("go")
    found.wait("30s")
    assert found.session.parked == () and found.ended["reason"] == "engine_error"


def test_visits_of_other_flows_do_not_count_for_a_parked_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_VISITS", 10)
    monkeypatch.setattr(parking, "REAL", 10**12)
    found = reminded("milk")
    for _ in range(8):
        found.user("other")
        found.user("Ana")
    assert found.texts(found.user("now")) == ["Remember: milk."]
