"""`expect: text`: whatever was typed. `with: {min_length: 3, max_length: 80, pattern: "[A-Z]{2}-[0-9]+"}`

With a `pattern` (see `regex`) the whole text has to match it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...model.inbound import Inbound
from ..compare import number
from . import regex
from .asked import Answer, Asked, Bound, Refused, a_count, said

BOUNDS: Mapping[str, Bound] = {"min_length": a_count, "max_length": a_count, **regex.BOUNDS}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    text = said(inbound)
    if not text:
        return Refused(code="text")
    least, most = number(asked.bounds.get("min_length")), number(asked.bounds.get("max_length"))
    if least is not None and len(text) < least:
        return Refused(code="text.short", params={"min": least})
    if most is not None and len(text) > most:
        return Refused(code="text.long", params={"max": most})
    pattern = asked.bounds.get("pattern")
    if pattern and not regex.fits(str(pattern), text):
        return Refused(code="regex")
    return Answer(value=text)
