"""`expect: time`: a time of day, kept as `08:30`. `with: {min: "08:00", max: "18:00"}`

How times may be written is told in `spoken/clock.py`. Of *at 3* the bounds tell which half of the day it is; without
them it is the first. Bounds that wrap midnight (from 22:00 to 06:00) hold for the night.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, said
from .spoken.clock import parse

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", re.ASCII)


def _a_time(value: Any) -> str:
    good = isinstance(value, str) and _TIME.match(value)
    return "" if good else f'should be a time such as "08:30", in quotes, not {value!r}'


BOUNDS: Mapping[str, Bound] = {"min": _a_time, "max": _a_time}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    found = parse(said(inbound), asked)
    if not found:
        return Refused(code="time")
    least, most = _bound("min", asked), _bound("max", asked)
    inside = [time for time in found if _within(time, least, most)]
    if inside:
        return Answer(value=inside[0])
    if least and most:
        return Refused(code="time.between", params={"min": least, "max": most})
    return (
        Refused(code="time.early", params={"min": least}) if least else Refused(code="time.late", params={"max": most})
    )


def _bound(name: str, asked: Asked) -> str:
    value = asked.bounds.get(name)
    return value if isinstance(value, str) and _TIME.match(value) else ""


def _within(time: str, least: str, most: str) -> bool:
    """
    >>> _within("09:00", "08:00", ""), _within("23:00", "22:00", "06:00"), _within("12:00", "22:00", "06:00")
    (True, True, False)
    """
    if least and most and most < least:
        return time >= least or time <= most
    return (not least or time >= least) and (not most or time <= most)
