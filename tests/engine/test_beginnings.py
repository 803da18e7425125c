"""LANGUAGE section 5, the rest of line 11: flows that begin without words of their own, one test a line."""

from __future__ import annotations

import pytest

from flowbot.model.project import Account
from tests.engine.talk import Book, Talk, compiled, flow_of

OFFICE = {"mon": (("08:00", "18:00"),), "sat": (("09:00", "13:00"),)}
# The clock of these talks begins on Saturday, 2026-11-21, at 00:00 UTC.


def ending(start: str, word: str) -> str:
    return f"languages: [en]\nstart: {{{start}}}\nsteps: {{a: {{say: {word}, succeed: {{}}}}}}"


def begun(**starts: str) -> Talk:
    """A talk with a flow for each start; each says its own name."""
    account = Account(name="acme", default_country="CO", office=OFFICE)
    flows = [flow_of(ending(start, f"{word}!"), id=word) for word, start in starts.items()]
    return Talk(Book(*flows, account=account))


def test_the_very_first_message_starts_the_flow_for_new_contacts_once_ever() -> None:
    """R031."""
    found = begun(fresh="new_contact: true", usual="default: {every_time: true}")
    found.wait("10h")
    assert found.texts(found.user("Hello?")) == ["fresh!"]
    assert found.texts(found.user("Hello?")) == ["usual!"]
    found.wait("40d")
    assert found.texts(found.user("Hello again")) == ["usual!"]


def test_words_go_before_the_flow_for_new_contacts() -> None:
    """R032."""
    found = begun(fresh="new_contact: true", words="keywords: [coffee]", sent="messages: [Hello there]")
    assert found.texts(found.user("coffee, please")) == ["words!"]
    assert found.texts(found.user("anything")) == [], "it was not the first message any more"


@pytest.mark.parametrize("kind", ["default", "out_of_hours"])
def test_default_and_out_of_hours_run_once_in_24_hours(kind: str) -> None:
    """R034."""
    found = begun(it=f"{kind}: true")
    assert found.texts(found.user("one")) == ["it!"]
    assert found.texts(found.user("two")) == []
    found.wait("23h")
    assert found.texts(found.user("three")) == []
    found.wait("1h")
    assert found.texts(found.user("four")) == ["it!"]


@pytest.mark.parametrize("kind", ["default", "out_of_hours"])
def test_or_every_time_when_the_flow_says_so(kind: str) -> None:
    """R034."""
    found = begun(it=f"{kind}: {{every_time: true}}")
    assert [found.texts(found.user(word)) for word in ("one", "two")] == [["it!"], ["it!"]]


def test_outside_office_hours_the_flow_for_that_goes_before_the_default() -> None:
    """R078."""
    found = begun(shut="out_of_hours: {every_time: true}", usual="default: {every_time: true}")
    found.wait("8h")
    assert found.texts(found.user("at eight on Saturday")) == ["shut!"]
    found.wait("1h")
    assert found.texts(found.user("at nine")) == ["usual!"]
    found.wait("4h")
    assert found.texts(found.user("at one")) == ["shut!"]
    found.wait("43h")
    assert found.texts(found.user("on Monday at eight")) == ["usual!"]


def test_a_pattern_takes_a_whole_message_after_keywords_and_before_all_else() -> None:
    """R032, R066."""
    found = begun(code='regex: "[A-Z]{2}-[0-9]+"', words="keywords: [go]", usual="default: {every_time: true}")
    assert found.texts(found.user("AB-12")) == ["code!"]
    assert found.texts(found.user("see AB-12")) == ["usual!"]
    assert found.texts(found.user("go AB-12")) == ["words!"]


def test_who_comes_from_an_advertisement_starts_the_flow_for_that() -> None:
    """R032."""
    found = begun(ad="referral: true", fresh="new_contact: true")
    assert found.texts(found.inbound("text", text="Hi", referral={"source_type": "ad"})) == ["ad!"]


def test_while_a_flow_is_open_none_of_them_starts() -> None:
    """R032."""
    account = Account(name="acme")
    asks = flow_of("languages: [en]\nstart: {keywords: [go]}\nsteps: {a: {ask: Name?}, b: {succeed: {}}}", id="asks")
    found = Talk(Book(asks, flow_of(ending("default: true", "usual!"), id="usual"), account=account))
    found.user("go")
    assert found.texts(found.user("Ana")) == []


def test_what_nobody_wrote_and_who_is_blocked_starts_nothing() -> None:
    found = begun(usual="default: {every_time: true}")
    assert found.texts(found.inbound("reaction")) == []
    found.change(blocked=True)
    assert found.texts(found.user("hello")) == []


def test_two_flows_with_the_same_start_clash() -> None:
    book = begun(one="default: true", two="default: true").book
    (clash,) = book.starts("acme", "main").clashes
    assert (clash.kind, clash.flow, clash.other) == ("default", "two", "one")


def test_mistakes_have_their_place() -> None:
    made = compiled(ending('regex: "(", default: often, out_of_hours: {ever_time: true}', "x"))
    said = {(one.code, one.pointer) for one in made.problems if one.level == "error"}
    assert said == {("F203", "/start/regex"), ("F203", "/start/default"), ("F201", "/start/out_of_hours/ever_time")}


def test_the_office_is_read_in_conditions_and_texts() -> None:
    """R078: office.open and office.next_open, told by the flow's clock."""
    told = "{{ office.open }}, opens {{ office.next_open | weekday }} {{ office.next_open | time }}"
    steps = f"steps: {{a: {{when: not office.open, say: '{told}'}}, b: {{say: Bye, succeed: {{}}}}}}"
    flow = flow_of(f"languages: [en]\nstart: {{keywords: [go]}}\nsettings: {{timezone: America/Bogota}}\n{steps}")
    found = Talk(Book(flow, account=Account(name="acme", office=OFFICE)))
    first, _ = found.texts(found.user("go"))
    assert first.startswith("No, opens Saturday 4:00"), first
    found.wait("10h")
    assert found.texts(found.user("go")) == ["Bye"]


def test_a_conversation_that_was_left_idle_begins_at_its_beginning() -> None:
    """R077."""
    flow = "languages: [en]\nstart: {keywords: [go]}\nsteps: {a: {ask: A?}, b: {ask: B?}, c: {succeed: {}}}"
    found = Talk(Book(flow_of(flow)))
    found.user("go")
    assert found.texts(found.user("x")) == ["B?"]
    found.wait("3h")
    assert found.ended["outcome"] == "expired"
    assert found.texts(found.user("go")) == ["A?"]
