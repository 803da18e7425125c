"""Phone numbers: which spellings of a WhatsApp id are the same person.

Ids that a provider gives are never checked: some are no valid numbers. Replies go to the id as it was received; only
the search for the contact goes by the canonical one.
"""

from __future__ import annotations

import re

_NOT_DIGITS = re.compile(r"[^0-9]")
_BRAZIL = re.compile(r"55([1-9][0-9])9?([6-9][0-9]{7})")  # mobiles; landlines begin with 2 to 5
_MEXICO = re.compile(r"521?([2-9][0-9]{9})")
_ARGENTINA = re.compile(r"549?([1-9][0-9]{9})")


def canonical(number: str) -> str:
    """The same digits for all spellings of one WhatsApp id; digits in, digits out.

    Brazil: mobiles with the ninth digit. Mexico: without the 1. Argentina: without the 9.

    >>> canonical("553188887777"), canonical("+55 31 98888-7777")
    ('5531988887777', '5531988887777')
    >>> canonical("5215512345678"), canonical("5491112345678"), canonical("573001112233")
    ('525512345678', '541112345678', '573001112233')
    """
    digits = _NOT_DIGITS.sub("", number)
    if found := _BRAZIL.fullmatch(digits):
        return f"55{found[1]}9{found[2]}"
    if found := _MEXICO.fullmatch(digits):
        return "52" + found[1]
    if found := _ARGENTINA.fullmatch(digits):
        return "54" + found[1]
    return digits
