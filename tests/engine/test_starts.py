"""What starts a conversation on a channel, and who wins when two flows want the same words."""

from __future__ import annotations

import pytest

from flowbot.engine.flow import Flow
from flowbot.engine.starts import Clash, Starts
from tests.engine.talk import compiled, flow_of, talk


def flow(id: str, start: str) -> Flow:
    return flow_of(f"start: {start}\nlanguages: [en]\nsteps: {{hello: {{say: Hello., succeed: {{}}}}}}", id=id)


def test_two_flows_with_the_same_words_on_one_channel_clash() -> None:
    """R020: words are compared as they are matched; the first flow keeps them."""
    flows = [
        flow("one", "{messages: [I want it], keywords: [verify]}"),
        flow("two", "{messages: ['¡i WANT it!'], keywords: [Verify, verify]}"),
    ]
    found = Starts.of(flows, "main")
    assert Clash(kind="messages", words="¡i WANT it!", flow="two", other="one") in found.clashes
    assert {clash.words for clash in found.clashes if clash.kind == "keywords"} == {"Verify", "verify"}
    assert found.message("i want it") == "one" and found.keyword("verify now") == "one"


def test_flows_on_different_channels_do_not_clash() -> None:
    """R020"""
    flows = [flow("one", "{keywords: [go], channels: [main]}"), flow("two", "{keywords: [go], channels: [other]}")]
    assert Starts.of(flows, "main").keyword("go") == "one" and not Starts.of(flows, "main").clashes
    assert Starts.of(flows, "other").keyword("go") == "two"
    assert Starts.of(flows, "third").keyword("go") == ""


def test_the_longest_keyword_goes_first_and_only_whole_words_count() -> None:
    """R019"""
    found = Starts.of([flow("one", "{keywords: [go]}"), flow("two", "{keywords: [go home]}")])
    assert (found.keyword("go home now"), found.keyword("go away"), found.keyword("gone")) == ("two", "one", "")


def test_consent_words_are_those_of_every_flow_and_the_shipped_ones() -> None:
    found = Starts.of([flow("one", "{api: true}")])
    assert "unsubscribe" in found.opt_out and "subscribe" in found.opt_in


def test_nothing_starts_nothing() -> None:
    found = Starts.of([])
    assert found.message("") == "" and found.keyword("") == "" and found.content is None


SPOKEN = """
    flow: demo
    languages: [es, en]
    start:
      messages: {es: Quiero empezar, en: [I want to start, Let me in]}
      keywords: {es: empezar, en: start now}
    steps: {hello: {say: hello_text, succeed: {}}}
"""
HELLO = {"es": {"hello_text": "Hola"}, "en": {"hello_text": "Hello"}}


@pytest.mark.parametrize(
    ("typed", "known", "said"),
    [
        ("let me in!", "", "Hello"),
        ("Quiero empezar", "", "Hola"),
        ("start now please", "", "Hello"),
        ("empezar ya", "", "Hola"),
        ("I want to start", "es", "Hola"),
        ("Quiero empezar", "en-GB", "Hello"),
        ("I want to start", "fr", "Hello"),
    ],
)
def test_the_words_tell_the_language_of_who_has_none(typed: str, known: str, said: str) -> None:
    found = talk(SPOKEN, HELLO)
    found.change(language=known)
    found.user(typed)
    assert found.texts() == [said]


def test_start_words_of_a_language_that_the_flow_does_not_speak() -> None:
    made = compiled("languages: [es, en]\nstart: {messages: {eng: Hi, es: []}}\nsteps: {a: {fail: x}}")
    assert [(one.code, one.pointer) for one in made.problems] == [
        ("F203", "/start/messages/eng"),
        ("F203", "/start/messages/es"),
    ]
