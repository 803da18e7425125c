"""API keys, `fk_live_<id>_<secret>`: the store has a keyed hash of the secret, by id, in the account's own record.

An id begins with a digest of its account's name: so the account is found from the key, and no list of all keys exists.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from ..model.ids import digest
from . import keys
from .call import Call, command

PREFIX = "fk_live_"
_WRITTEN = re.compile(PREFIX + r"([0-9a-z]{16})_([A-Za-z0-9_-]{32,64})\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    id: str
    name: str
    created_at: int  # ms UTC


def new_id(account: str, randomness: bytes) -> str:
    """A new key's id, from some random bytes.

    >>> len(new_id("acme", b"12345")), new_id("acme", b"1")[:8] == new_id("acme", b"2")[:8]
    (16, True)
    """
    return _mark(account) + digest(randomness.hex(), size=5)


def written(key_id: str, secret: str) -> str:
    """The key as a client sends it."""
    return f"{PREFIX}{key_id}_{secret}"


def parse(key: str) -> tuple[str, str] | None:
    """Id and secret of a key as written; None when it is none.

    >>> parse("fk_live_0123456789abcdef_" + "s" * 43)[0], parse("fk_live_x_y")
    ('0123456789abcdef', None)
    """
    found = _WRITTEN.match(key)
    return (found[1], found[2]) if found else None


def account_of(key_id: str, accounts: Iterable[str]) -> str | None:
    """Whose key it is by its id; `check` then says whether it is one."""
    return next((account for account in accounts if key_id.startswith(_mark(account))), None)


def keep(account: str, key_id: str, secret: str, salt: bytes, *, name: str, now: int) -> Call[bool]:
    """Note a new key."""
    record = orjson.dumps({"v": 1, "hash": _hash(secret, salt), "name": name, "created_at": now})
    return command("HSET", keys.account(account, "keys"), key_id, record, read=bool)


def check(account: str, key_id: str, secret: str, salt: bytes) -> Call[bool]:
    """Whether the account has this key; the comparison takes the same time for any secret."""
    wanted = _hash(secret, salt)

    def same(blob: bytes | None) -> bool:
        kept = orjson.loads(blob)["hash"] if blob else ""
        return hmac.compare_digest(kept.encode(), wanted.encode())

    return command("HGET", keys.account(account, "keys"), key_id, read=same, repeatable=True)


def all_of(account: str) -> Call[list[ApiKey]]:
    """The account's keys, oldest first."""
    return command("HGETALL", keys.account(account, "keys"), read=_all, repeatable=True)


def revoke(account: str, key_id: str) -> Call[bool]:
    """The key is worthless from now on; False when there was none."""
    return command("HDEL", keys.account(account, "keys"), key_id, read=bool, repeatable=True)


def _all(reply: list[Any]) -> list[ApiKey]:
    found = []
    for key_id, blob in zip(reply[::2], reply[1::2], strict=True):
        record = orjson.loads(blob)
        found.append(ApiKey(id=key_id.decode(), name=record["name"], created_at=record["created_at"]))
    return sorted(found, key=lambda key: (key.created_at, key.id))


def _mark(account: str) -> str:
    return digest("account", account, size=5)


def _hash(secret: str, salt: bytes) -> str:
    return hmac.new(salt, secret.encode(), hashlib.sha256).hexdigest()
