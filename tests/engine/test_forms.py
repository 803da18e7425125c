"""A question that opens a WhatsApp Flow, and what comes back of it."""

from __future__ import annotations

from flowbot.gateways.fit import fit
from flowbot.model.gateway import Limits
from tests.engine.talk import Book, Talk, flow_of

CONTENT = {"en": {"visit": {"text": "When would you like to come?", "button": "Choose a day"}}}
FLOW = """
flow: demo
languages: [en]
start: {keywords: [go]}
steps:
  visit:
    ask: visit
    expect: form
    with: {form: "4711", screen: DAYS, data: {name: "{{ contact.name }}"}, fields: [day]}
    commands: {again: visit}
  bye: {say: "{{ answers.visit.day }}", succeed: {}}
"""


def asked() -> Talk:
    found = Talk(Book(flow_of(FLOW, CONTENT)))
    found.user("go")
    return found


def test_the_question_is_a_button_that_opens_it() -> None:
    (sent,) = asked().sent()
    assert (sent.kind, sent.button) == ("form", "Choose a day")
    assert sent.form == {"id": "4711", "screen": "DAYS", "data": {"name": "Ana"}}
    (fitted,) = fit(sent, Limits(forms=True))
    assert (fitted.kind, fitted.text, fitted.form) == ("form", "When would you like to come?", sent.form)


def test_a_channel_without_forms_sends_the_text() -> None:
    (sent,) = asked().sent()
    (fitted,) = fit(sent, Limits())
    assert (fitted.kind, fitted.text, fitted.form, fitted.button) == ("text", "When would you like to come?", None, "")


def test_a_long_text_goes_before_it_and_a_form_without_a_label_has_one() -> None:
    found = Talk(Book(flow_of(FLOW.replace("ask: visit", 'ask: "' + "Please come! " * 200 + '"'))))
    (long,) = found.sent(found.user("go"))
    before, last = fit(long, Limits(forms=True))
    assert (before.kind, last.kind, last.button) == ("text", "form", "Open")
    assert len(last.text) <= 1024


def test_its_answers_are_the_answer() -> None:
    talk = asked()
    talk.inbound("form", form={"flow_token": "unused", "day": "2026-12-01", "people": 2})
    assert talk.ended["answers"]["visit"] == {"day": "2026-12-01", "people": 2}
    assert talk.sent()[-1].text == "2026-12-01"


def test_one_that_lacks_a_field_is_opened_again() -> None:
    talk = asked()
    turn = talk.inbound("form", form={"day": ""})
    assert [one.key for one in talk.sent(turn)] == ["error.form.missing", "visit"]
    assert talk.sent(turn)[-1].kind == "form"


def test_one_of_an_earlier_visit_is_an_old_button() -> None:
    """R053."""
    talk = asked()
    assert talk.session.process is not None
    before = talk.session.process.visit
    talk.user("again")
    turn = talk.inbound("form", form={"flow_token": f"v{before}.form", "day": "2026-12-01"})
    assert [one.key for one in talk.sent(turn)] == ["stale_choice", "visit"]
    assert talk.session.process.answers == {}
    talk.inbound("form", form={"flow_token": f"v{talk.session.process.visit}.form", "day": "2026-12-02"})
    assert talk.ended["answers"]["visit"] == {"day": "2026-12-02"}
