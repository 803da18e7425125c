"""Idempotency keys: the first request with a key leaves its fingerprint, so that another one with it is noticed.

The ids of what a request makes derive from its key anyway; nothing is looked up here but the mistake.
"""

from __future__ import annotations

import hashlib
import hmac

from ..model.ids import digest
from . import keys
from .call import Call

KEPT = 8 * 24 * 3600  # seconds, as long as the inbox knows a repetition


def note(account: str, key: str, request: bytes, salt: bytes) -> Call[bool]:
    """Whether the key is new, or came with the same request before."""
    # keyed: a request may hold a phone number, and its digest must not give that away
    print_ = hmac.new(salt, request, hashlib.sha256).hexdigest()[:32].encode()
    name = keys.idempotency(digest(account, key))
    parts = ("SET", name, print_, "NX", "GET", "EX", KEPT)
    return Call(parts, name, lambda before: before is None or before == print_, repeatable=True)
