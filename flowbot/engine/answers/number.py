"""`expect: number`: a number with comma or point, and with thousands. `with: {min: 0, max: 200}`"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound
from ..compare import number as bound
from .asked import Answer, Asked, Bound, Refused, a_number, said
from .spoken.figures import parse

BOUNDS: Mapping[str, Bound] = {"min": a_number, "max": a_number}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    value = parse(said(inbound), asked.lang, asked.country)
    if value is None:
        return Refused(code="number")
    return within(value, asked) or Answer(value=value)


def within(value: int | float, asked: Asked, code: str = "number", **names: str) -> Refused | None:
    """Why the bounds refuse it; None when they don't."""
    least, most = bound(asked.bounds.get("min")), bound(asked.bounds.get("max"))
    if least is not None and value < least:
        return Refused(code=f"{code}.small", params={"min": least, **names})
    if most is not None and value > most:
        return Refused(code=f"{code}.large", params={"max": most, **names})
    return None
