"""What the server behind the store says of itself: whether it would keep what it is given."""

from __future__ import annotations

from dataclasses import dataclass

from . import keys
from .call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    name: str  # valkey 9.1.0
    appends: bool  # an append-only file is written
    writes: bool  # … and the last write to it went well
    evicts: bool  # keys would be thrown away when memory is full
    id: str = ""  # of the node's process
    memory: int = 0  # bytes used
    limit: int = 0  # bytes that it may use; 0: no limit
    total: int = 0  # bytes that its machine has
    policy: str = ""
    rewriting: bool = False


def look() -> Call[Server]:
    """One node's own account; on a cluster that of the node that holds the store's record."""
    return Call(parts=("INFO",), slot=keys.META, read=_server, repeatable=True)


def look_at(partition: int) -> Call[Server]:
    """The same of the node that holds the partition."""
    return Call(parts=("INFO",), slot=keys.timers(partition), read=_server, repeatable=True)


def fsync() -> Call[str]:
    """When the append-only file reaches the disk: always, everysec, no; a StoreError where nobody may ask."""
    return Call(parts=("CONFIG", "GET", "appendfsync"), slot=keys.META, read=_setting, repeatable=True)


def _server(reply: bytes) -> Server:
    pairs = (line.partition(":") for line in reply.decode("utf-8", "replace").splitlines())
    facts = {name: value for name, mark, value in pairs if mark}
    kind = "valkey" if "valkey_version" in facts else "redis"
    return Server(
        name=f"{kind} {facts.get(kind + '_version', '?')}",
        appends=facts.get("aof_enabled") == "1",
        writes=facts.get("aof_last_write_status", "ok") == "ok",
        evicts=facts.get("maxmemory_policy", "noeviction") != "noeviction",
        id=facts.get("run_id", "")[:8],
        memory=int(facts.get("used_memory", 0)),
        limit=int(facts.get("maxmemory", 0)),
        total=int(facts.get("total_system_memory", 0)),
        policy=facts.get("maxmemory_policy", ""),
        rewriting=facts.get("aof_rewrite_in_progress") == "1",
    )


def _setting(reply: list[bytes]) -> str:
    return reply[1].decode() if len(reply) > 1 else ""
