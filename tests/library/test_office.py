"""R078: office hours as flowbot.yaml writes them; their holidays have to be known."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.library.office import read_office
from flowbot.model.problem import Source

WHOLE = Source(file="flowbot.yaml", text="", data={})


@pytest.mark.parametrize("value", ["CO", "BR-SP", ["2026-12-25", "2027-01-01"], []])
def test_holidays_that_are_known(value: Any) -> None:
    office, problems = read_office(WHOLE, ("office",), {"mon-fri": "08:00-12:00", "holidays": value})
    assert problems == [] and office["holidays"] == value


@pytest.mark.parametrize("value", ["ZZ", "CO-ZZ", "co", "Colombia", ["Christmas"], ["2026-02-30"], {"CO": 1}, 7])
def test_holidays_that_nobody_knows(value: Any) -> None:
    problems = read_office(WHOLE, ("office",), {"mon": "08:00-12:00", "holidays": value})[1]
    assert [(one.code, one.pointer) for one in problems] == [("P103", "/office/holidays")]
