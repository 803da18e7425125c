from __future__ import annotations

from flowbot.engine.content import Content
from flowbot.engine.render import render


def entry_of(raw: object):  # type: ignore[no-untyped-def]
    return Content({"en": {"key": raw}}, ["en"]).lookup("key", "en")


def test_a_question_for_a_place_asks_with_whatsapps_button() -> None:
    (out,) = render(entry_of("Where are you?"), {}, request="location_request")
    assert (out.kind, out.text) == ("location_request", "Where are you?")


def test_choices_are_never_on_a_map_pin() -> None:
    content = Content({"en": {"key": {"text": "Here?", "location": {"latitude": 1, "longitude": 2}}}}, ["en"])
    entry = content.lookup("key", "en")
    assert entry is not None
    pin, question = render(entry, {}, options=content.options("key", "en", ("ok",), {}), visit=4)
    assert (pin.kind, question.text, question.choices[0].id, question.visit) == ("location", "Here?", "ok", 4)
    bare = Content({"en": {"key": {"location": {"latitude": 1, "longitude": 2}}}}, ["en"])
    entry = bare.lookup("key", "en")
    assert entry is not None
    pin, question = render(entry, {}, options=bare.options("key", "en", ("ok",), {}))
    assert (pin.kind, question.kind, len(question.choices)) == ("location", "text", 1)


def test_a_file_from_a_url_and_its_name() -> None:
    raw = {"document": {"url": "https://example.org/{{ answers.id }}.pdf", "filename": "Result {{ answers.id }}.pdf"}}
    (out,) = render(entry_of(raw), {"answers": {"id": 7}})
    assert out.attachment is not None
    assert (out.attachment.url, out.attachment.filename) == ("https://example.org/7.pdf", "Result 7.pdf")


def test_language_of_what_is_sent() -> None:
    content = Content({"es": {"key": "Hola"}}, ["es"])
    entry = content.lookup("key", "hi")
    assert entry is not None
    assert render(entry, {})[0].lang == "es"
    assert render(entry, {}, lang="hi")[0].lang == "hi"
