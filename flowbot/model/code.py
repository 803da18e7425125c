"""One-time codes: how they are read, bound to who asked, and put into a message. Pure; a code is an argument."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from .number import canonical

MARK = "\ue0c0"  # stands for the code in a message that is not sent yet: of Unicode's private letters, so in no text
GIVEN = ("to", "code", "text", "language", "minutes")  # what an integration that sends one is told
LENGTHS = (4, 10)  # digits, the fewest and the most

_JOINED = re.compile(r"(?<=[0-9])[ \u00a0\u2009.\-\u2010-\u2013](?=[0-9])")
_DIGITS = re.compile(r"[0-9]+")


def typed(text: str, length: int) -> str:
    """The one code of this length in a message, in plain digits; "" when there is none, or more than one.

    >>> typed("It is 123 456.", 6), typed("१२३४५६", 6), typed("12345", 6), typed("123456 or 654321?", 6)
    ('123456', '123456', '', '')
    """
    plain = "".join(_digit(letter) for letter in text[:4096])
    for candidate in (plain, _JOINED.sub("", plain)):
        found = {run for run in _DIGITS.findall(candidate) if len(run) == length}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def derived_key(secret: str) -> bytes:
    """The key for codes, from the server's own secret: the store never sees either."""
    return hmac.digest(secret.encode(), b"flowbot one-time codes", hashlib.sha256)


def seal(key: bytes, code: str, *bound: str) -> str:
    """What is kept in the code's place: says nothing about it without the key, and fits one chat and one process.

    >>> seal(b"k", "123456", "c1", "p1") == seal(b"k", "123456", "c1", "p1")
    True
    >>> seal(b"k", "123456", "c1", "p1") == seal(b"k", "123456", "c2", "p1")
    False
    """
    return hmac.new(key, "\x1f".join((*bound, code)).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def veil(key: bytes, address: str) -> str:
    """A number or an e-mail address as the limits know it, however it is spelled: nobody without the key can tell whose
    it is.

    >>> veil(b"k", "573001112233") == veil(b"k", "573001112234"), len(veil(b"k", "573001112233"))
    (False, 32)
    >>> veil(b"k", "5531988887777") == veil(b"k", "553188887777"), veil(b"k", "a@b.co") == veil(b"k", "A@b.co")
    (True, True)
    """
    address = canonical(address) if address.isdigit() else address.casefold()
    return hmac.new(key, b"to\x1f" + address.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def prefix_of(address: str) -> str:
    """The block of numbers that a number lies in, a million of them: fraud with costly numbers comes in blocks.

    >>> prefix_of("573001112233"), prefix_of("ana@example.com")
    ('573001', '')
    """
    return address[:-6] if address.isascii() and address.isdigit() else ""


def fill(value: Any, code: str) -> Any:
    """Plain data with the code in its places.

    >>> fill({"to": "+57300", "text": [f"Your code: {MARK}"]}, "1234")
    {'to': '+57300', 'text': ['Your code: 1234']}
    """
    if isinstance(value, str):
        return value.replace(MARK, code)
    if isinstance(value, Mapping):
        return {name: fill(item, code) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(item, code) for item in value]
    return value


def _digit(letter: str) -> str:
    """Digits of all scripts as 0 to 9; all else stays."""
    found = unicodedata.decimal(letter, None) if not letter.isascii() else None
    return letter if found is None else str(found)
