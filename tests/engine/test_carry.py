"""Who is on the way when a new version is published with the wish that all go on with it (R143, LANGUAGE section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from flowbot.engine.carry import fate
from flowbot.engine.flow import Flow
from flowbot.model.effect import SetTimer
from flowbot.model.event import VersionPublished
from flowbot.model.session import Process

from .talk import Book, Talk, flow_of

HEAD = "flow: demo\nlanguages: [en]\nstart: {keywords: [go]}\n"
QUESTION = "ask: Your age?, expect: integer, retry: {then: bye}"
END = "  bye: {say: Bye., succeed: {}}\n"


def flow(steps: str, head: str = HEAD, id: str = "demo") -> Flow:
    return flow_of(f"{head}steps:\n{steps}{END}", id=id)


def on_the_way(old: Flow, *others: Flow, says: Sequence[str] = ("go",)) -> Talk:
    talk = Talk(Book(old, *others))
    for said in says:
        talk.user(said)
    return talk


def publish(talk: Talk, new: Flow, *, carry: bool = True) -> list[str]:
    """What the contact hears of it."""
    talk.book.publish(new)
    if not carry:
        return []
    talk.apply(VersionPublished(nonce="1", flow=new.id, version=new.version))
    return talk.texts()


def standing(talk: Talk) -> list[tuple[str, str, str]]:
    """Flow, version and step of every process."""
    session = talk.session
    found = [session.process, *session.parked] if session.process else [*session.parked]
    for one in found:
        found += [one.parent] if one.parent else []
    return [(one.flow, one.flow_version, one.step) for one in found]


CASES: list[tuple[str, str, str]] = [
    # the old step at which the contact stands, the same in the new version, its fate
    (f"  age: {{{QUESTION}}}\n", f"  age: {{{QUESTION.replace('Your age?', 'How old are you?')}}}\n", "carried"),
    (f"  age: {{{QUESTION}}}\n", f"  new: {{say: Welcome.}}\n  age: {{{QUESTION}, with: {{min: 3}}}}\n", "carried"),
    (f"  age: {{{QUESTION}}}\n", f"  age: {{{QUESTION.replace('integer', 'number')}}}\n", "restarted"),
    (f"  age: {{{QUESTION}}}\n", "  age: {say: We ask no more.}\n", "restarted"),
    (f"  age: {{{QUESTION}}}\n", f"  years: {{{QUESTION}}}\n", "kept"),
    (
        "  age: {ask: Plan?, choices: [a, b], retry: {then: bye}}\n",
        "  age: {ask: Plan?, choices: {b: bye, a: bye}, retry: {then: bye}}\n",
        "carried",
    ),
    (
        "  age: {ask: Plan?, choices: [a, b], retry: {then: bye}}\n",
        "  age: {ask: Plan?, choices: [a, b, c], retry: {then: bye}}\n",
        "restarted",
    ),
    ("  age: {wait: {for: 2d}}\n", "  age: {wait: {for: 2d}, next: bye}\n", "carried"),
    ("  age: {wait: {for: 2d}}\n", "  age: {wait: {for: 3d}}\n", "kept"),
    ("  age: {wait: {for: 2d}}\n", f"  age: {{{QUESTION}}}\n", "kept"),
    ("  age: {handoff: team, title: Old}\n", "  age: {handoff: team, title: New}\n", "carried"),
    ("  age: {handoff: team}\n", "  age: {handoff: others}\n", "kept"),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_fate(before: str, after: str, expected: str) -> None:
    """R143: what the plan foretells is what happens."""
    old, new = flow(before), flow(after)
    talk = on_the_way(old)
    process: Process = talk.session.process or talk.session.parked[0]
    assert fate(old, new, process) == expected
    publish(talk, new)
    assert [detail for what, detail in talk.traces() if what == expected] == ["demo"]
    version = old.version if expected == "kept" else new.version
    assert not standing(talk) or standing(talk)[0][1] == version
    assert talk.session.process or talk.session.parked or talk.ended["outcome"] == "succeeded"


def test_without_the_wish_everybody_stays_where_they_began() -> None:
    """R012"""
    old, new = flow(f"  age: {{{QUESTION}}}\n"), flow(f"  age: {{{QUESTION}}}\n  more: {{say: More.}}\n")
    talk = on_the_way(old)
    publish(talk, new, carry=False)
    talk.user("33")
    assert talk.texts() == ["Bye."] and talk.ended["flow_version"] == old.version


def test_carried_over_nothing_is_said_and_the_answer_counts_in_the_new_version() -> None:
    old, new = flow(f"  age: {{{QUESTION}}}\n"), flow(f"  age: {{{QUESTION}}}\n  more: {{say: More.}}\n")
    talk = on_the_way(old)
    assert publish(talk, new) == []
    talk.user("33")
    assert talk.texts() == ["More.", "Bye."]
    assert talk.ended["flow_version"] == new.version and talk.ended["answers"] == {"age": 33}


def test_restarted_the_step_is_asked_anew_and_old_buttons_are_stale() -> None:
    old = flow("  plan: {ask: Plan?, choices: [a, b], retry: {then: bye}}\n")
    new = flow("  plan: {ask: Which plan?, choices: [a, c], retry: {then: bye}}\n")
    talk = on_the_way(old)
    visit = talk.session.process.visit  # type: ignore[union-attr]
    assert publish(talk, new) == ["Which plan?"]
    talk.tap("b", visit)
    assert talk.texts()[-1] == "Which plan?" and talk.step == "plan"
    talk.tap("c")
    assert talk.ended["answers"] == {"plan": "c"}


def test_it_is_done_once_and_other_flows_are_left_alone() -> None:
    old, new = flow(f"  age: {{{QUESTION}}}\n"), flow(f"  age: {{{QUESTION.replace('integer', 'number')}}}\n")
    talk = on_the_way(old)
    assert publish(talk, new) == ["Your age?"]
    talk.apply(VersionPublished(nonce="2", flow="demo", version=new.version))
    assert talk.texts() == []
    talk.book.publish(flow(f"  age: {{{QUESTION}}}\n", HEAD.replace("demo", "other"), "other"))
    talk.apply(VersionPublished(nonce="3", flow="other", version=talk.book.flow("other").version))
    assert standing(talk) == [("demo", new.version, "age")]


def test_a_version_that_is_gone_changes_nothing() -> None:
    old = flow(f"  age: {{{QUESTION}}}\n")
    talk = on_the_way(old)
    talk.apply(VersionPublished(nonce="1", flow="demo", version="0" * 16))
    assert standing(talk) == [("demo", old.version, "age")] and "error" in dict(talk.traces())


def test_the_timers_of_the_open_question_follow_the_new_version() -> None:
    old = flow(f"  age: {{{QUESTION}, timeout: {{after: 1h, then: bye}}}}\n")
    head = HEAD + "settings: {expires_after: 5h}\n"
    new = flow(f"  age: {{{QUESTION}, timeout: [{{after: 10m, say: Still?}}, {{after: 2h, then: bye}}]}}\n", head)
    talk = on_the_way(old)
    talk.wait("20m")
    publish(talk, new)
    asked = talk.session.process.asked_at  # type: ignore[union-attr]
    set_ = {one.name: one.at for one in talk.last.effects if isinstance(one, SetTimer)}
    assert set_ == {
        "timeout.0": talk.now,
        "timeout.1": asked + 2 * 3_600_000,
        "expire": talk.now + 5 * 3_600_000,
    }
    assert [talk.texts(turn) for turn in talk.wait("2h")] == [["Still?"], ["Bye."]]


def test_a_flow_within_a_flow_and_the_one_around_it_go_each_by_itself() -> None:
    outer = flow("  part: {run: inner}\n  after: {say: After.}\n")
    inner_head = HEAD.replace("demo", "inner").replace("start: {keywords: [go]}\n", "")
    inner = flow(f"  age: {{{QUESTION}}}\n", inner_head, "inner")
    talk = on_the_way(outer, inner)
    again = flow("  part: {run: inner, title: The part}\n  after: {say: Afterwards.}\n")
    assert publish(talk, again) == []
    assert standing(talk) == [("inner", inner.version, "age"), ("demo", again.version, "part")]
    newer = flow(f"  age: {{{QUESTION.replace('integer', 'number')}}}\n", inner_head, "inner")
    assert publish(talk, newer) == ["Your age?"]
    other = flow("  part: {run: somewhere}\n")
    publish(talk, other)
    assert standing(talk) == [("inner", newer.version, "age"), ("demo", again.version, "part")]
    talk.user("3.5")
    assert talk.texts() == ["Bye.", "Afterwards.", "Bye."]


def test_what_was_said_and_given_stays_and_new_inputs_have_their_defaults() -> None:
    head = HEAD + "inputs: {n: integer}\n"
    old = flow(f"  name: {{ask: Name?, retry: {{then: bye}}}}\n  age: {{{QUESTION}}}\n", head)
    more: dict[str, Any] = {"head": head.replace("{n: integer}", "{n: integer, m: {type: text, default: x}}")}
    new = flow(f"  name: {{ask: Name?, retry: {{then: bye}}}}\n  age: {{{QUESTION}}}\n", **more)
    talk = on_the_way(old, says=("go", "Ana"))
    publish(talk, new)
    process = talk.session.process
    assert process is not None and process.answers == {"name": "Ana"} and process.inputs["m"] == "x"


NAME = "  name: {ask: Name?, retry: {then: bye}}\n"
AGE = f"  age: {{{QUESTION}}}\n"


@pytest.mark.parametrize("says", [("go",), ("go", "Ana")])
def test_two_steps_that_changed_places_are_asked_once_each(says: tuple[str, ...]) -> None:
    """At the first, the second would never come; at the second, the first would come again."""
    old, new = flow(NAME + AGE), flow(AGE + NAME)
    talk = on_the_way(old, says=says)
    assert fate(old, new, talk.session.process) == "kept"  # type: ignore[arg-type]
    assert publish(talk, new) == [] and standing(talk)[0][1] == old.version
    for said, hears in [("Ana", "Your age?"), ("33", "Bye.")][len(says) - 1 :]:
        talk.user(said)
        assert talk.texts() == [hears]
    assert talk.ended["answers"] == {"name": "Ana", "age": 33}


VERIFY = "  check: {verify: otp, with: {channel: whatsapp}, next: {verified: bye, rejected: bye}}\n"
HELLO = '  hello: {say: "Hello, {{ answers.name }}."}\n'
CONFIRM = "  sure: {ask: Sure?, choices: {right: bye, wrong: name}, retry: {then: bye}}\n"


@pytest.mark.parametrize(
    ("old", "new", "says", "expected"),
    [
        (NAME + AGE, NAME + AGE + CONFIRM, ("go", "Ana"), "carried"),  # only who says that it is wrong is asked again
        (NAME + CONFIRM, NAME + CONFIRM + AGE, ("go", "Ana"), "carried"),  # it could have been asked again before, too
        (NAME + AGE, AGE, ("go", "Ana"), "carried"),  # what is asked no more is none that is missed
        (AGE, NAME + AGE, ("go",), "carried"),  # nor what is new and stands before
        (NAME + AGE, AGE + NAME.replace("ask:", "when: answers.age > 90, ask:"), ("go", "Ana"), "carried"),
        (
            NAME + AGE + HELLO,
            NAME.replace("name:", "call:") + AGE + HELLO.replace("name", "call"),
            ("go", "Ana"),
            "kept",
        ),
        (NAME + AGE + HELLO, NAME.replace("name:", "call:") + AGE + HELLO.replace("name", "call"), ("go",), "kept"),
        (AGE, NAME + AGE + HELLO, ("go",), "kept"),
        (AGE, AGE + NAME + HELLO, ("go",), "carried"),  # it is still before them
        (NAME + AGE, NAME + AGE + HELLO, ("go", "Ana"), "carried"),
        (NAME + AGE, NAME.replace("name: {", "first: {save: name, ") + AGE + HELLO, ("go", "Ana"), "carried"),
        (NAME + VERIFY, VERIFY.replace("verified: bye", "verified: name") + NAME, ("go",), "kept"),
    ],
)
def test_what_follows_decides_too(old: str, new: str, says: tuple[str, ...], expected: str) -> None:
    before, after = flow(old), flow(new)
    talk = on_the_way(before, says=says)
    assert fate(before, after, talk.session.process) == expected  # type: ignore[arg-type]


def test_who_was_led_away_by_a_word_finds_back() -> None:
    head = HEAD + "anytime: {help: {then: helping}}\n"
    helping = "  helping: {ask: With what?, retry: {then: bye}, next: back}\n"

    def with_help(question: str) -> Flow:
        return flow_of(f"{head}steps:\n{question}{END}{helping}", id="demo")

    old, new = with_help(AGE), with_help(AGE.replace("age:", "years:"))
    talk = on_the_way(old, says=("go", "help"))
    assert publish(talk, new) == [] and standing(talk)[0][1:] == (old.version, "helping")
    talk.user("with that")
    assert talk.texts() == ["Your age?"]
    same = on_the_way(old, says=("go", "help"))
    assert publish(same, with_help(AGE.replace("Your age?", "How old?"))) == []
    same.user("with that")
    assert same.texts() == ["How old?"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [("", "kept"), ("collect: {quiet: 5s}, save: story, ", "kept"), ("collect: {quiet: 9s}, ", "carried")],
)
def test_what_is_being_said_in_several_messages_is_not_lost(now: str, expected: str) -> None:
    step = "  age: {{ask: Tell., {}retry: {{then: bye}}}}\n"
    old, new = flow(step.format("collect: {quiet: 5s}, ")), flow(step.format(now))
    talk = on_the_way(old, says=("go", "one", "two"))
    assert fate(old, new, talk.session.process) == expected  # type: ignore[arg-type]
    assert publish(talk, new) == []
    assert [talk.texts(turn) for turn in talk.wait("10s")] == [["Bye."]]
    assert list(talk.ended["answers"].values()) == ["one\ntwo"]
    idle = on_the_way(old)
    assert fate(old, new, idle.session.process) == "carried"  # type: ignore[arg-type]
