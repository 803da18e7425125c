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
from .call import Call, as_pairs, command
from .scripts import fcall

PREFIX = "fk_live_"
_WRITTEN = re.compile(PREFIX + r"([0-9a-z]{16})_([A-Za-z0-9_-]{32,64})\Z", re.ASCII)


SCOPES = (
    "conversations",
    "messages",
    "broadcasts",
    "templates",
    "contacts",
    "processes",
    "schedules",
    "events",
    "endpoints",
    "flows",
)
EVERY = "*"  # in place of a list of scopes
READ = ":read"  # behind a scope: looking, but changing nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    id: str
    name: str
    created_at: int  # ms UTC
    scopes: tuple[str, ...] = (EVERY,)
    expires_at: int = 0  # ms UTC; 0: never
    used_at: int = 0  # ms UTC of the day of its last use; 0: never

    def may(self, scope: str, writes: bool, now: int) -> bool:
        """Whether it opens this door; an expired key opens none.

        >>> key = ApiKey(id="k", name="", created_at=1, scopes=("messages", "contacts:read"))
        >>> key.may("messages", True, 2), key.may("contacts", True, 2), key.may("contacts", False, 2)
        (True, False, True)
        """
        wanted = {EVERY, scope} if writes else {EVERY, scope, EVERY + READ, scope + READ}
        return not self.expired(now) and not wanted.isdisjoint(self.scopes)

    def expired(self, now: int) -> bool:
        return bool(self.expires_at) and now >= self.expires_at


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


def keep(
    account: str,
    key_id: str,
    secret: str,
    salt: bytes,
    *,
    name: str,
    now: int,
    scopes: Iterable[str] = (EVERY,),
    expires_at: int = 0,
) -> Call[bool]:
    """Note a new key."""
    record = {"v": 1, "hash": _hash(secret, salt), "name": name, "created_at": now}
    more = {"scopes": [*scopes], "expires_at": expires_at}
    return command("HSET", keys.account(account, "keys"), key_id, orjson.dumps({**record, **more}), read=bool)


def check(account: str, key_id: str, secret: str, salt: bytes) -> Call[ApiKey | None]:
    """The account's key, perhaps expired; None when it has none. Takes the same time for any secret."""
    wanted = _hash(secret, salt)

    def same(blob: bytes | None) -> ApiKey | None:
        record = orjson.loads(blob) if blob else {"hash": ""}
        return _key(key_id, record) if hmac.compare_digest(record["hash"].encode(), wanted.encode()) else None

    return command("HGET", keys.account(account, "keys"), key_id, read=same, repeatable=True)


def used(account: str, key_id: str, day: int) -> Call[int]:
    """Note the day (ms UTC of its beginning) of a key's last use."""
    return command("HSET", keys.account(account, "keys_used"), key_id, day, read=int, repeatable=True)


def last_uses(account: str) -> Call[dict[str, int]]:
    """Key id -> ms UTC of the day of its last use."""
    return command(
        "HGETALL",
        keys.account(account, "keys_used"),
        read=lambda reply: {name: int(day) for name, day in as_pairs(reply).items()},
        repeatable=True,
    )


def record(account: str, key_id: str) -> Call[bytes | None]:
    """The record as it lies there, for `expire`."""
    return command("HGET", keys.account(account, "keys"), key_id, read=lambda reply: reply, repeatable=True)


def expire(account: str, key_id: str, before: bytes, at: int) -> Call[bool]:
    """The key ends at `at` (ms UTC); False when its record is not what it was `before`: revoked, for instance."""
    after = orjson.dumps({**orjson.loads(before), "expires_at": at})
    return fcall("swap_field", [keys.account(account, "keys")], [key_id, before, after], read=bool, repeatable=True)


def all_of(account: str) -> Call[list[ApiKey]]:
    """The account's keys, oldest first."""
    return command("HGETALL", keys.account(account, "keys"), read=_all, repeatable=True)


def revoke(account: str, key_id: str) -> Call[bool]:
    """The key is worthless from now on; False when there was none."""
    return command("HDEL", keys.account(account, "keys"), key_id, read=bool, repeatable=True)


def _all(reply: list[Any]) -> list[ApiKey]:
    found = [_key(key_id, orjson.loads(blob)) for key_id, blob in as_pairs(reply).items()]
    return sorted(found, key=lambda key: (key.created_at, key.id))


def _key(key_id: str, record: dict[str, Any]) -> ApiKey:
    return ApiKey(
        id=key_id,
        name=record["name"],
        created_at=record["created_at"],
        scopes=tuple(record.get("scopes", (EVERY,))),
        expires_at=record.get("expires_at", 0),
    )


def _mark(account: str) -> str:
    return digest("account", account, size=5)


def _hash(secret: str, salt: bytes) -> str:
    return hmac.new(salt, secret.encode(), hashlib.sha256).hexdigest()
