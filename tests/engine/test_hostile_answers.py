"""What a contact sends to make a reader slow: every kind of answer and of match ends, with an answer or none."""

from __future__ import annotations

from datetime import date

import pytest

from flowbot.engine.answers import KINDS, Answer, Asked, Refused, read
from flowbot.engine.content import Content
from flowbot.engine.match import Option, choose
from flowbot.library.content import defaults
from flowbot.model.contact import Identity
from flowbot.model.inbound import Inbound
from flowbot.steps.ask import MATCHES

CONTENT = Content({lang: defaults(lang) for lang in ("en", "es", "pt", "hi", "fr")}, ["es"])
TEXTS = [
    *("1" * 4096, "1 " * 2048, "1," * 2048, "1." * 2048, "1/1/" * 1024, "(1)" * 1365, "+" + "1 " * 2047, "-" * 4096),
    *("a" * 4096, "a " * 2048, "a@" * 2048, "a.a." * 1023 + "@", "http://" + "a." * 2044, " " * 4095 + "1"),
    *("uno y " * 682, "mil " * 1024, "१" * 4096, "\u0301" * 4096, "\0" * 4096, "🎉" * 2048),
]
BOUNDS = {"regex": {"pattern": "(a+)+$"}, "national_id": {"country": "CO", "kind": "cedula"}}


@pytest.mark.parametrize("expect", KINDS)
def test_r066_every_kind_of_answer_ends(expect: str) -> None:
    """R066, RELIABILITY 4.1 (ReDoS)."""
    asked = Asked(
        expect=expect, bounds=BOUNDS.get(expect, {}), lang="es", country="CO", today=date(2026, 11, 20), content=CONTENT
    )
    for text in TEXTS:
        found = read(Inbound(id="1", sender=Identity(), kind="text", text=text), asked)
        assert isinstance(found, (Answer, Refused))


@pytest.mark.parametrize("match", MATCHES)
def test_r046_every_match_ends(match: str) -> None:
    options = tuple(Option(id=f"c{number}", title=f"option number {number}" * 3) for number in range(50))
    assert {choose(text, options, match) for text in TEXTS} <= {None, *(option.id for option in options)}
