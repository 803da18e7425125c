"""Reading single values out of Meta's JSON, whatever shape they came in."""

from __future__ import annotations

import math
import re
from typing import Any

import orjson

from ..model.contact import BSUID, Identity

_NUMBER = re.compile(r"\+?([0-9]{1,20})\Z")
_MAX_DEPTH = 8
_MAX_ID = 512
_MS = 10**12  # a count of seconds this large is in milliseconds
_TOO_LATE = 10**14


# A pair of surrogates or any other escape is kept; a lone surrogate, escaped or in bytes, is not text.
_SURROGATES = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u])"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\xed[\xa0-\xbf][\x80-\xbf]"
)


class Deformed(Exception):
    """One item that cannot be read: it alone is set aside, the others go on."""


def loads(raw: bytes) -> Any:
    """What JSON says, without lone surrogates; orjson.JSONDecodeError when it is none or nests too deep.

    >>> loads(b'{"a": "x\\\\ud800"}')
    {'a': 'x'}
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        cleaned = _SURROGATES.sub(lambda found: found[1] or b"", raw.replace(b"\x00", b""))
        if cleaned == raw:
            raise error
        return orjson.loads(cleaned)


def text(value: Any) -> str:
    """Text without NULs; "" for what is no text.

    >>> text("a\\x00b"), text(12), text(None), text(["x"])
    ('ab', '12', '', '')
    """
    if type(value) is str:
        return value.replace("\x00", "") if "\x00" in value else value
    if type(value) is int:
        return str(value)
    return ""


def ident(value: Any) -> str:
    """An id, as text, of a bounded length; Deformed when there is none."""
    found = text(value)
    if not found or len(found) > _MAX_ID:
        raise Deformed("id")
    return found


def mapping(value: Any) -> dict[str, Any]:
    """The object, or an empty one."""
    return value if type(value) is dict else {}


def items(value: Any) -> list[Any]:
    """The list, or an empty one."""
    return value if type(value) is list else []


def keep(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """A part that is kept as it came: cleaned, and not deeper than our records may be; Deformed otherwise."""
    kind = type(value)
    if kind is str:
        return text(value)
    if kind is dict:
        if depth == 0:
            raise Deformed("depth")
        return {text(name): keep(item, depth - 1) for name, item in value.items()}
    if kind is list:
        if depth == 0:
            raise Deformed("depth")
        return [keep(item, depth - 1) for item in value]
    return value


def moment(value: Any) -> int:
    """A timestamp in ms UTC from seconds or milliseconds, text or number; 0 when it is neither.

    >>> moment("1700000000"), moment(1700000000123), moment("asdf"), moment(None)
    (1700000000000, 1700000000123, 0, 0)
    """
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if type(value) is not int or not 0 < value < _TOO_LATE:
        return 0
    return value if value >= _MS else value * 1000


def code_of(value: Any) -> int | str:
    """An error's code: a number, also one that came as text; else the text.

    >>> code_of(42), code_of("131026"), code_of("gone"), code_of(None)
    (42, 131026, 'gone', '')
    """
    found = text(value)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else found


def decimal(value: Any) -> float:
    """A number, also one written as text; Deformed when it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise Deformed("number") from None
    if not math.isfinite(found):
        raise Deformed("number")
    return found


def degrees(value: Any, most: int) -> float:
    """A coordinate; Deformed when it is none on this earth.

    >>> degrees("4.6", 90), degrees(-180, 180)
    (4.6, -180.0)
    """
    found = decimal(value)
    if type(value) is bool or not -most <= found <= most:
        raise Deformed("number")
    return found


def words(value: Any) -> str:
    """What somebody wrote, "" included; Deformed when nothing of the kind is there."""
    if type(value) is not str and type(value) is not int:
        raise Deformed("text")
    return text(value)


def number(value: Any) -> str:
    """A phone number's digits; "" when it is none."""
    found = _NUMBER.match(text(value))
    return found[1] if found else ""


def bsuid(value: Any) -> str:
    """A business-scoped user id; "" when it is none."""
    found = text(value)
    return found if BSUID.match(found) else ""


def identity(number_id: Any, user_id: Any, profiles: dict[str, dict[str, Any]]) -> Identity:
    """Who it is, from the number, the user id (which some put into the number's place) and the profile that fits."""
    digits = number(number_id)
    scoped = bsuid(user_id) or ("" if digits else bsuid(number_id))
    if not profiles:
        return Identity(number=digits, bsuid=scoped)
    profile = profiles.get(digits) or profiles.get(scoped) or {}
    inner = mapping(profile.get("profile"))
    return Identity(
        number=digits,
        bsuid=scoped or bsuid(profile.get("user_id")),
        name=text(inner.get("name")),
        username=text(inner.get("username")).lstrip("@"),
    )
