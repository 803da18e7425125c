"""What holds for every turn: limits, clocks, versions, ends, and what the client hears."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowbot.engine.draft import Draft
from flowbot.engine.live import Live
from flowbot.engine.turn import advance
from flowbot.engine.visit import Visit
from flowbot.errors import ExpressionError
from flowbot.model.contact import Identity
from flowbot.model.effect import CancelTimer, EmitHook, RecordTrace, SaveProcess, SendMessage, SetTimer
from flowbot.model.event import ClockAdvanced, TimerFired
from flowbot.model.project import Account
from flowbot.model.session import Session
from tests.engine.talk import NOW, Book, Talk, flow_of, talk

HOUR = 3_600_000
DEMO = """
    flow: demo
    languages: [en, es]
    start: {keywords: [go], api: true}
    inputs: {city: {default: Lima}, account_id: {}}
    anytime: {help: {say: help_text}}
    defaults: {retry: {times: 1, then: sorry}}
    steps:
      name: {ask: name_text}
      card: {ask: card_text, expect: integer, sensitive: true, save: contact.card}
      bye: {say: bye_text, succeed: {name: "{{ answers.name }}"}}
      sorry: {say: sorry_text, fail: too_many_tries}
"""
WORDS = {
    "en": {
        "name_text": "Name?",
        "card_text": "Card?",
        "bye_text": "Bye {{ answers.name }}.",
        "sorry_text": "Sorry.",
        "help_text": "Help.",
    },
    "es": {
        "name_text": "¿Nombre?",
        "card_text": "¿Cédula?",
        "bye_text": "Adiós.",
        "sorry_text": "Lo siento.",
        "help_text": "Ayuda.",
    },
}


def begun(text: str = DEMO) -> Talk:
    found = talk(text, WORDS)
    found.user("go")
    return found


# -- what the client hears


def test_what_hooks_carry() -> None:
    """R123, R127: the whole record, its names as CONTRACT has them; the commit adds the sequence."""
    found = begun()
    found.user("Ana")
    found.user("42")
    assert found.hook_types == ["process.started", "process.succeeded"]
    data = found.hooks[-1].data
    assert data == {
        "process_id": data["process_id"],
        "account": "acme",
        "channel": "main",
        "flow": "demo",
        "flow_version": found.book.flows["demo"].version,
        "account_id": None,
        "contact": {"id": "c1", "phone": "+573001112233", "user_id": None, "name": "Ana", "language": None},
        "status": "success",
        "outcome": "succeeded",
        "reason": None,
        "failed_step": None,
        "inputs": {"city": "Lima", "account_id": None},
        "answers": {"name": "Ana", "card": 42},
        "verifications": [],
        "result": {"name": "Ana"},
        "started_at": "2026-11-21T00:00:01Z",
        "ended_at": "2026-11-21T00:00:03Z",
    }
    assert data["process_id"].startswith("pr_0_")
    assert found.ended == data


def test_a_pending_process_is_the_same_record() -> None:
    """R125"""
    found = begun()
    saved = next(one for one in found.last.effects if isinstance(one, SaveProcess))
    hook = next(one for one in found.last.effects if isinstance(one, EmitHook))
    assert saved.data == hook.data and saved.data["status"] == "pending" and saved.data["ended_at"] is None
    assert set(saved.data) == set(hook.data)


def test_a_failure_names_the_question_it_failed_at() -> None:
    """R127: not the step that said goodbye."""
    found = begun()
    found.user("Ana")
    found.user("x")
    found.user("x")
    assert (found.ended["reason"], found.ended["failed_step"]) == ("too_many_tries", "card")


def test_sensitive_answers_are_whole_in_the_hook_and_hidden_in_the_trace() -> None:
    found = begun()
    found.user("Ana")
    found.user("4242424242")
    traces = [one for turn in found.turns for one in turn.effects if isinstance(one, RecordTrace)]
    assert "4242424242" not in repr(traces)
    assert ("answered", "•••") in found.traces()
    assert found.ended["answers"]["card"] == 4242424242
    assert found.contact.fields["card"] == 4242424242


def test_what_the_inspector_sees() -> None:
    found = begun()
    assert found.traces() == [("started", "keyword"), ("asked", "name_text")]
    found.user("help")
    assert found.traces() == [("anytime", "help"), ("said", "help_text")]
    found.user("Ana")
    found.user("x")
    assert found.traces() == [("refused", "integer")]
    found.user("1")
    assert [what for what, _ in found.traces()] == ["answered", "said", "ended"]


# -- starts by a client


def test_an_api_start_has_its_own_id_inputs_language_and_account_id() -> None:
    found = talk(DEMO, WORDS)
    found.api(inputs={"city": "Cali", "more": 1}, account_id="a-1", language="es")
    process = found.session.process
    assert process is not None and process.id == "pr_0_api1" and process.started_by == "api"
    assert process.inputs == {"city": "Cali", "account_id": None, "more": 1} and process.account_id == "a-1"
    assert found.texts() == ["¿Nombre?"]
    assert [one.purpose for one in found.last.effects if isinstance(one, SendMessage)] == ["business"]


def test_an_api_start_may_begin_at_a_step_with_answers() -> None:
    """R030"""
    found = talk(DEMO, WORDS)
    found.api(step="card", answers={"name": "Eva"})
    assert found.step == "card"
    found.user("7")
    assert found.ended["result"] == {"name": "Eva"}


def test_an_api_start_does_not_disturb_an_open_conversation_unless_told_to() -> None:
    found = begun()
    found.api()
    assert found.ended["reason"] == "conflict" and found.step == "name" and found.sent() == []
    found.api(if_open="supersede")
    assert found.ended["reason"] == "superseded" and found.session.process is not None
    assert found.session.process.id == "pr_0_api3"


def test_an_api_start_needs_an_open_window() -> None:
    """R080: free text is refused when the last message of the contact is 24 hours old, or there is none."""
    day = 86_400_000
    found = talk(DEMO, WORDS)
    found.api(window=day)
    assert (found.ended["reason"], found.ended["status"]) == ("window_closed", "failure")
    assert found.session.process is None and found.sent() == []
    found.user("hello there")
    found.wait("24h")
    found.api(window=day)
    assert found.ended["reason"] == "window_closed"
    found.user("hello there")
    found.wait("23h")
    found.api(window=day, if_open="supersede")
    assert found.session.process is not None and found.sent() != []


def test_who_opted_out_is_not_started() -> None:
    found = talk(DEMO, WORDS)
    found.contact = replace(found.contact, opted_out=("all",))
    found.api()
    assert found.ended["reason"] == "opted_out" and found.session.process is None and found.sent() == []


def test_an_api_start_of_a_flow_that_is_not_there_fails_and_says_so() -> None:
    found = talk(DEMO, WORDS)
    found.api("nowhere")
    assert found.ended["status"] == "failure" and found.session.process is None


def test_a_flow_of_another_account_cannot_be_started() -> None:
    """I11"""
    found = talk(DEMO, WORDS)
    found.book.of = Account(name="acme", flows=("other",))
    found.api()
    assert found.ended["status"] == "failure" and found.session.process is None and found.sent() == []


def test_the_contacts_language_is_the_flows_where_it_speaks_it() -> None:
    for language, text in (("es", "¿Nombre?"), ("es-CO", "¿Nombre?"), ("fr", "Name?"), ("", "Name?")):
        found = talk(DEMO, WORDS)
        found.change(language=language)
        found.user("go")
        assert found.texts() == [text]


# -- time


def test_an_open_question_expires() -> None:
    """R074: after two hours of silence, with the step reached, and one event of each kind."""
    found = begun()
    found.user("Ana")
    found.wait("1h59m")
    assert found.step == "card"
    fired = found.wait("2m")
    assert len(fired) == 1 and found.sent() == []
    assert (found.ended["outcome"], found.ended["reason"], found.ended["failed_step"]) == ("expired", "expired", "card")
    assert found.hook_types == ["process.started", "process.failed", "process.expired", "session.expired"]
    assert not found.timers


def test_expiry_starts_again_at_every_message_of_the_contact() -> None:
    found = begun()
    for message in ("help", "help", "Ana", "no number"):
        found.wait("1h50m")
        found.user(message)
    assert found.step == "card"
    found.wait("1h59m")
    found.inbound("sticker")
    found.wait("1h59m")
    assert found.step == "card"


@pytest.mark.parametrize("kind", ["reaction", "edit"])
def test_what_is_no_message_does_not_hold_the_expiry(kind: str) -> None:
    found = begun()
    found.wait("1h59m")
    found.inbound(kind)
    found.wait("2m")
    assert found.session.process is None


def test_expiry_is_what_the_flow_says() -> None:
    found = begun(DEMO.replace("anytime:", "settings: {expires_after: 24h}\n    anytime:"))
    found.wait("23h59m")
    assert found.step == "name"
    found.wait("1m")
    assert found.ended["reason"] == "expired"


def test_a_timer_of_a_step_already_left_does_nothing() -> None:
    """R075, I9: late, twice, of another visit, of no timer."""
    found = begun()
    old = TimerFired(name="expire", visit=found.session.process.visit, due=found.now + 2 * HOUR)
    found.user("Ana")
    found.now += 9 * HOUR
    for event in (old, old, TimerFired(name="timeout.0", visit=2, due=1), TimerFired(name="x", visit=99, due=1)):
        turn = found.apply(event)
        assert turn.effects == () and found.step == "card"


def test_a_timer_set_anew_does_not_fire_at_its_old_time() -> None:
    found = begun()
    visit, due = found.session.process.visit, found.now + 2 * HOUR
    found.wait("1h")
    found.user("help")
    found.now = due
    assert found.apply(TimerFired(name="expire", visit=visit, due=due)).effects == ()
    assert found.step == "name"


def test_timers_are_cancelled_when_their_step_is_left() -> None:
    found = begun()
    turn = found.user("Ana")
    assert [one.visit for one in turn.effects if isinstance(one, CancelTimer)] == [1]
    assert [one.visit for one in turn.effects if isinstance(one, SetTimer)] == [2]
    found.user("1")
    assert not found.timers


def test_a_no_answer_loop_stops() -> None:
    """R076: twenty silent rounds, then the flow expires."""
    found = begun(DEMO.replace("name: {ask: name_text}", "name: {ask: name_text, timeout: {after: 1m, then: name}}"))
    found.wait("3h")
    assert found.ended["reason"] == "expired"
    assert sum(len(found.sent(turn)) for turn in found.turns) == 21


def test_a_simulated_clock_jumps() -> None:
    found = begun()
    before = found.timers["expire", 1]
    turn = found.apply(ClockAdvanced(nonce="n", by=HOUR))
    assert found.session.skew == HOUR and found.session.process.timers == {"expire:1": before}
    assert [one.at for one in turn.effects if isinstance(one, SetTimer)] == [before]


def test_what_is_sent_by_a_clock_is_the_businesss_own() -> None:
    found = begun(
        DEMO.replace("name: {ask: name_text}", "name: {ask: name_text, timeout: {after: 1m, say: help_text}}")
    )
    fired = found.wait("2m")
    assert [one.purpose for one in fired[0].effects if isinstance(one, SendMessage)] == ["business"]


# -- limits


def test_a_hundred_steps_for_one_event() -> None:
    """R057, R003: a circle that never waits stops, with a word to the contact."""
    found = talk(
        """
        flow: demo
        languages: [en]
        start: {keywords: [go]}
        steps:
          a: {set: {vars.n: "{{ vars.n + 1 }}"}, next: [{when: vars.n > 1000, then: done}, {else: b}]}
          b: {set: {vars.m: 1}, next: a}
          done: {succeed: {}}
        """
    )
    found.user("go")
    assert found.said() == ["fallback"] and found.ended["reason"] == "engine_error"
    assert found.ended["failed_step"] in ("a", "b")
    assert "more than 100 steps for one event" in [detail for what, detail in found.traces() if what == "error"]
    assert found.session.visits == 100


def test_a_process_takes_two_hundred_and_fifty_events() -> None:
    """R060: a conversation that goes in circles ends."""
    found = begun()
    for _ in range(250):
        found.now += 20_000
        found.user("help")
    assert found.session.process is not None
    found.user("help")
    assert found.said() == ["fallback"] and found.ended["reason"] == "engine_error"


def test_an_authors_failing_text_never_raises() -> None:
    """The trace says what failed, the contact gets the fallback, the client the reason."""
    found = talk(DEMO.replace("bye_text, succeed", "missing_text, succeed"), WORDS)
    found.user("go")
    found.user("Ana")
    found.user("1")
    assert found.said() == ["fallback"] and found.ended["reason"] == "engine_error"
    assert found.ended["failed_step"] == "bye"
    assert "error" in [what for what, _ in found.traces()]


def test_a_failing_condition_is_false_and_in_the_trace() -> None:
    """R044"""
    found = begun()
    flow = found.book.flows["demo"]
    draft = Draft(
        session=found.session,
        contact=found.contact,
        account=found.book.of,
        event=ClockAdvanced(nonce="n", by=0),
        now=found.now,
        partition=0,
        templates=found.book,
    )

    def broken(scope: object) -> object:
        raise ExpressionError("no such thing")

    draft.live = Live.of(found.session.process, flow)
    assert Visit(draft, draft.live).when(broken) is False
    assert [(one.what, one.detail) for one in draft.effects] == [("error", "no such thing")]


def test_a_name_that_is_not_set_renders_empty_and_is_reported_once() -> None:
    """R050"""
    found = begun(DEMO.replace("bye_text, succeed", "'{{ contact.nick }}{{ contact.nick }}Hi.', succeed"))
    found.user("Ana")
    found.user("1")
    assert found.texts() == ["Hi."]
    assert [detail for what, detail in found.traces() if what == "missing"] == ["contact.nick"]


def test_a_name_that_is_not_set_renders_as_the_default_that_was_given() -> None:
    """R050"""
    found = begun(DEMO.replace("bye_text, succeed", "\"Hi, {{ contact.nick | default('stranger') }}.\", succeed"))
    found.user("Ana")
    found.user("1")
    assert found.texts() == ["Hi, stranger."]


# -- versions


def test_a_session_stays_on_its_version() -> None:
    """R012: words and steps of the version it started with, and the result names it."""
    found = begun()
    first = found.book.flows["demo"].version
    other = {"en": {**WORDS["en"], "card_text": "Your card, please?"}}
    found.book.publish(flow_of(DEMO, other))
    found.user("Ana")
    assert found.texts() == ["Card?"]
    found.user("1")
    assert found.ended["flow_version"] == first
    found.user("go")
    found.user("Ana")
    assert found.texts() == ["Your card, please?"]


def test_a_version_that_is_gone_ends_the_process() -> None:
    found = begun()
    found.book.versions.clear()
    found.user("Ana")
    assert found.ended["reason"] == "engine_error" and found.session.process is None
    assert found.said() == ["fallback"]


def test_a_session_whose_flow_is_gone_altogether_goes_on_without_it() -> None:
    found = begun()
    found.book.versions.clear()
    found.book.flows.clear()
    found.user("Ana")
    assert found.ended["reason"] == "engine_error" and found.session.process is None


# -- the record


def test_ids_are_the_same_when_a_turn_is_repeated_and_differ_between_turns() -> None:
    """I14, R063: `Talk.apply` runs every turn twice."""
    found = begun()
    first = found.session.process.id
    found.user("Ana")
    found.user("1")
    found.user("go")
    assert found.session.process.id != first


def test_the_window_and_the_contact_are_noted() -> None:
    """R081"""
    found = begun()
    assert found.session.last_inbound_at == found.now and found.session.last_inbound_id == "w1"
    assert found.contact.last_seen_at == found.now
    assert (found.contact.name, found.contact.reply_to) == ("Ana", "573001112233")
    found.change(name="Ana María")
    found.now += 30 * HOUR
    found.user("help")
    assert found.session.last_inbound_at == found.now, "each message opens the window anew"
    assert found.contact.name == "Ana María", "a name once known is not overwritten by the profile's"


def test_what_a_turn_was_given_is_not_changed() -> None:
    book = Book(flow_of(DEMO, WORDS))
    found = Talk(book)
    found.user("go")
    before, copy = found.session, replace(found.session)
    text = repr(before)
    found.user("Ana")
    assert before == copy and repr(before) == text


def test_a_refused_answer_changes_nothing_but_the_tries() -> None:
    """R039"""
    found = begun()
    found.user("Ana")
    before = found.session.process
    found.user("no number")
    after = found.session.process
    assert replace(after, tries=0, turns=before.turns, timers=before.timers, echoes=before.echoes) == before


def test_an_empty_session_is_no_error() -> None:
    book = Book(flow_of(DEMO, WORDS))
    found = Talk(book)
    turn = advance(
        Session(account="acme", channel="main", contact_id="c1"),
        found.contact,
        TimerFired(name="expire", visit=1, due=NOW),
        book,
        NOW,
    )
    assert turn.effects == () and turn.session.version == 1


def test_hooks_name_who_has_no_number_by_the_user_id() -> None:
    """R154"""
    found = talk("start: {keywords: [go]}\nsteps: {a: {succeed: {id: '{{ contact.user_id }}'}}}")
    found.change(number="")
    found.inbound("text", text="go", sender=Identity(bsuid="CO.Ana1"))
    assert found.hooks[-1].data["contact"] == {
        "id": "c1",
        "phone": None,
        "user_id": "CO.Ana1",
        "name": None,
        "language": None,
    }
    assert found.ended["result"] == {"id": "CO.Ana1"}
