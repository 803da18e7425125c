"""People who may use the simulator of an account where it is not open to all. A password is made by a machine, shown
once, and lies here as a keyed hash: who steals the store learns none.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import orjson

from . import keys
from .call import Call, as_pairs, command


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    name: str
    created_at: int  # ms UTC


def keep(account: str, name: str, password: str, salt: bytes, *, now: int) -> Call[bool]:
    """A new user; one of that name gets this password. False: there was one."""
    record = {"v": 1, "hash": _hash(password, salt), "created_at": now}
    return command("HSET", keys.account(account, "users"), name, orjson.dumps(record), read=bool)


def check(account: str, name: str, password: str, salt: bytes) -> Call[User | None]:
    """The user with that password; takes the same time for any."""
    wanted = _hash(password, salt)

    def same(blob: bytes | None) -> User | None:
        record: dict[str, Any] = orjson.loads(blob) if blob else {"hash": ""}
        right = hmac.compare_digest(record["hash"].encode(), wanted.encode())
        return User(name=name, created_at=record["created_at"]) if right else None

    return command("HGET", keys.account(account, "users"), name, read=same, repeatable=True)


def all_of(account: str) -> Call[list[User]]:
    """The account's users, oldest first."""
    return command("HGETALL", keys.account(account, "users"), read=_all, repeatable=True)


def remove(account: str, name: str) -> Call[bool]:
    """Whether there was one."""
    return command("HDEL", keys.account(account, "users"), name, read=bool, repeatable=True)


def _all(reply: list[Any]) -> list[User]:
    found = [User(name=name, created_at=orjson.loads(blob)["created_at"]) for name, blob in as_pairs(reply).items()]
    return sorted(found, key=lambda one: (one.created_at, one.name))


def _hash(password: str, salt: bytes) -> str:
    return hmac.new(salt, b"user\x1f" + password.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
