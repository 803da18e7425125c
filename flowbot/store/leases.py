"""Who owns a partition: leases with an epoch that rises at each take-over, so that a late owner can do no harm.

An owner's name is `<slot>#<incarnation>`: a restarted process keeps its slot and takes its predecessor's leases
at once.
"""

from __future__ import annotations

from typing import Any

from . import keys
from .call import Call, command
from .scripts import fcall


def take(role: str, partition: int, owner: str, ttl_ms: int) -> Call[int]:
    """Take or renew the lease (role w for workers, s for senders): its epoch, 0 when somebody else holds it."""
    return fcall("take_lease", [keys.lease(role, partition)], [owner, ttl_ms], int, repeatable=True)


def release(role: str, partition: int, owner: str) -> Call[bool]:
    """Give it up, so that nobody has to wait; False when it was not the owner's."""
    return fcall("release_lease", [keys.lease(role, partition)], [owner], bool, repeatable=True)


def peek(role: str, partition: int) -> Call[str]:
    """Who holds it now; "" for nobody."""
    return fcall("peek_lease", [keys.lease(role, partition)], [], lambda reply: str(reply[0].decode()), repeatable=True)


def join(role: str, owner: str, ttl_ms: int) -> Call[list[str]]:
    """Say that one is alive; the names of all that said so within `ttl_ms`, sorted, one's own among them."""
    return fcall("join_members", [keys.members(role)], [owner, ttl_ms], _names, repeatable=True)


def leave(role: str, owner: str) -> Call[bool]:
    """Say good-bye: the others share among themselves at once."""
    return command("ZREM", keys.members(role), owner, read=bool, repeatable=True)


def _names(reply: Any) -> list[str]:
    return [name.decode() for name in reply]
