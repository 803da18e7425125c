"""`expect: integer`: a whole number. `with: {min: 0, max: 20}`"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, a_number, said
from .number import within
from .spoken.figures import parse

BOUNDS: Mapping[str, Bound] = {"min": a_number, "max": a_number}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    value = parse(said(inbound), asked.lang, asked.country)
    if value is None or value != int(value):
        return Refused(code="integer")
    return within(int(value), asked) or Answer(value=int(value))
