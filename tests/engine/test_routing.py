"""LANGUAGE section 5: when something arrives, who gets it. One test a line, in its order (R032 as far as issue 2)."""

from __future__ import annotations

import pytest

from flowbot.model.effect import RecordConsent, SendMessage
from flowbot.model.inbound import Tap
from tests.engine.talk import Talk, talk

DEMO = """
    flow: demo
    languages: [en]
    start: {messages: [I want to verify my identity], keywords: [verify]}
    anytime:
      help: {say: help_text}
      agent: {then: to_agent}
      exit: {fail: canceled}
    steps:
      plan:
        ask: Which plan?
        choices: {basic: name, help: name}
        commands: {later: {next: done, max: 1}}
        retry: {times: 3, then: done}
      name: {ask: Your name?, next: done, retry: {then: done}}
      to_agent: {ask: What about?, next: back, retry: {then: done}}
      done: {succeed: {}}
"""
OTHER = """
    flow: other
    languages: [en]
    start: {messages: [Other please], keywords: [other]}
    steps: {hello: {say: Hello from the other., succeed: {}}}
"""
WORDS = {
    "en": {
        "help_text": "Some help.",
        "words": {
            "help": ["help", "?"],
            "opt_out": ["stop"],
            "opt_in": ["start"],
            "agent": ["agent"],
            "exit": ["exit"],
            "later": ["not now"],
        },
    }
}


def begun(text: str = DEMO) -> Talk:
    found = talk(text, WORDS, more={"other": OTHER})
    found.user("verify")
    return found


def test_2_a_blocked_contact_is_recorded_only() -> None:
    found = begun()
    found.change(blocked=True)
    found.user("basic")
    assert found.sent() == [] and found.traces() == [("recorded", "blocked")] and found.step == "plan"


@pytest.mark.parametrize("kind", ["reaction", "system", "edit", "revoke"])
def test_2_what_is_no_message_is_recorded_only(kind: str) -> None:
    found = begun()
    found.inbound(kind)
    assert found.sent() == [] and found.step == "plan"


@pytest.mark.parametrize("type", ["request_welcome", "interactive.call_permission_reply"])
@pytest.mark.parametrize("open", [True, False])
def test_2_what_whatsapp_itself_sends_is_recorded_only(type: str, open: bool) -> None:
    found = begun() if open else talk(DEMO, WORDS)
    found.inbound("unsupported", facts={"type": type})
    assert found.sent() == [] and found.traces() == [("recorded", "unsupported")]
    assert open or found.session.last_inbound_at == 0, "nobody wrote: it opens no window"


def test_2_a_groups_message_is_recorded_only() -> None:
    found = begun()
    found.inbound("text", text="basic", group="g1")
    assert found.sent() == [] and found.step == "plan"


def test_3_opting_out_goes_first_and_ends_the_process() -> None:
    """R086: the ledger, the shipped reply that may always be sent, and the end as opted_out."""
    found = begun()
    turn = found.user(" STOP! ")
    assert isinstance(turn.effects[0], RecordConsent) and turn.effects[0].change == "out"
    assert [one.purpose for one in turn.effects if isinstance(one, SendMessage)] == ["exempt"]
    assert found.said() == ["opted_out"] and found.contact.opted_out == ("all",)
    assert found.ended["reason"] == "opted_out" and found.session.process is None
    assert found.hook_types == ["process.started", "contact.opted_out", "process.failed"]


def test_3_opting_out_works_without_an_open_flow() -> None:
    found = talk(DEMO, WORDS)
    found.user("stop")
    assert found.said() == ["opted_out"] and found.hook_types == ["contact.opted_out"]


def test_3_opting_in_means_something_to_who_is_out_only() -> None:
    """R087: the word lifts the block; from anybody else it is an ordinary word."""
    found = talk(DEMO, WORDS)
    found.user("start")
    assert found.said() == []
    found.change(opted_out=("all",))
    found.user("Start")
    assert found.said() == ["opted_in"] and found.contact.opted_out == ()
    assert found.hook_types == ["contact.opted_in"]


def test_3_who_opted_out_still_gets_replies() -> None:
    """R087: an opted-out contact's own message is answered."""
    found = talk(DEMO, WORDS)
    found.change(opted_out=("all",))
    found.user("verify")
    assert found.said() == ["plan"]


def test_5_a_tap_on_the_open_question_is_its_choice() -> None:
    """R054: matched by its id, whatever the label says."""
    found = begun()
    found.tap("basic", title="Básico 👍")
    assert found.step == "name" and found.session.process.answers == {"plan": "basic"}


def test_5_a_tap_is_never_read_as_a_word() -> None:
    """A choice may carry the id of an anytime word."""
    found = begun()
    found.tap("help")
    assert found.step == "name" and found.session.process.answers == {"plan": "help"}


def test_5_a_templates_button_with_the_open_steps_id_counts() -> None:
    found = begun()
    found.inbound("tap", tap=Tap(choice="basic", visit=0, title="Basic", source="template"))
    assert found.step == "name"


def test_5_a_tap_on_an_old_button_is_known_as_old() -> None:
    """R053: by default the contact is told so, and the open question repeated."""
    found = begun()
    old = found.session.process.visit
    found.tap("basic")
    found.tap("help", visit=old)
    assert found.said() == ["stale_choice", "name"] and found.step == "name"
    assert found.session.process.answers == {"plan": "basic"}


def test_5_stale_accept_lets_the_same_id_answer() -> None:
    """R053"""
    text = DEMO.replace("ask: Which plan?", "ask: Which plan?\n        stale: accept")
    found = begun(text)
    found.tap("basic", visit=99)
    assert found.step == "name"
    found.tap("basic", visit=1)
    assert found.said() == ["stale_choice", "name"], "the next step does not accept old buttons"


def test_5_stale_back_returns_to_the_buttons_step() -> None:
    """R053"""
    found = begun(DEMO.replace("name: {ask: Your name?,", "name: {ask: Your name?, stale: back,"))
    found.tap("basic")
    found.tap("help", visit=1)
    assert found.step == "plan" and found.said() == ["plan"]


def test_5_an_old_tap_without_an_open_flow_is_recorded() -> None:
    found = talk(DEMO, WORDS)
    found.tap("basic", visit=7)
    assert found.sent() == [] and found.traces() == [("recorded", "stale")]


@pytest.mark.parametrize("typed", ["basic", "1", "BÁSIC!"])
def test_6_a_typed_choice_or_number_is_the_choice(typed: str) -> None:
    """R037: title, id or number."""
    found = begun()
    found.user(typed)
    assert found.session.process.answers == {"plan": "basic"}


def test_6_a_typed_choice_goes_before_an_anytime_word() -> None:
    found = begun()
    found.user("help")
    assert found.session.process.answers == {"plan": "help"}


def test_6_a_command_of_the_open_question() -> None:
    found = begun()
    found.user("Not now!")
    assert found.ended["outcome"] == "succeeded" and ("command", "later") in found.traces()


def test_7_an_anytime_word_answers_and_repeats_the_question() -> None:
    found = begun()
    found.tap("basic")
    found.user("?")
    assert found.said() == ["help_text", "name"] and found.step == "name"


def test_7_an_anytime_word_may_lead_away_and_back() -> None:
    found = begun()
    found.tap("basic")
    found.user("agent")
    assert found.step == "to_agent"
    found.user("my bill")
    assert found.step == "name" and found.said() == ["name"]


@pytest.mark.parametrize(("way", "step"), [([], "plan"), (["basic"], "name"), (["basic", "agent"], "to_agent")])
def test_7_the_exit_word_works_at_any_step(way: list[str], step: str) -> None:
    """R052: the process ends canceled, and a confirmation is sent; at a choice, at a text, on a detour."""
    found = begun()
    for text in way:
        found.user(text)
    assert found.step == step
    found.user("exit")
    assert found.said() == ["canceled"]
    assert (found.ended["outcome"], found.ended["reason"], found.ended["status"]) == ("canceled", "canceled", "failure")


def test_7_goes_before_another_flows_keyword() -> None:
    found = begun(DEMO.replace("keywords: [verify]", "keywords: [verify, agent]"))
    found.user("agent")
    assert found.step == "to_agent"


@pytest.mark.parametrize("text", ["other", "Other, please", "other thing"])
def test_8_another_flow_interrupts(text: str) -> None:
    found = begun()
    found.user(text)
    assert found.texts() == ["Hello from the other."]
    failed = next(one for one in found.hooks if one.type == "process.failed")
    assert failed.data["reason"] == "superseded" and failed.data["flow"] == "demo"


def test_8_not_when_the_open_flow_forbids_it() -> None:
    """R033"""
    found = begun(DEMO.replace("languages: [en]", "languages: [en]\n    settings: {keywords_interrupt: false}"))
    found.user("other")
    assert found.said() == ["error.choice", "plan"]


def test_8_a_flows_own_words_do_not_start_it_again() -> None:
    found = begun()
    found.tap("basic")
    found.user("verify")
    assert found.ended["answers"]["name"] == "verify"
    assert found.hook_types.count("process.started") == 1


def test_8_the_open_flows_own_message_repeats_its_question() -> None:
    """Who taps the link again is not taken at their word: it is no name, and costs no try."""
    found = begun()
    found.tap("basic")
    found.user("I WANT to verify my identity!")
    assert found.said() == ["name"] and found.step == "name" and "name" not in found.session.process.answers
    assert found.session.process.tries == 0 and ("again", "demo") in found.traces()
    found.user("verify")
    assert found.session.process is None, "a keyword may be an answer"


def test_9_the_open_question_gets_the_rest() -> None:
    found = begun()
    found.tap("basic")
    found.user("Ana María")
    assert found.ended["answers"]["name"] == "Ana María"
    assert ("answered", "Ana María") in found.traces()


def test_9_a_place_that_nobody_asked_for_is_a_wrong_answer_and_no_end() -> None:
    """R055: as a live location comes."""
    found = begun()
    found.place()
    assert found.said() == ["error.choice", "plan"] and found.step == "plan"


@pytest.mark.parametrize("kind", ["sticker", "contacts", "order", "unsupported"])
def test_9_an_unsupported_kind_gets_a_word_and_the_question_stays(kind: str) -> None:
    """R055: no try is used up."""
    found = begun()
    found.inbound(kind)
    assert found.said() == ["unsupported"] and found.step == "plan" and found.session.process.tries == 0


def test_11_whole_messages_go_before_keywords() -> None:
    """R019: case, accents, punctuation and outer spaces do not count."""
    more = {"other": OTHER.replace("Other please", "Verify the other one")}
    found = talk(DEMO, WORDS, more=more)
    found.user("  ¡verify THE óther one!! ")
    assert found.texts() == ["Hello from the other."]


@pytest.mark.parametrize("text", ["verify", "VERIFY me", "i want to verify  my identity."])
def test_11_a_message_or_a_first_word_starts_its_flow(text: str) -> None:
    """R019"""
    found = talk(DEMO, WORDS)
    found.user(text)
    assert found.said() == ["plan"]


def test_11_a_templates_quick_reply_starts_by_its_text() -> None:
    found = talk(DEMO, WORDS)
    found.inbound("tap", tap=Tap(choice="payload", title="Verify", source="template"))
    assert found.said() == ["plan"]


def test_12_nothing_is_recorded_and_no_error() -> None:
    found = talk(DEMO, WORDS)
    found.user("hello there")
    assert found.sent() == [] and found.traces() == [("recorded", "")] and found.session.last_inbound_at == found.now


def test_9_a_contact_card_answers_a_question_for_a_number() -> None:
    """Elsewhere it is politely declined, and costs no try."""
    card = ({"phones": [{"phone": "+57 300 111 2233", "wa_id": "573001112233"}]},)
    found = talk("""
        languages: [en]
        start: {api: true}
        steps: {a: {ask: A?, expect: phone}, b: {ask: B?}, c: {succeed: {}}}
    """)
    found.api()
    found.inbound("contacts", contacts=({"name": {"formatted_name": "Ana"}},))
    assert found.said() == ["error.phone", "a"]
    found.inbound("contacts", contacts=card)
    assert found.session.process.answers == {"a": "+573001112233"} and found.step == "b"
    found.inbound("contacts", contacts=card)
    assert found.said() == ["unsupported"] and found.session.process.tries == 0
