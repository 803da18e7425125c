"""How a choice's id travels to the provider and back, so that an old button is known as old."""

from __future__ import annotations

import re

FORM = "form"  # what stands in a form's token in a choice's place
_WIRE = re.compile(r"v([0-9]{1,9})\.(.*)\Z", re.DOTALL)


def to_wire(choice: str, visit: int) -> str:
    """The id on the button: the visit it belongs to and the author's id.

    >>> to_wire("accept", 12)
    'v12.accept'
    """
    return f"v{visit}.{choice}"


def from_wire(raw: str) -> tuple[str, int]:
    """The author's id and the visit; visit 0 for an id that is not ours.

    >>> from_wire("v12.accept"), from_wire("anything")
    (('accept', 12), ('anything', 0))
    """
    found = _WIRE.match(raw)
    return (found[2], int(found[1])) if found else (raw, 0)
