"""A flow that begins anew, and the end that silence makes, as who names these events hears of them."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.model.order import MoveOrdered
from tests.engine.talk import Book, Talk, flow_of

FLOW = """
    flow: demo
    languages: [en]
    start: {keywords: [go], api: true}
    anytime: {restart: {then: name}, over: {then: round}, help: {say: Some help.}, part: {then: part}}
    steps:
      name: {ask: Name?}
      card: {ask: Card?, commands: {back: name}, choices: {again: name, next: done}}
      part: {run: other, next: {succeeded: done, failed: done, expired: {fail: expired}}}
      done: {succeed: {}}
      round: {jump: demo}
"""
OTHER = """
    flow: other
    languages: [en]
    start: {keywords: [other]}
    anytime: {top: {then: one}}
    steps:
      one: {ask: One?}
      two: {ask: Two?}
      end: {succeed: {}}
"""
KIND = "session.restarted"


def begun() -> Talk:
    found = Talk(Book(flow_of(FLOW), flow_of(OTHER, id="other")))
    found.user("go")
    found.user("Ana")
    return found


def restarts(found: Talk) -> list[tuple[Any, ...]]:
    return [(e.data["by"], e.data["step"], e.data["replaces"]) for e in found.hooks if e.type == KIND]


@pytest.mark.parametrize("word", ["restart", "back"], ids=["of anytime", "of the step"])
def test_a_word_that_leads_to_the_first_step_begins_anew(word: str) -> None:
    """R120: the same process, asked from the top; what leads elsewhere, or is a step's own choice, does not."""
    found = begun()
    found.user("help")
    found.user(word)
    assert found.step == "name" and restarts(found) == [("contact", "card", None)]
    data = found.hooks[-1].data
    assert (data["status"], data["answers"]) == ("pending", {"name": "Ana"})
    found.user("Eva")
    found.user("again")
    assert found.step == "name" and len(restarts(found)) == 1


def test_a_client_that_moves_a_process_to_its_first_step_begins_it_anew() -> None:
    """R120: when it is moved; one that is moved elsewhere goes on."""
    found = begun()
    assert found.session.process is not None
    for nonce, step in (("1", "card"), ("2", "name")):
        found.apply(MoveOrdered(nonce=nonce, process_id=found.session.process.id, step=step, by="api"))
        found.user("hello")
    assert restarts(found) == [("client", "card", None)]


def test_the_same_flow_in_the_place_of_itself() -> None:
    """R120: by a jump, by a client, by its own words while a part of it is open; another flow is no restart."""
    found = begun()
    assert found.session.process is not None
    first = found.session.process.id
    found.user("over")
    assert [e.type for e in found.hooks[-3:]] == ["process.succeeded", "process.started", KIND]
    second = found.session.process.id
    found.api(if_open="supersede")
    third = found.session.process.id
    found.user("part")
    found.user("go")
    assert restarts(found) == [("flow", "round", first), ("client", "name", second), ("contact", "part", third)]
    assert found.hooks[-1].data["process_id"] == found.session.process.id != third
    found.api("other", if_open="supersede")
    assert len(restarts(found)) == 3


def test_a_part_that_begins_anew_is_nothing_that_a_client_knows_of() -> None:
    found = begun()
    for said in ("part", "x", "top"):
        found.user(said)
    assert found.step == "one" and restarts(found) == []


def test_silence_ends_the_session_too() -> None:
    """R120: beside process.expired, with the step that was open."""
    found = begun()
    found.wait("3h")
    assert [e.type for e in found.hooks[-3:]] == ["process.failed", "process.expired", "session.expired"]
    assert (found.hooks[-1].data["step"], found.hooks[-1].data["reason"]) == ("card", "expired")
    assert found.hooks[-1].data == {**found.ended, "step": "card"}
