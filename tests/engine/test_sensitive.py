"""`sensitive: true`: whole in the hook and the API, shown nowhere else, however the answer came."""

from __future__ import annotations

import pytest

from flowbot.model.effect import EmitHook, RecordTrace, SaveProcess
from tests.engine.talk import Book, Talk, flow_of

SECRET = "4111 1111 1111 1111"
FLOW = """
flow: demo
languages: [en]
start: {{keywords: [go]}}
steps:
  data: {{set: {{vars.items: [{{id: gold, title: Gold card, limit: 9}}]}}}}
  card: {{ask: Which?, {question}, sensitive: true, retry: {{times: 2, then: {{fail: locked}}}}}}
  more: {{ask: And then?}}
  bye: {{succeed: {{}}}}
"""
CASES = {
    "text": ("expect: text", [SECRET], SECRET),
    "a card": ("expect: card", [SECRET], "4111111111111111"),
    "a wrong one first": ("expect: card", ["4111 1111 1111 1112", SECRET], "4111111111111111"),
    "a burst": ("collect: {until: done}", [SECRET, "and", "done"], SECRET + "\nand"),
    "a choice": ("choices: [gold, platinum]", ["gold"], "gold"),
    "a choice from data": ("choices: {from: vars.items, id: id, empty: more}", ["gold"], "gold"),
    "one that its check cannot read": ("validate: [{check: (answers.card | plus('1d')) != 3}]", [SECRET], SECRET),
}


@pytest.mark.parametrize("name", CASES)
def test_whole_for_the_client_and_hidden_in_the_trace(name: str) -> None:
    question, typed, kept = CASES[name]
    talk = Talk(Book(flow_of(FLOW.format(question=question))))
    talk.user("go")
    for text in typed:
        talk.user(text)
        traces = [one for one in talk.last.effects if isinstance(one, RecordTrace)]
        assert typed[0] not in repr(traces) and kept not in repr(traces)
        assert any(one.facts.get("hidden") for one in traces), "nobody knows that this message is to be hidden"
    process = talk.session.process
    assert process is not None and process.step == "more"
    assert process.answers["card"] == kept
    assert process.sensitive == ("card",)
    assert kept not in repr(process.results)
    talk.user("nothing")
    assert not any(one.facts.get("hidden") for one in talk.last.effects if isinstance(one, RecordTrace))
    told = [one.data for one in talk.last.effects if isinstance(one, EmitHook | SaveProcess)]
    assert len(told) == 2
    assert all(data["answers"]["card"] == kept for data in told)
