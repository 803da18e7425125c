"""Idempotency keys: the first request with a key leaves its fingerprint and its answer, so that it is known again."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from ..model.ids import digest
from . import keys
from .call import Call, command
from .sealing import Sealed

KEPT = 8 * 24 * 3600  # seconds, as long as the inbox knows a repetition


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    print: bytes
    status: int
    content_type: str
    body: bytes


def fingerprint(request: bytes, salt: bytes) -> bytes:
    """Keyed: a request may hold a phone number, and its digest must not give that away."""
    return hmac.new(salt, request, hashlib.sha256).hexdigest()[:32].encode()


def answer(account: str, key: str) -> Call[Answer | None]:
    return command("GET", _answer(account, key), read=_read, repeatable=True, sealed=True)


def keep(account: str, key: str, what: Answer) -> Call[bool]:
    head = b"%s %d %s\n" % (what.print, what.status, what.content_type.encode())
    parts = ("SET", _answer(account, key), Sealed(head + what.body), "EX", KEPT)
    return Call(parts, _answer(account, key), bool, repeatable=True, sealed=True)


def noted(account: str, key: str) -> Call[bool]:
    """Whether any request came with the key."""
    return command("EXISTS", keys.idempotency(digest(account, key)), read=bool, repeatable=True)


def free(account: str, key: str) -> Call[bool]:
    """As if none had."""
    return command("DEL", keys.idempotency(digest(account, key)), read=bool, repeatable=True)


def note(account: str, key: str, request: bytes, salt: bytes) -> Call[bool]:
    """Whether the key is new, or came with the same request before."""
    print_ = fingerprint(request, salt)
    name = keys.idempotency(digest(account, key))
    parts = ("SET", name, print_, "NX", "GET", "EX", KEPT)
    return Call(parts, name, lambda before: before is None or before == print_, repeatable=True)


def _answer(account: str, key: str) -> str:
    return keys.idempotent_answer(digest(account, key))


def _read(kept: bytes | None) -> Answer | None:
    if kept is None:
        return None
    head, _, body = kept.partition(b"\n")
    print_, status, content_type = head.split(b" ", 2)
    return Answer(print_, int(status), content_type.decode(), body)
