"""Choices from data, and old buttons of them: what was offered stays with the question."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.engine import offering
from flowbot.engine.match import choose
from flowbot.gateways.fit import fit
from flowbot.model.gateway import Limits
from tests.engine.talk import Book, Talk, flow_of

SHOP = """
flow: demo
languages: [en]
start: {{keywords: [go]}}
steps:
  data: {{set: {{vars.items: {items}}}}}
  pick:
    ask: Which one?
    choices: {{from: vars.items, id: id, title: title, then: show, empty: nothing}}
    stale: {stale}
    commands: {{change: change}}
  show: {{ask: "You took {{{{ answers.pick }}}}. Your name?", stale: {stale}}}
  bye: {{succeed: {{}}}}
  nothing: {{fail: nothing}}
  change: {{set: {{vars.items: [{{id: b, title: Bread}}, {{id: z, title: Last one}}]}}, next: pick}}
"""
FIRST = '[{id: a, title: Apples 🍎}, {id: b, title: Bread}, {id: "x y", title: Café}]'


def shop(stale: str = "say", items: str = FIRST) -> Talk:
    found = Talk(Book(flow_of(SHOP.format(stale=stale, items=items))))
    found.user("go")
    return found


def tap(talk: Talk, choice: str, visit: int) -> list[str]:
    return [one.key for one in talk.sent(talk.tap(choice, visit, title="…"))]


def test_the_rows_stay_with_the_question_when_the_data_change() -> None:
    """R056: a repeated question offers what it offered, and a tap on any of it counts."""
    talk = shop()
    process = talk.session.process
    assert process is not None
    assert [row["id"] for row in process.offered] == ["a", "b", "x y"]
    assert [one.id for one in talk.sent()[-1].choices] == ["a", "b", "#3"]
    talk.user("nothing like that")
    assert tap(talk, "#3", process.visit) == ["show"]
    assert talk.session.process is not None
    assert talk.session.process.answers["pick"] == "x y"
    assert talk.session.process.offered == ()


def test_a_tap_on_a_button_of_before_the_change_is_an_old_one() -> None:
    """R053: by its visit, whatever its words; the open question is repeated."""
    talk = shop()
    assert talk.session.process is not None
    before = talk.session.process.visit
    talk.user("change")
    assert [one.id for one in talk.sent()[-1].choices] == ["b", "z"]
    for old in ("a", "b", "#3"):
        assert tap(talk, old, before) == ["stale_choice", "pick"]
    assert talk.session.process.answers == {}


def test_who_accepts_old_buttons_takes_the_same_id_and_no_reference() -> None:
    """R053, R054: `stale: accept`."""
    talk = shop("accept")
    assert talk.session.process is not None
    before = talk.session.process.visit
    talk.user("change")
    assert tap(talk, "a", before) == ["stale_choice", "pick"]
    assert tap(talk, "#3", before) == ["stale_choice", "pick"]
    assert tap(talk, "b", before) == ["show"]


def test_a_button_with_an_emoji_counts_by_its_id() -> None:
    """R054."""
    talk = shop()
    assert talk.session.process is not None
    assert tap(talk, "a", talk.session.process.visit) == ["show"]


@pytest.mark.parametrize(
    ("items", "ids", "left_out"),
    [
        ("[{id: 1, title: One}, {id: 1, title: Again}]", [1], True),
        ("[{id: true, title: Yes}, {id: null, title: No}, {id: [1], title: List}, {title: None}]", [], True),
        ("[{id: 0, title: ''}]", [0], False),
        ("[a, b]", ["a", "b"], False),
        ("[[1, 2]]", [], True),
        ("{a: 1}", [], False),
        ("text", [], False),
    ],
)
def test_data_that_are_not_as_they_should_be(items: str, ids: list[Any], left_out: bool) -> None:
    """Never an error for the contact: what has no id is left out, and the trace says so."""
    talk = shop(items=items)
    process = talk.session.process
    traces = [what for turn in talk.turns for what, _ in talk.traces(turn)]
    assert ([row["id"] for row in process.offered] if process else []) == ids
    assert (process is None) == (not ids)
    assert ("left_out" in traces) == left_out
    if process is None:
        assert talk.ended["reason"] == "nothing"


def test_many_and_long_ones_fit_what_a_provider_takes() -> None:
    """R006, R007: every page is one message, titles are whole there; ids on buttons are short."""
    items = str([{"id": "x" * 500 + str(number), "title": "T" * 400} for number in range(500)]).replace("'", '"')
    talk = shop(items=items)
    process = talk.session.process
    assert process is not None
    assert len(process.offered) == offering.MOST
    (asked,) = fit(talk.sent()[-1], Limits())
    assert asked.kind == "text" and not asked.choices and asked.text.endswith("11 to 20 of 200).")
    few = [{"id": "y" * 300, "title": "A title that is longer than a row", "description": "d" * 300}]
    talk = shop(items=str(few).replace("'", '"'))
    (asked,) = fit(talk.sent()[-1], Limits())
    assert [len(one.id) for one in asked.choices] == [2]


def test_pages_go_on_where_the_last_one_ended_and_start_again() -> None:
    """R007."""
    talk = shop(items=str([f"item {number}" for number in range(1, 24)]).replace("'", '"'))
    shown = [fit(talk.sent()[-1], Limits())[0].text]
    for _ in range(3):
        shown.append(fit(talk.sent(talk.user("more"))[-1], Limits())[0].text)
    starts = [text.removeprefix("Which one?").strip().split("\n")[0] for text in shown]
    assert starts == ["1. item 1", "11. item 11", "21. item 21", "1. item 1"]
    assert ["Write *more*" in text for text in shown] == [True, True, False, True]
    talk.user("23")
    assert talk.session.process is not None
    assert talk.session.process.answers["pick"] == "item 23"


def test_an_id_that_goes_as_a_reference_may_be_typed() -> None:
    options = offering.options([{"id": "SKU 12/3", "title": "Pan"}, {"id": "b", "title": "Té"}])
    assert choose("sku 12/3", options) == "#1"


def test_words_for_more_are_only_heard_where_there_is_more() -> None:
    talk = shop()
    assert [one.key for one in talk.sent(talk.user("more"))] == ["error.choice", "pick"]


def test_a_message_of_a_kind_that_nobody_reads_leaves_the_choices_open() -> None:
    """R055: a defined reply, and the session goes on."""
    talk = shop()
    for kind in ("sticker", "contacts", "order", "unsupported"):
        assert [one.key for one in talk.sent(talk.inbound(kind))] == ["unsupported"]
    talk.user("bread")
    assert talk.session.process is not None and talk.session.process.answers["pick"] == "b"
