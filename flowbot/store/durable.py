"""The promise of FLOWBOT_DURABILITY=disk: what is acknowledged outlives a power cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ..errors import SettingsError, StoreError, StoreUnavailable
from . import keys, server
from .call import Call, command
from .client import Store

T = TypeVar("T")
PATIENCE = 3_000  # ms for the disk: `everysec` takes up to one second; less than the connection's own time-out
_NEEDS = (
    "FLOWBOT_DURABILITY=disk needs a store that syncs its append-only file: `appendfsync always`, or `everysec` on "
    "Redis 7.2 or any Valkey"
)


def promise(store: Store) -> Store:
    """The store as one that answers when its disks have it; SettingsError when it cannot be made to."""
    kept = OnDisk(store)
    looks = [command("EXISTS", keys.inboxes(one), read=int, repeatable=True) for one in range(store.partitions)]
    wrong = next((found for found in kept.run_all(looks) if isinstance(found, StoreError)), None)
    if wrong is None:
        return kept
    if store.run_all([server.fsync()])[0] == "always":
        return store  # Redis 7.0: it cannot be asked, and need not be
    if isinstance(wrong, StoreUnavailable) and not isinstance(wrong, NotOnDisk):
        raise wrong
    raise SettingsError(f"{_NEEDS}; this one says: {wrong}")


class NotOnDisk(StoreUnavailable):
    """The store has it, but after all patience its disk does not."""


class OnDisk(Store):
    """A store over the same connections, whose answers wait until the disks have all that was written before them."""

    def __init__(self, store: Store) -> None:
        self.__dict__.update(store.__dict__)

    def run_all(self, calls: Sequence[Call[T]]) -> list[T | StoreError]:
        """As ever, but StoreUnavailable for all when a disk is too slow: then nothing may be thought kept."""
        if not self._topology.known():
            self._look_up()
        places = {self._topology.node_of(call.slot): call.slot for call in calls}
        waits: list[Call[Any]] = [Call(("WAITAOF", 1, 0, PATIENCE), slot, _synced) for slot in places.values()]
        answers = super().run_all([*calls, *waits])
        wrong = next((found for found in answers[len(calls) :] if isinstance(found, StoreError)), None)
        return [wrong] * len(calls) if wrong else answers[: len(calls)]


def _synced(reply: list[int]) -> None:
    if not reply[0]:
        raise NotOnDisk
