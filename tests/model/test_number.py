"""Which spellings are one person."""

from __future__ import annotations

import pytest

from flowbot.model.number import canonical


@pytest.mark.parametrize(
    ("spellings", "one"),
    [
        (("553188887777", "5531988887777", "+55 (31) 98888-7777"), "5531988887777"),  # Brazil, a mobile
        (("551187654321", "5511987654321"), "5511987654321"),
        (("5215512345678", "525512345678", "+52 1 55 1234 5678"), "525512345678"),  # Mexico
        (("5491112345678", "541112345678"), "541112345678"),  # Argentina
    ],
)
def test_one_person(spellings: tuple[str, ...], one: str) -> None:
    assert {canonical(spelling) for spelling in spellings} == {one}
    assert canonical(one) == one


@pytest.mark.parametrize(
    "number",
    [
        "551133334444",  # Brazil, a landline: no ninth digit may be made up
        "55119333344445",  # too long for any rule
        "573001112233",
        "15550100001",
        "5255123",
        "",
    ],
)
def test_others_stay_as_they_are(number: str) -> None:
    assert canonical(number) == number


def test_a_landline_with_and_a_mobile_without_the_nine_stay_apart() -> None:
    assert canonical("551133334444") != canonical("5511933334444")
