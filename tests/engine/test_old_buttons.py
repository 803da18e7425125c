"""`stale: back`: a tap on an old button goes back to the very question it was of, also with choices from data."""

from __future__ import annotations

from tests.engine.talk import Talk, talk

FLOW = """
flow: demo
languages: [en]
start: {keywords: [go]}
defaults: {stale: back}
steps:
  data: {set: {vars.items: [{id: 7, name: Bread}, {id: 8, name: Milk}], vars.more: [{id: 7, name: Jam}]}}
  pick: {ask: Which one?, choices: {from: vars.items, id: id, title: name}}
  size: {ask: What size?, choices: [small, big]}
  top: {ask: With what?, choices: {from: vars.more, id: id, title: name}}
  sure: {ask: Sure?, choices: [small, big]}
  done: {say: "{{ answers.pick }} {{ answers.size }} {{ answers.top }}", succeed: {}}
"""


def at_the_end() -> tuple[Talk, dict[str, int]]:
    found, visits = talk(FLOW), {}
    for word in ("go", "Milk", "big", "Jam"):
        found.user(word)
        assert found.session.process is not None
        visits[found.step] = found.session.process.visit
    return found, visits


def test_of_two_lists_with_the_same_ids_it_is_the_one_that_was_tapped() -> None:
    found, visits = at_the_end()
    assert list(visits) == ["pick", "size", "top", "sure"]
    found.tap("7", visits["top"])
    assert found.step == "top"
    found, visits = at_the_end()
    found.tap("7", visits["pick"])
    assert found.step == "pick" and [one.title for one in found.sent()[0].choices] == ["Bread", "Milk"]
    for word in ("Bread", "small", "Jam", "big"):
        found.user(word)
    assert found.texts() == ["7 small 7"]


def test_of_two_questions_with_the_same_choices_too() -> None:
    found, visits = at_the_end()
    found.tap("small", visits["size"])
    assert found.step == "size"


def test_a_button_of_nobody_repeats_the_open_question() -> None:
    found, _ = at_the_end()
    found.tap("9", 1)
    assert found.said() == ["stale_choice", "sure"]


def test_a_flow_that_never_goes_back_keeps_no_record() -> None:
    found = talk(FLOW.replace("stale: back", "stale: say"))
    found.user("go")
    assert found.session.process is not None and found.session.process.questions == ()
