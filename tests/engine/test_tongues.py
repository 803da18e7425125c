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
