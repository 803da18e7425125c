"""R078: office hours as flowbot.yaml writes them; their holidays have to be known."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.library.office import read_office
from flowbot.library.project import read_project
from flowbot.library.yaml import read_yaml
from flowbot.model.outreach import Outreach
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


def test_what_the_business_may_send_of_its_own_accord() -> None:
    """R142: hours as of an office, quiet ones every day, and how often."""
    text = (
        "accounts:\n  a:\n    channels: {main: {gateway: simulator}}\n"
        '    outreach: {hours: {mon-tue: "08:00-12:00"}, quiet: "21:00-07:00", per_day: 3, per_week: 10}\n'
        "  b:\n    channels: {main: {gateway: simulator}}\n"
        "    outreach: {hours: office, quiet: ['21:00-24:00', '00:00-07:00']}\n"
    )
    read = read_yaml("flowbot.yaml", text.encode())
    assert read.source is not None
    project, problems = read_project(read.source, {})
    assert problems == ()
    span = (("08:00", "12:00"),)
    quiet = (("21:00", "07:00"),)
    assert project.accounts["a"].outreach == Outreach(
        hours={"mon": span, "tue": span}, quiet=quiet, per_day=3, per_week=10
    )
    assert project.accounts["b"].outreach == Outreach(office=True, quiet=(("21:00", "24:00"), ("00:00", "07:00")))
