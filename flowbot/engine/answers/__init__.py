"""Reading answers: what a contact sent, as a value of the type that the question expects, or why it is none."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ...model.inbound import Inbound
from ..match import choose
from . import date, email, image, integer, location, number, phone, regex, text, yes_no
from .asked import Answer, Asked, Kind, Refused, said

__all__ = ["KINDS", "LATER", "YES_NO", "Answer", "Asked", "Kind", "Refused", "check", "read", "said"]

KINDS: Mapping[str, Kind] = {
    "text": text,
    "regex": regex,
    "number": number,
    "integer": integer,
    "date": date,
    "phone": phone,
    "email": email,
    "yes_no": yes_no,
    "image": image,
    "location": location,
}
YES_NO = yes_no.IDS
LATER = frozenset(
    {"money", "time", "url", "country", "language", "document", "audio", "video", "contact", "any_media"}
    | {"national_id", "iban", "card", "form"}
)


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """The answer, or why there is none; choices first, then the type that is expected beside them.

    >>> from flowbot.model.contact import Identity
    >>> read(Inbound(id="1", sender=Identity(), kind="text", text="1,5"), Asked(expect="number"))
    Answer(value=1.5, choice='')
    """
    if asked.options:
        found = _chosen(inbound, asked)
        if found or asked.expect == "text":
            return Answer(value=found, choice=found) if found else Refused(code="choice")
    return KINDS[asked.expect].read(inbound, asked)


def check(expect: str, bounds: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with `expect` and `with`, each with its path in the step; bounds with `{{ }}` are not looked into.

    >>> check("number", {"min": "low", "max": "{{ vars.top }}"})
    [(('with', 'min'), "min is not what number takes: 'low'")]
    """
    if expect not in KINDS:
        return [(("expect",), _unknown(expect))]
    known = KINDS[expect].BOUNDS
    found: list[tuple[tuple[str, ...], str]] = []
    for name, value in bounds.items():
        if name not in known:
            takes = f"takes {', '.join(known)}" if known else "takes none"
            found.append((("with", name), f"unknown bound {name!r}; {expect} {takes}"))
        elif not (isinstance(value, str) and "{{" in value) and not known[name](value):
            found.append((("with", name), f"{name} is not what {expect} takes: {value!r}"))
    return found


def _chosen(inbound: Inbound, asked: Asked) -> str:
    if inbound.tap and inbound.tap.choice in {option.id for option in asked.options}:
        return inbound.tap.choice
    return choose(said(inbound), asked.options, asked.match) or ""


def _unknown(expect: str) -> str:
    if expect in LATER:
        return f"{expect} is not available yet; there are: {', '.join(KINDS)}"
    near = difflib.get_close_matches(str(expect), KINDS, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(KINDS)}"
    return f"unknown type {expect!r}; {hint}"
