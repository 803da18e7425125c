"""`expect: email`: one address, as it is written; whether it exists only a code sent to it can tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, said

BOUNDS: Mapping[str, Bound] = {}
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?\Z")


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    found = parse(said(inbound))
    return Answer(value=found) if found else Refused(code="email")


def parse(text: str) -> str:
    """The address, its domain in small letters; "" when it is none.

    >>> parse(" Ana.Paz@Example.COM "), parse("mailto:a@b.co")
    ('Ana.Paz@example.com', 'a@b.co')
    >>> parse("ana@example"), parse("a b@c.co"), parse("a..b@c.co")
    ('', '', '')
    """
    address = unicodedata.normalize("NFKC", text).strip().strip("<>").removeprefix("mailto:").rstrip(".,;")
    local, mark, domain = address.rpartition("@")
    if not mark or len(address) > 254 or len(local) > 64 or not _LOCAL.match(local) or not is_domain(domain):
        return ""
    return f"{local}@{domain.lower()}"


def is_domain(domain: str) -> bool:
    """Whether it looks like a domain that anybody may have.

    >>> is_domain("example.com"), is_domain("ñandu.example"), is_domain("localhost"), is_domain("10.0.0.1")
    (True, True, False, False)
    """
    labels = domain.lower().split(".")
    named = len(labels) > 1 and len(domain) <= 253 and all(_LABEL.match(label) for label in labels)
    return named and not labels[-1].isdigit() and len(labels[-1]) > 1
