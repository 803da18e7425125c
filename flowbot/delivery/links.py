"""Addresses under which a provider may fetch one private file for a while: signed, and nothing to list."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote

LIFE = 3600  # seconds
VERDICTS = "verdicts/"
CONFIRM = "confirm/"
_MARK = re.compile(r"([0-9a-f]{8})([0-9a-f]{32})\Z", re.ASCII)


def sign(key: bytes, path: str, until: int) -> str:
    """The part of the address that opens `path` until then (seconds UTC)."""
    return f"{until:08x}" + hmac.digest(key, f"{until}\n{path}".encode(), hashlib.sha256).hex()[:32]


def opens(key: bytes, mark: str, path: str, now: float) -> bool:
    """Whether the mark opens the path at this time.

    >>> mark = sign(b"k", "content/a.jpg", 1000)
    >>> opens(b"k", mark, "content/a.jpg", 999), opens(b"k", mark, "content/a.jpg", 1001), opens(b"k", mark, "b", 999)
    (True, False, False)
    """
    found = _MARK.match(mark)
    if not found or now > int(found[1], 16):
        return False
    return hmac.compare_digest(mark, sign(key, path, int(found[1], 16)))


def address(public: str, key: bytes, path: str, until: int) -> str:
    """
    >>> address("https://bot.test", b"k", "content/a b.jpg", 1000).partition(sign(b"k", "content/a b.jpg", 1000))[::2]
    ('https://bot.test/media/', '/content/a%20b.jpg')
    """
    return f"{public}/media/{sign(key, path, until)}/{quote(path)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The addresses that we hand out to a verifier."""

    public: str  # https://bot.example
    key: bytes = field(repr=False)

    def file(self, path: str, until: float) -> str:
        """Where a file that a contact sent may be fetched until then, seconds UTC."""
        return address(self.public, self.key, path, int(until))

    def verdict(self, call_id: str, until: float) -> str:
        """Where the verdict on this call goes.

        >>> links = Links(public="https://bot.test", key=b"k")
        >>> token = links.verdict("cl_3_x", 1000).rpartition("/")[2]
        >>> links.call_of(token, 999), links.call_of(token, 1001), links.call_of(token.replace("x", "y"), 999)
        ('cl_3_x', '', '')
        """
        return f"{self.public}/v1/verdicts/{sign(self.key, VERDICTS + call_id, int(until))}.{call_id}"

    def call_of(self, token: str, now: float, path: str = VERDICTS) -> str:
        """The call that such a token is for; "" when it is none of ours, or long over."""
        mark, _, call_id = token.partition(".")
        return call_id if opens(self.key, mark, path + call_id, now) else ""

    def confirm(self, call_id: str, until: float) -> str:
        """Where somebody confirms until then that the message has reached them.

        >>> links = Links(public="https://bot.test", key=b"k")
        >>> token = links.confirm("cl_3_x", 1000).removeprefix("https://bot.test/confirm/")
        >>> links.call_of(token, 999, CONFIRM), links.call_of(token, 999), links.call_of(token, 1001, CONFIRM)
        ('cl_3_x', '', '')
        """
        return f"{self.public}/{CONFIRM}{sign(self.key, CONFIRM + call_id, int(until))}.{call_id}"
