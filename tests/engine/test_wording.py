"""What the engine itself says exists in all five languages, with the same names in it."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.engine.answers import country
from flowbot.engine.answers.spoken import clock
from flowbot.engine.content import TABLES, Content
from flowbot.library.content import defaults

LANGUAGES = ("en", "es", "pt", "hi", "fr")


def shape(value: Any) -> Any:
    """What must be alike in every language."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items() if key != "aliases"}
    return "text" if isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_keys_and_names_everywhere(lang: str) -> None:
    """R004."""
    english, other = defaults("en"), defaults(lang)
    assert list(other) == list(english)
    for key in english:
        if key not in TABLES:
            assert shape(other[key]) == shape(english[key]), key
            names = [Content({one: defaults(one)}, [one]).names(key, one) for one in ("en", lang)]
            assert names[0] == names[1], key
    for table in ("words", "date_words"):
        assert set(other[table]) == set(english[table])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_to_understand(lang: str) -> None:
    """Languages tell the time differently, and not every one has a word of its own for each thing."""
    words = defaults(lang)
    assert set(words) >= TABLES
    assert {"noon", "midnight", "am", "pm", "half", "filler"} <= set(words["time_words"]) <= clock.NAMES
    assert {str(number) for number in range(1, 32)} <= set(words["number_words"])
    assert all(value.isdigit() for value in words["number_words"])
    assert set(words["country_words"]) <= set(country.names("en").values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_they_compile(lang: str) -> None:
    assert Content({lang: defaults(lang)}, [lang]).mistakes() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_buttons_fit(lang: str) -> None:
    assert all(len(label["title"]) <= 20 for label in defaults(lang)["yes_no"]["choices"].values())
