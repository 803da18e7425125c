from __future__ import annotations

from typing import Any

import pytest

from flowbot.model.outbound import Choice, Outbound
from flowbot.model.template import Filled
from flowbot.testing import Said
from flowbot.transcript.compare import same, take

HELLO = Said(outbound=Outbound(text="Hola  Ana", key="hello", lang="es"), at=0, turn=1)
AGAIN = Said(outbound=Outbound(text="¿Cómo estás?", key="hello", lang="es"), at=0, turn=1)
LATER = Said(outbound=Outbound(text="Hola Ana", key="hello", lang="es"), at=0, turn=2)
ASK = Said(outbound=Outbound(text="¿Sí?", key="ask.it", lang="es", choices=(Choice(id="y", title="Sí"),)), at=0, turn=2)
FILLED = Filled(name="order", language="es", params={"name": "Ana", "count": "2"})
AWAY = Said(outbound=Outbound(kind="template", template=FILLED), at=0, turn=2, to="573001")
ORDER = Said(outbound=Outbound(kind="template", text="Hi Ana", template=FILLED), at=0, turn=2)


@pytest.mark.parametrize(
    ("expected", "unread", "left"),
    [
        ("nothing", [], 0),
        ("hello", [HELLO], 0),
        ("Hola Ana", [HELLO], 0),
        ("hello", [HELLO, AGAIN, ASK], 1),  # all bubbles of the entry
        ("hello", [HELLO, LATER], 1),  # but not those of the next turn
        (["hello", "hello", "ask.it"], [HELLO, LATER, ASK], 0),
        ({"contains": "como estas"}, [AGAIN], 0),
        ({"text": "Hola Ana", "lang": "es"}, [HELLO], 0),
        ({"key": "hello", "contains": "hola"}, [HELLO, AGAIN], 0),
        ({"key": "ask.it", "buttons": ["y"]}, [ASK], 0),
        ({"buttons": ["Sí"]}, [ASK], 0),
        ({"template": "order"}, [ORDER], 0),
        ({"template": "order", "with": {"count": 2}}, [ORDER], 0),
        ({"template": "order", "to": "+57 300 1"}, [AWAY], 0),
    ],
)
def test_what_fits_is_taken(expected: Any, unread: list[Said], left: int) -> None:
    unread = list(unread)
    assert take(expected, unread) == ""
    assert len(unread) == left


@pytest.mark.parametrize(
    ("expected", "unread", "words"),
    [
        ("nothing", [HELLO], "the bot said hello: Hola Ana"),
        ("hello", [], "nothing more"),
        ("helo", [HELLO], "the bot said hello"),
        ("Hola", [HELLO], "the bot said hello"),
        (["hello", "ask.it"], [HELLO], "nothing more"),
        ({"contains": "adiós"}, [HELLO], "the bot said"),
        ({"key": "hello", "lang": "en"}, [HELLO], "(lang es)"),
        ({"buttons": ["n"]}, [ASK], "[Sí]"),
        ({"template": "x"}, [HELLO], "the bot said hello"),
        ({"template": "order", "with": {"name": "Eva"}}, [ORDER], "the bot said template order: Hi Ana"),
        ({"template": "order", "to": "+57 300 1"}, [ORDER], "the bot said template order: Hi Ana"),
        ({"templat": "x"}, [HELLO], "can't have templat"),
    ],
)
def test_what_does_not_fit_is_said(expected: Any, unread: list[Said], words: str) -> None:
    assert words in take(expected, list(unread))


@pytest.mark.parametrize(
    ("wanted", "real", "is_same"),
    [
        ({}, {"a": 1}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": None}, {"a": None}, True),
        ([1, 2], (1, 2), True),
        ([1], [1, 2], False),
        (1, True, False),
        (1, 1.0, True),
        ("1", 1, False),
    ],
)
def test_of_mappings_only_what_is_wanted_counts(wanted: Any, real: Any, is_same: bool) -> None:
    assert same(wanted, real) is is_same
