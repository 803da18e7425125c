"""Flow versions by their hash, kept while somebody has a use for one: who stands on it, who may start it."""

from __future__ import annotations

from typing import Any

from . import keys
from .call import Call, as_is, command
from .scripts import fcall


def keep(version: str, bundle: bytes, now: int) -> tuple[Call[Any], ...]:
    """Keep the version, and say that somebody has a use for it; `now` is ms UTC by the store's clock.

    The word first: who collects what nobody uses then leaves it alone. What has the same hash means the same.
    """
    note = command("SADD", keys.VERSIONS, version, read=bool, repeatable=True)
    put = command("SETNX", keys.flow_version(version), bundle, read=bool, repeatable=True)
    return (note, touch(version, now), put)


def touch(version: str, now: int) -> Call[bool]:
    """Somebody has a use for the version."""
    return command("SET", keys.version_used(version), now, read=bool, repeatable=True)


def known() -> Call[list[str]]:
    """All versions that were ever kept and not collected since."""
    return command("SMEMBERS", keys.VERSIONS, read=_words, repeatable=True)


def is_kept(version: str) -> Call[bool]:
    return command("EXISTS", keys.flow_version(version), read=bool, repeatable=True)


def collect(version: str, now: int, idle: int) -> Call[bool]:
    """Throw the version away when nobody has had a use for it for `idle` ms; whether it is gone."""
    where = [keys.flow_version(version), keys.version_used(version)]
    return fcall("collect_version", where, [now, idle], bool, repeatable=True)


def forget(version: str) -> Call[bool]:
    """It is collected."""
    return command("SREM", keys.VERSIONS, version, read=bool, repeatable=True)


def get(version: str) -> Call[bytes | None]:
    return command("GET", keys.flow_version(version), read=as_is, repeatable=True)


def standing(partition: int) -> Call[dict[str, int]]:
    """How many of the partition's processes stand on each version."""
    return command("HGETALL", keys.flow_counts(partition), read=_counts, repeatable=True)


def member(contact_id: str, channel_key: str) -> str:
    """What a session is known by among those that stand on a version.

    >>> pair_of(member("c1", "acme/main"))
    ('c1', 'acme/main')
    """
    return f"{contact_id}|{channel_key}"


def pair_of(member: str) -> tuple[str, str]:
    contact_id, _, channel_key = member.partition("|")
    return contact_id, channel_key


def who(partition: int, version: str, cursor: str = "0", count: int = 500) -> Call[tuple[str, list[tuple[str, str]]]]:
    """Some of the sessions that stand on the version, as (contact, channel), and the cursor for more; "0" at the end.

    Each comes at least once; those that come or go meanwhile may be among them or not.
    """
    return command("SSCAN", keys.standing(partition, version), cursor, "COUNT", count, read=_members, repeatable=True)


def _members(reply: Any) -> tuple[str, list[tuple[str, str]]]:
    return reply[0].decode(), [pair_of(one.decode()) for one in reply[1]]


def _words(reply: list[bytes]) -> list[str]:
    return sorted(one.decode() for one in reply)


def _counts(reply: list[bytes]) -> dict[str, int]:
    return {version.decode(): int(count) for version, count in zip(reply[::2], reply[1::2], strict=True)}
