"""What is said when no flow is open is said in the contact's language, as far as anybody can know it."""

from __future__ import annotations

import pytest

from tests.engine.talk import Book, Talk, flow_of

PLAIN = "flow: alone\nlanguages: [en]\nstart: {keywords: [alone]}\nsteps:\n  hi: {say: hi, succeed: {}}"
BOTH = """
flow: demo
languages: [en, es]
start: {keywords: {en: [start], es: [empezar]}}
steps:
  hi: {ask: "{{ lang }}"}
  bye: {say: "{{ lang }}", succeed: {}}
"""
BYE = {"en": "Done. We won't send", "es": "Listo. No te enviaremos"}
BACK = {"en": "Thank you. You will get", "es": "Gracias. Volverás a recibir"}
NEVER = {"en": "Sorry, I can't read", "es": "Lo siento, no puedo leer"}


def talk() -> Talk:
    return Talk(Book(flow_of(PLAIN, id="alone"), flow_of(BOTH)))


def says(found: Talk, start: str) -> bool:
    (text,) = found.texts()
    return text.startswith(start)


@pytest.mark.parametrize(("word", "lang"), [("empezar", "es"), ("start", "en")])
def test_the_language_of_the_last_conversation_is_kept(word: str, lang: str) -> None:
    found = talk()
    found.user(word)
    found.user("x")
    found.inbound("sticker")
    assert says(found, NEVER[lang])
    found.user("stop")  # said in both
    assert says(found, BYE[lang])
    found.user("alta")  # Spanish, and the contact is known to speak the other
    assert says(found, BACK[lang])


@pytest.mark.parametrize(("out", "back", "lang"), [("baja", "alta", "es"), ("unsubscribe", "subscribe", "en")])
def test_of_a_stranger_the_word_itself_tells(out: str, back: str, lang: str) -> None:
    """R086"""
    found = talk()
    found.user(out)
    assert says(found, BYE[lang])
    found.user(back)
    assert says(found, BACK[lang])


def test_what_is_on_the_contacts_record_goes_before_both() -> None:
    found = talk()
    found.user("start")
    found.user("x")
    found.change(language="es")
    found.user("unsubscribe")
    assert says(found, BYE["es"])


OUTER = """
flow: outer
languages: [en, es, pt]
start: {keywords: {en: [outer], es: [fuera]}}
anytime: {spanish: {then: to_es}, help: {then: helping}}
steps:
  part: {run: middle}
  after: {ask: "outer {{ lang }}"}
  bye: {say: "bye {{ lang }}", succeed: {}}
  to_es: {language: es, next: back}
  helping: {say: "help {{ lang }}", next: back}
"""
MIDDLE = """
flow: middle
languages: [en, es]
steps:
  part: {run: inner}
  after: {ask: "middle {{ lang }}"}
  e: {succeed: {}}
"""
INNER = "flow: inner\nlanguages: LANGUAGES\nsteps:\n  q: {ask: 'inner {{ lang }}'}\n  e: {succeed: {}}"


def within(inner: str = "[en, es]", first: str = "") -> Talk:
    content = {lang: {"words": {"spanish": ["spanish"], "help": ["what"]}} for lang in ("en", "es", "pt")}
    middle, part = (
        flow_of(MIDDLE, id="middle"),
        flow_of(INNER.replace("LANGUAGES", inner).replace("  q:", f"{first}  q:"), id="inner"),
    )
    found = Talk(Book(flow_of(OUTER, content, id="outer"), middle, part))
    found.user("outer")
    return found


def test_a_language_that_is_chosen_by_a_word_within_a_part_holds_there_and_after_it() -> None:
    found = within()
    assert found.texts() == ["inner en"]
    for said, hears in (("spanish", "inner es"), ("x", "middle es"), ("x", "outer es"), ("x", "bye es")):
        found.user(said)
        assert found.texts() == [hears]
    assert found.contact.language == "es"


def test_a_word_within_a_part_answers_in_its_language_and_changes_none() -> None:
    """Where the part speaks a language that what is around it does not, each keeps its own."""
    found = within(first="  own: {language: es}\n")
    assert found.texts() == ["inner es"]
    found.user("what")
    assert found.texts() == ["help es", "inner es"]
    other = within("[hi]")
    assert other.texts() == ["inner hi"]
    other.user("what")
    assert other.texts() == ["help en", "inner hi"]
