"""R060: the same step visited, or the same text sent, too often in one run stops the flow and notifies its owner."""

from __future__ import annotations

from tests.engine.talk import Talk, talk

MINUTE = 60_000
CIRCLE = """
flow: demo
languages: [en]
start: {keywords: [go]}
steps:
  a: {ask: Which?, next: {answered: b}}
  b: {say: "You said {{ answers.a }}.", next: a}
  c: {succeed: {}}
"""


def looped(found: Talk) -> list[str]:
    return [one.data["why"] for one in found.hooks if one.type == "process.looped"]


def test_the_same_step_a_hundred_times() -> None:
    found = talk(CIRCLE)
    found.user("go")
    for number in range(99):
        found.now += 2 * MINUTE
        found.user(f"word {number}")
    assert found.session.process is not None and looped(found) == []
    found.user("once more")
    assert found.said()[-1] == "fallback" and found.ended["reason"] == "engine_error"
    assert looped(found) == ["the step 'a' was visited more than 100 times"]
    assert found.hook_types[-2:] == ["process.looped", "process.failed"]
    assert "looped" in [what for what, _ in found.traces()]


def test_the_same_text_twenty_times_in_five_minutes() -> None:
    """Two bots that talk to each other."""
    found = talk(CIRCLE)
    found.user("go")
    for _ in range(19):
        found.user("hello")
    assert looped(found) == []
    found.user("hello")
    assert looped(found) == ["the same text went out more than 20 times within five minutes"]
    assert found.said() == ["b", "fallback"]


def test_slowly_or_with_other_words_it_goes_on() -> None:
    found = talk(CIRCLE)
    found.user("go")
    for _ in range(40):
        found.now += MINUTE // 2
        found.user("hello")
    assert looped(found) == []


def test_a_part_that_is_run_again_and_again_counts_for_the_whole() -> None:
    part = "flow: part\nlanguages: [en]\nsteps:\n  q: {ask: Part?}\n  s: {succeed: {}}"
    found = talk(
        "flow: demo\nlanguages: [en]\nstart: {keywords: [go]}\nsteps:\n  a: {run: part, next: a}", more={"part": part}
    )
    found.user("go")
    for _ in range(25):
        found.user("x")
    assert looped(found) == ["the same text went out more than 20 times within five minutes"]


def test_a_real_wait_forgives_it() -> None:
    daily = """
        flow: demo
        languages: [en]
        start: {keywords: [go]}
        settings: {expires_after: 1h}
        steps:
          a: {wait: {for: 1d}}
          b: {labels: {add: [x]}, next: a}
    """
    found = talk(daily)
    found.user("go")
    found.wait("150d")
    assert looped(found) == [] and found.session.parked
