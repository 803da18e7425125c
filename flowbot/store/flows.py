"""Flow versions by their hash, kept while any session stands on one."""

from __future__ import annotations

from . import keys
from .call import Call, as_is, command


def keep(version: str, bundle: bytes) -> Call[bool]:
    """Keep the version; False when it was there already. What has the same hash means the same."""
    return command("SETNX", keys.flow_version(version), bundle, read=bool, repeatable=True)


def get(version: str) -> Call[bytes | None]:
    return command("GET", keys.flow_version(version), read=as_is, repeatable=True)


def standing(partition: int) -> Call[dict[str, int]]:
    """How many of the partition's sessions stand on each version."""
    return command("HGETALL", keys.flow_counts(partition), read=_counts, repeatable=True)


def _counts(reply: list[bytes]) -> dict[str, int]:
    return {version.decode(): int(count) for version, count in zip(reply[::2], reply[1::2], strict=True)}
