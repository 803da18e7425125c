"""R022, R086: where consent is strict, a flow that we begin sends templates to who agreed, or has answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbot.model.effect import SendMessage
from flowbot.model.template import Template, Wording
from tests.engine.talk import Book, Talk, flow_of

DAY = 86_400_000
FLOW = """
flow: demo
languages: [en]
start: {api: true, keywords: [go]}
steps:
  visit: {template: visit_today, next: {refused: {fail: kept_away}}}
  later: {wait: {for: 2d}, listen: {more: again}}
  again: {template: visit_today, next: {refused: {fail: kept_away}}}
  done: {succeed: {}}
"""
WORDS = FLOW.replace("visit: {template: visit_today, next: {refused: {fail: kept_away}}}", "visit: {say: Hello.}")
PART = "flow: part\nlanguages: [en]\nsteps:\n  a: {wait: {for: 2d}}\n  b: {template: visit_today}\n  c: {succeed: {}}"
OUTER = "flow: demo\nlanguages: [en]\nstart: {api: true}\nsteps:\n  a: {run: part}\n  b: {succeed: {}}"
VISIT = Template(name="visit_today", topic="visits", wordings={"en": Wording(language="en", body="It is today.")})


def talk(text: str = FLOW, consent: str = "strict", *others: str) -> Talk:
    found = Talk(Book(flow_of(text), *(flow_of(one, id="part") for one in others), templates=[VISIT]))
    found.book.of = replace(found.book.of, consent=consent)
    return found


def letters(found: Talk) -> list[bool]:
    """Of each template that went out, whether the claim has to see an opt-in."""
    sent = [one for turn in found.turns for one in turn.effects if isinstance(one, SendMessage)]
    return [one.unasked for one in sent if one.outbound.kind == "template"]


def begin(found: Talk, **more: Any) -> None:
    found.api("demo", **{"unasked": True, "window": DAY, **more})


@pytest.mark.parametrize(
    ("consent", "agreed", "unasked", "sent", "reason"),
    [
        ("strict", (), True, [], "not_opted_in"),
        ("strict", ("offers",), True, [], "not_opted_in"),
        ("strict", ("visits",), True, [True], ""),
        ("strict", ("all",), True, [True], ""),
        ("strict", (), False, [False], ""),
        ("permissive", (), True, [False], ""),
    ],
)
def test_a_flow_that_begins_with_a_template_asks_for_an_opt_in(
    consent: str, agreed: tuple[str, ...], unasked: bool, sent: list[bool], reason: str
) -> None:
    found = talk(consent=consent)
    found.change(opted_in=agreed)
    begin(found, unasked=unasked)
    assert letters(found) == sent
    assert [one.data["reason"] for one in found.hooks if one.data.get("reason")] == ([reason] if reason else [])


def test_what_it_sends_later_asks_again_until_the_contact_answers() -> None:
    found = talk(WORDS)
    found.user("hi")  # the window is open: words may go
    begin(found)
    assert found.texts() == ["Hello."]
    found.wait("2d")
    assert letters(found) == [] and found.ended["reason"] == "kept_away"
    found = talk(WORDS)
    found.user("hi")
    begin(found)
    found.wait("1d")
    found.user("more")
    assert letters(found) == [False], "a reply needs nobody's leave"
    assert found.ended["outcome"] == "succeeded"


def test_a_conversation_that_the_contact_began_goes_on_without() -> None:
    found = talk(WORDS)
    found.user("go")
    found.wait("2d")
    assert letters(found) == [False]


def test_a_part_of_it_asks_as_the_whole_does() -> None:
    found = talk(OUTER, "strict", PART)
    found.user("hi")
    begin(found)
    found.wait("2d")
    assert letters(found) == []
    found = talk(OUTER, "strict", PART)
    found.user("hi")
    begin(found, unasked=False)
    found.wait("2d")
    assert letters(found) == [False]
