"""Ids that say nothing about a person, and come out the same when a turn is replayed."""

from __future__ import annotations

import hashlib
import hmac

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)  # ten bits each


def digest(*parts: str | int, size: int = 15) -> str:
    """The same short word for the same parts.

    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a1"), len(digest("a"))
    (True, False, 24)
    """
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return _word(hashlib.blake2b(text, digest_size=size).digest())


def short(*parts: str | int) -> str:
    """The same for what is made at every turn: as long and a third as dear, of hex digits.

    >>> short("a", 1) == short("a", 1), short("a", 1) == short("a1"), len(short("a"))
    (True, False, 24)
    """
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def contact_id(salt: bytes, account: str, identity: str) -> str:
    """A contact's stable id, from a secret of the store, so that it does not give the number away."""
    return "c" + _word(hmac.digest(salt, f"{account}\x1f{identity}".encode(), hashlib.sha256)[:10])


def partition_of(contact: str, partitions: int) -> int:
    """The partition that all of a contact's keys live in."""
    return int.from_bytes(hashlib.blake2b(contact.encode(), digest_size=4).digest(), "big") % partitions


def make(kind: str, partition: int, *parts: str | int) -> str:
    """A public id that carries its partition: pr_17_…

    >>> make("pr", 17, "x")[:6], split(make("pr", 17, "x"))[:2]
    ('pr_17_', ('pr', 17))
    """
    return f"{kind}_{partition}_{digest(*parts)}"


def split(public: str) -> tuple[str, int, str]:
    """Kind, partition and the rest of a public id; ValueError when it is not one."""
    kind, partition, rest = public.split("_", 2)
    return kind, int(partition), rest


def _word(raw: bytes) -> str:
    """Five bits a letter; four times as quick as base64's own base 32, and there is one in every message's id.

    >>> _word(bytes(5)), _word(b"\\xff" * 2)
    ('00000000', 'zzzg')
    """
    letters = -(-len(raw) * 8 // 5)
    even = letters + letters % 2
    number = int.from_bytes(raw, "big") << (even * 5 - len(raw) * 8)
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(even * 5 - 10, -1, -10)])[:letters]
