"""Which choice a typed answer means."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from flowbot.engine.folding import squeeze
from flowbot.engine.match import MODES, Option, choose, distance

DOCUMENTS = (
    Option(id="national_id", title="Cédula", aliases=("cc",)),
    Option(id="passport", title="Pasaporte"),
    Option(id="foreign", title="Cédula de extranjería"),
)
BLOOD = (Option(id="a_pos", title="A+"), Option(id="a_neg", title="A-"))
COUNTS = (Option(id="ten", title="10"), Option(id="two", title="2"))
HINDI = (Option(id="yes", title="हाँ, आऊँगी"), Option(id="no", title="नहीं"))
EMOJI = (Option(id="good", title="👍 Bien"), Option(id="bad", title="👎"))


@pytest.mark.parametrize(
    ("text", "options", "mode", "choice"),
    [
        ("Cédula", DOCUMENTS, "close", "national_id"),  # R037, R054
        ("cedula", DOCUMENTS, "exact", "national_id"),
        ("  ¡CÉDULA! ", DOCUMENTS, "exact", "national_id"),
        ("national_id", DOCUMENTS, "exact", "national_id"),
        ("CC", DOCUMENTS, "exact", "national_id"),
        ("2", DOCUMENTS, "exact", "passport"),
        ("2.", DOCUMENTS, "close", "passport"),
        ("#2", DOCUMENTS, "close", "passport"),
        ("२", DOCUMENTS, "close", "passport"),
        ("4", DOCUMENTS, "close", None),
        ("0", DOCUMENTS, "close", None),
        ("pasaporte", DOCUMENTS, "close", "passport"),
        ("pasport", DOCUMENTS, "close", "passport"),  # R045: distance 1 of 7 letters
        ("pasprote", DOCUMENTS, "close", "passport"),
        ("pasport", DOCUMENTS, "exact", None),
        ("ccc", DOCUMENTS, "close", None),  # fewer than four letters
        ("carro", DOCUMENTS, "close", None),
        ("", DOCUMENTS, "close", None),
        ("x" * 5000, DOCUMENTS, "close", None),
        ("A+", BLOOD, "close", "a_pos"),
        ("a-", BLOOD, "close", "a_neg"),
        ("a", BLOOD, "close", None),
        ("2", COUNTS, "close", "two"),
        ("1", COUNTS, "close", None),  # labels are numbers: positions don't count
        ("10", COUNTS, "close", "ten"),
        ("हाँ आऊँगी", HINDI, "exact", "yes"),
        ("नहीं।", HINDI, "exact", "no"),
        ("नही", HINDI, "exact", None),  # the nasal mark is a letter's part
        ("👍 bien", EMOJI, "exact", "good"),
        ("bien", EMOJI, "exact", "good"),
        ("👎🏽", EMOJI, "exact", "bad"),
        ("quiero el pasaporte por favor", DOCUMENTS, "any_word", "passport"),
        ("es de extranjería, la cédula", DOCUMENTS, "any_word", "foreign"),
        ("nada", DOCUMENTS, "any_word", None),
        ("extranjería, cédula de", DOCUMENTS, "all_words", "foreign"),
        ("mi cédula", DOCUMENTS, "all_words", "national_id"),
        ("mi cédula de extranjería es esta", DOCUMENTS, "phrase", "foreign"),
        ("extranjería de cédula", DOCUMENTS, "phrase", "national_id"),
        ("pasaporte por favor", DOCUMENTS, "starts_with", "passport"),
        ("el pasaporte", DOCUMENTS, "starts_with", None),
        ("pasaportes", DOCUMENTS, "starts_with", None),
    ],
)
def test_choice(text: str, options: tuple[Option, ...], mode: str, choice: str | None) -> None:
    """R037, R045, R046, R054."""
    assert choose(text, options, mode) == choice


PAYING = (
    Option(id="card", title="Credit card", aliases=("plastic",)),
    Option(id="cash", title="Cash"),
    Option(id="later", title="Pay later"),
)
ORDER = ("exact", "close", "any_word", "all_words", "phrase", "starts_with")
TABLE = yaml.safe_load((Path(__file__).parent / "cases" / "match.yaml").read_text())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_every_mode_behaves_as_its_table_of_examples(row: list[str | None]) -> None:
    """R046: also `exact`, which is only-from-list, and only-phrase of a label."""
    assert set(ORDER) == set(MODES)
    typed, *expected = row
    assert {mode: choose(str(typed), PAYING, mode) for mode in ORDER} == dict(zip(ORDER, expected, strict=True))


@pytest.mark.parametrize("length", range(3, 21))
def test_a_quarter_of_the_letters_may_be_wrong_and_no_more(length: int) -> None:
    """R045: floor(25 %) of the answer's own length, from four letters up."""
    label = "abcdefghijklmnopqrst"[:length]
    options = (Option(id="x", title=label), Option(id="y", title="0" * 30))
    for wrong in range(1, length // 4 + 2):
        typed = "z" * wrong + label[wrong:]
        assert distance(typed, label, length) == wrong
        assert (choose(typed, options) == "x") == (length >= 4 and wrong <= length // 4)


def test_one_of_two_near_ones_is_not_guessed() -> None:
    options = (Option(id="a", title="Marta"), Option(id="b", title="Marto"))
    assert choose("martu", options) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("¿Sí?", "si"),
        ("ÑANDÚ", "nandu"),
        ("İstanbul", "istanbul"),
        ("l'été", "lete"),
        ("ＡＢＣ　１", "abc 1"),
        ("क\u093c", "क\u093c"),
        ("\u0958", "क\u093c"),
        ("がく", "がく"),
        ("한국", "한국"),
        ("zero\u200bwidth", "zerowidth"),
        ("ok\ufe0f", "ok"),
        ("?", "?"),
        ("   ", ""),
    ],
)
def test_folding(text: str, plain: str) -> None:
    assert squeeze(text) == plain
    assert squeeze(squeeze(text)) == plain
