"""Brings a server's log to the disk several times a second, from outside of the server.

The server could do it itself (`appendfsync everysec`), but while such a sync is slow it also keeps back what it has to
write, for up to two seconds, and answers its clients all the same: killed then, it loses what it has acknowledged. Told
to leave the disk alone (`no`) it always writes before it answers; what is left is to sync the file, which anybody can.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from pathlib import Path

logger = logging.getLogger(__name__)
# seconds; at most so much is lost when the power fails. The server waits with its next write while a sync lasts: what
# comes in of a broadcast in a whole second takes one some 100 ms.
EVERY = 0.2
_sync = getattr(os, "fdatasync", os.fsync)


class Flusher:
    """A thread that syncs what has changed in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._synced: dict[str, int] = {}  # file -> its size, when it was last brought to the disk
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._work, name="flusher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def flush(self) -> int:
        """Sync the files that have grown since the last time; how many."""
        count = 0
        for path in self._folder.glob("*.aof"):
            with contextlib.suppress(FileNotFoundError):
                count += self._bring(path)
        return count

    def _bring(self, path: Path) -> bool:
        size = path.stat().st_size
        if self._synced.get(path.name) == size:
            return False
        descriptor = os.open(path, os.O_RDONLY)
        try:
            _sync(descriptor)
        finally:
            os.close(descriptor)
        self._synced[path.name] = size
        return True

    def _work(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self.flush()
            except OSError as error:
                logger.error("store.not_flushed", extra={"error": str(error)})
