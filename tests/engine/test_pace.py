"""R144: per step, the next message waits for the delivery of the one before."""

from __future__ import annotations

import pytest

from flowbot.model.effect import SendMessage
from tests.engine.talk import Book, Talk, compiled, flow_of

PACED = """
flow: demo
languages: [en]
start: {keywords: [go]}
steps:
  photo: {say: [One., Two.], next_after: delivered}
  words: {say: Three.}
  more: {ask: Four?, next_after: delivered, next_after_cap: 30s}
  last: {say: Five., next_after: sent}
  end: {succeed: {}}
"""


def test_a_step_says_what_the_message_after_its_own_waits_for() -> None:
    """What another step sends goes as the channel says."""
    found = Talk(Book(flow_of(PACED)))
    found.user("go")
    found.user("x")
    sent = [one for turn in found.turns for one in turn.effects if isinstance(one, SendMessage)]
    assert [(one.outbound.text, one.waits) for one in sent] == [
        ("One.", 10_000),
        ("Two.", 10_000),
        ("Three.", -1),
        ("Four?", 30_000),
        ("Five.", 0),
    ]


@pytest.mark.parametrize(
    ("keys", "code", "part"),
    [
        ("next_after: read", "F203", "'read'"),
        ("next_after_cap: 5s", "F205", "needs a wait"),
        ("next_after: sent, next_after_cap: 5s", "F205", "needs a wait"),
        ("next_after: delivered, next_after_cap: 11m", "F213", "at most 10m"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_line(keys: str, code: str, part: str) -> None:
    made = compiled(f"flow: demo\nstart: {{api: true}}\nsteps:\n  a: {{say: Hi., {keys}}}\n  b: {{succeed: {{}}}}")
    assert [(one.line, one.code, part in one.message) for one in made.problems] == [(4, code, True)]
