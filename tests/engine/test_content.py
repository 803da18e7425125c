from __future__ import annotations

import pytest

from flowbot.engine.content import Content
from flowbot.engine.render import render
from flowbot.errors import RenderError

ENTRIES = {
    "es": {
        "hello": "Hola",
        "ask": {
            "text": "¿Cuál?",
            "footer": "Pie",
            "choices": {"a": {"title": "Uno", "aliases": ["primero"]}, "b": "Dos"},
        },
        "left": {"one": "Queda {{ n }} intento.", "other": "Quedan {{ n }} intentos."},
        "photo": {"text": "Mira", "image": "a/b.jpg"},
        "many": ["Uno", {"text": "Dos", "choices": {"a": "Sí"}}],
        "pick": {"any": ["a", "b", "c", "d"], "footer": "f"},
        "only_es": "Solo",
        "empty": {"text": "{{ answers.gone }}"},
    },
    "en": {"hello": "Hello", "ask": {"text": "Which?", "choices": {"a": "One"}}, "left": {"other": "{{ n }} left"}},
    "hi": {"hello": "नमस्ते"},
    "pt-BR": {"hello": "Oi"},
    "pt": {"hello": "Olá", "ask": "Qual?"},
}
CONTENT = Content(ENTRIES, ["es", "en"])


def said(key: str, lang: str, **names: object) -> list[str]:
    entry = CONTENT.lookup(key, lang)
    assert entry is not None
    return [one.text for one in render(entry, {"lang": lang, **names})]


@pytest.mark.parametrize(
    ("key", "lang", "text"),
    [
        ("hello", "en", "Hello"),
        ("hello", "pt-BR", "Oi"),
        ("hello", "pt_br", "Oi"),
        ("hello", "pt-PT", "Olá"),
        ("hello", "de", "Hola"),
        ("hello", "", "Hola"),
        ("only_es", "en", "Solo"),
        ("ask", "pt-BR", "Qual?"),
        ("ask", "hi", "¿Cuál?"),
    ],
)
def test_a_key_falls_back_to_the_base_then_the_flows_language(key: str, lang: str, text: str) -> None:
    assert said(key, lang) == [text]


def test_a_key_nobody_has() -> None:
    assert CONTENT.lookup("nothing", "es") is None
    assert not CONTENT.has("nothing")
    assert CONTENT.has("only_es")


def test_fields_fall_back_one_by_one() -> None:
    entry = CONTENT.lookup("ask", "en")
    assert entry is not None
    options = CONTENT.options("ask", "en", ("a", "b", "new_one"), {})
    (out,) = render(entry, {"lang": "en"}, options=options, visit=3)
    assert (out.text, out.footer, out.visit) == ("Which?", "Pie", 3)
    assert [(choice.id, choice.title) for choice in out.choices] == [("a", "One"), ("b", "Dos"), ("new_one", "New one")]
    assert options[0].aliases == ("primero",)


def test_plurals_follow_the_language_they_are_written_in() -> None:
    assert said("left", "es", n=1) == ["Queda 1 intento."]
    assert said("left", "es", n=2) == ["Quedan 2 intentos."]
    assert said("left", "es", n=1_000_000) == ["Quedan 1000000 intentos."]  # CLDR's `many` falls back to other
    assert said("left", "en", n=1) == ["1 left"]
    assert said("left", "hi", n=0) == ["Quedan 0 intentos."]  # Spanish words, Spanish rules
    assert said("left", "es") == ["Quedan  intentos."]


def test_lists_are_bubbles_and_choices_go_with_the_last() -> None:
    entry = CONTENT.lookup("many", "es")
    assert entry is not None
    first, second = render(entry, {}, options=CONTENT.options("many", "es", ("a",), {}))
    assert (first.text, first.choices, second.text, second.choices[0].title) == ("Uno", (), "Dos", "Sí")
    assert (first.key, second.key, second.lang) == ("many", "many", "es")


def test_any_is_stable_per_session() -> None:
    entry = CONTENT.lookup("pick", "es")
    assert entry is not None
    picks = {seed: render(entry, {}, seed=seed)[0].text for seed in map(str, range(50))}
    assert set(picks.values()) == {"a", "b", "c", "d"}
    assert all(render(entry, {}, seed=seed)[0].text == text for seed, text in picks.items())
    assert render(entry, {})[0].footer == "f"


def test_what_would_be_empty_is_not_sent() -> None:
    missing: list[str] = []
    entry = CONTENT.lookup("empty", "es")
    assert entry is not None
    assert render(entry, {"answers": {}}, report=missing.append) == ()
    assert missing == ["answers.gone"]


def test_words_of_all_languages_in_the_chain_count() -> None:
    content = Content({"es": {"words": {"stop": ["baja"]}}, "hi": {"words": {"stop": ["बंद करें"]}}}, ["es"])
    assert content.words("stop", "hi") == ("बंद करें", "baja")
    assert content.words("stop", "fr") == ("baja",)
    assert content.words("help", "es") == ()


@pytest.mark.parametrize(
    ("entry", "code", "path"),
    [
        ({"txt": "x"}, "C401", ("txt",)),
        ({"text": "x", "choices": {"a": {"titel": "x"}}}, "C401", ("choices", "a", "titel")),
        ({"text": ["x"]}, "C402", ("text",)),
        ({"text": "x", "choices": ["a"]}, "C402", ("choices",)),
        ({"one": "x"}, "C403", ("text",)),
        ({"any": []}, "C402", ("any",)),
        ([], "C402", ()),
        ([["a"]], "C402", (0,)),
        ({"image": "a", "video": "b"}, "C402", ("video",)),
        ({"location": {"latitude": 1}}, "C402", ("location",)),
        ("{{ x", "E301", ("text",)),
        ({"text": "x", "choices": {"a": "{{ x | nope }}"}}, "E301", ("choices", "a", "title")),
        (["ok", {"text": "{{ x( }}"}], "E301", (1, "text")),
    ],
)
def test_mistakes_name_their_place(entry: object, code: str, path: tuple[object, ...]) -> None:
    content = Content({"es": {"key": entry}}, ["es"])
    found = content.mistakes()
    assert [(one.lang, one.key, one.code, one.path) for one in found] == [("es", "key", code, path)]
    with pytest.raises(RenderError):
        content.lookup("key", "es")


def test_good_content_has_no_mistakes() -> None:
    assert CONTENT.mistakes() == []


def test_files_and_places() -> None:
    (photo,) = render(CONTENT.lookup("photo", "es"), {})  # type: ignore[arg-type]
    assert photo.attachment is not None
    assert (photo.attachment.kind, photo.attachment.path, photo.attachment.filename) == ("image", "a/b.jpg", "b.jpg")
    content = Content(
        {"es": {"where": {"text": "Aquí", "location": {"latitude": "{{ vars.lat }}", "longitude": -74}}}}, ["es"]
    )
    entry = content.lookup("where", "es")
    assert entry is not None
    text, pin = render(entry, {"vars": {"lat": 4.6}})
    assert (text.text, pin.kind, pin.place) == ("Aquí", "location", {"latitude": 4.6, "longitude": -74.0})
    with pytest.raises(RenderError):
        render(entry, {"vars": {"lat": "north"}})


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "file:///etc/passwd", "..\\x", "c:\\x"]
)
def test_a_path_cannot_leave_the_media_folder(path: str) -> None:
    entry = Content({"es": {"doc": {"document": "{{ answers.path }}"}}}, ["es"]).lookup("doc", "es")
    assert entry is not None
    with pytest.raises(RenderError):
        render(entry, {"answers": {"path": path}})
