"""Calls of providers that call only once, on disk while the store is away: acknowledged, brought in when it is back.

A file a call, in a folder for each channel; a name sorts by when it came. What comes while something waits goes behind
it, so that the order of a contact's messages stays. One process of a machine brings them in at a time.
"""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from ..errors import StoreError
from ..model.gateway import WebhookRequest

PAUSE = 1.0  # seconds between two tries
logger = logging.getLogger(__name__)
Deliver = Callable[[str, WebhookRequest], None]  # channel, call; StoreError while the store is away


class Spool:
    def __init__(self, folder: Path, deliver: Deliver) -> None:
        self._folder = folder
        self._deliver = deliver
        self._count = itertools.count()
        self._guard = threading.Lock()
        self._watching = False
        if self._channels():
            self.watch()

    def waits(self, channel_key: str) -> bool:
        """Whether something of the channel is not brought in yet."""
        return bool(_calls(self._folder / channel_key))

    def keep(self, channel_key: str, request: WebhookRequest) -> None:
        """Returns when the disk has it; OSError when it cannot be had."""
        folder = self._folder / channel_key
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._count)}"
        fresh = folder / f".{name}"
        with fresh.open("wb") as file:
            file.write(_written(request))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(folder / name)
        _sync(folder)
        self.watch()

    def watch(self) -> None:
        """Brings in what waits as soon as the store is back, beside whatever else this process does."""
        with self._guard:
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._watch, name="spool", daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                self.drain()
            except StoreError:
                pass
            except Exception:
                logger.exception("spool.failed")
            with self._guard:
                if not self._channels():
                    self._watching = False
                    return
            time.sleep(PAUSE)

    def drain(self) -> None:
        """Brings in all that waits, the oldest of each channel first; StoreError when the store is still away."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return  # another process is at it
            for key in self._channels():
                count = 0
                for call in _calls(self._folder / key):
                    self._deliver(key, _read(call.read_bytes()))
                    call.unlink()
                    count += 1
                logger.warning("spool.brought_in", extra={"channel": key, "count": count})

    def _channels(self) -> list[str]:
        found = sorted(self._folder.glob("*/*")) if self._folder.is_dir() else []
        return [f"{one.parent.name}/{one.name}" for one in found if one.is_dir() and _calls(one)]


def _calls(folder: Path) -> list[Path]:
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
    except OSError:
        return []
    return [folder / name for name in names]


def _written(request: WebhookRequest) -> bytes:
    """A query line and the raw body; who called was proved before.

    >>> _read(_written(WebhookRequest(method="POST", path="/", query={"m": "1"}, body=b"a=1"))).body
    b'a=1'
    """
    return orjson.dumps({"path": request.path, "query": dict(request.query)}) + b"\n" + request.body


def _read(raw: bytes) -> WebhookRequest:
    head, _, body = raw.partition(b"\n")
    return WebhookRequest(method="POST", body=body, **orjson.loads(head))


def _sync(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
