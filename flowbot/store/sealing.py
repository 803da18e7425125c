"""Values that lie in the store encrypted: AES-256-GCM, by a key made from FLOWBOT_SECRET_KEY.

A sealed value begins with a mark, then says by which key: so old keys still open what they sealed. What is not sealed
passes through, and a process without a key seals nothing: a store may hold both.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import ParseError

MARK = b"\x02fb\x00"  # no packed record, and no JSON, begins so
_NAMED, _NONCE = 4, 12  # bytes of a key's name, and of a nonce
_HEAD = 256  # bytes in which a line before the mark may stand: a session's version, what of a message scripts look at
_ABOUT = b"flowbot at rest"


class Sealed:
    """A part of a command that is to be sealed on its way out, behind a `head` that stays readable."""

    __slots__ = ("data", "head")

    def __init__(self, data: bytes, head: bytes = b"") -> None:
        self.data = data
        self.head = head


class Ring:
    """The keys of a process: the first seals, all of them open.

    >>> ring = Ring(["s" * 32])
    >>> kept = ring.seal(b"1032456789")
    >>> b"1032456789" in kept, ring.open(kept), ring.open(b"plain"), Ring(["t" * 32, "s" * 32]).open(kept)
    (False, b'1032456789', b'plain', b'1032456789')
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._first = b""
        for secret in secrets:
            key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_ABOUT).derive(secret.encode())
            name = hashlib.sha256(key).digest()[:_NAMED]
            self._keys[name] = AESGCM(key)
            self._first = self._first or name
        self._nonces = _Nonces()

    def __bool__(self) -> bool:
        return bool(self._keys)

    def seal(self, data: bytes) -> bytes:
        """The data as only our keys open it; as it is when there is none."""
        if not self._first:
            return data
        nonce = self._nonces.next()
        return b"%b%b%b%b" % (MARK, self._first, nonce, self._keys[self._first].encrypt(nonce, data, _ABOUT))

    def open(self, kept: bytes) -> bytes:
        """The data again; ParseError when it is damaged, or sealed with a key that is not on the ring."""
        if not kept.startswith(MARK):
            return kept
        start = len(MARK) + _NAMED
        key = self._keys.get(kept[len(MARK) : start])
        if key is None:
            raise ParseError("it is sealed with a key that is not set here: see FLOWBOT_SECRET_KEY")
        try:
            return key.decrypt(kept[start : start + _NONCE], kept[start + _NONCE :], _ABOUT)
        except (InvalidTag, ValueError):
            raise ParseError("it is sealed, and damaged") from None

    def opened(self, reply: Any) -> Any:
        """A whole reply of the store, what is sealed in it opened; what cannot be stays as it is."""
        if isinstance(reply, list):
            return [self.opened(one) for one in reply]
        return self._tried(reply) if isinstance(reply, bytes) else reply

    def _tried(self, kept: bytes) -> bytes:
        at = kept.find(MARK, 0, _HEAD)
        if at < 0 or (at > 0 and kept[at - 1 : at] != b"\n"):
            return kept
        try:
            return kept[:at] + self.open(kept[at:])
        except ParseError:
            return kept

    def written(self, parts: Sequence[Any]) -> tuple[Any, ...]:
        """The parts of a command as they go out."""
        return tuple(one.head + self.seal(one.data) if type(one) is Sealed else one for one in parts)


class _Nonces:
    """Never the same twice: half by chance, drawn anew in each process, half by counting."""

    def __init__(self) -> None:
        self._process = 0
        self._lead = b""
        self._count = itertools.count()

    def next(self) -> bytes:
        if self._process != os.getpid():  # after a fork, too
            self._process, self._lead = os.getpid(), os.urandom(_NONCE - 5)
        return self._lead + next(self._count).to_bytes(5, "big")


NO_KEYS = Ring()
