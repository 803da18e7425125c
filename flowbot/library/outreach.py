"""`outreach` of an account in flowbot.yaml: when the business may write by itself, and how often at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.outreach import Outreach
from ..model.problem import Path, Problem, Source
from .fields import Count, Door, Plain, load
from .office import read_office, span_of

MOST = 50  # of one contact's sends that are kept in mind


class OutreachDoor(Door):
    hours = Plain((dict, str))
    quiet = Plain((list, str))
    per_day = Count(most=MOST)
    per_week = Count(most=MOST)


def read_outreach(source: Source, path: Path, data: Any) -> tuple[Outreach, list[Problem]]:
    """`{hours: office, quiet: "21:00-07:00", per_day: 2, per_week: 5}`, and every mistake in it."""
    found, problems = load(OutreachDoor, source, path, data)
    written = found.get("hours", {})
    if isinstance(written, str) and written != "office":
        hint = 'write office, or {mon-fri: ["08:00-18:00"]}'
        problems.append(source.problem((*path, "hours"), "P103", f"'{written}' is no hours", hint=hint))
    hours: Mapping[str, Any] = {}
    if isinstance(written, dict):
        hours, mistakes = read_office(source, (*path, "hours"), written)
        problems += mistakes
    quiet = found.get("quiet", [])
    spans = [span_of(str(one)) for one in (quiet if isinstance(quiet, list) else [quiet])]
    if None in spans:
        hint = 'write it like "21:00-07:00", in quotes'
        problems.append(source.problem((*path, "quiet"), "P103", "this is not a span of time", hint=hint))
    return Outreach(
        per_day=found.get("per_day", 0),
        per_week=found.get("per_week", 0),
        office=written == "office",
        hours=hours,
        quiet=tuple(one for one in spans if one is not None),
    ), problems
