"""Files that contacts sent, kept in the data folder: named by what they came as, so that one is kept once.

`Files` is all that the rest knows of where they lie.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Protocol

from ..model import ids

INBOUND = "inbound/"  # how their paths begin, and their addresses
_PART = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


class Files(Protocol):
    def name(self, account: str, contact_id: str, origin: str) -> str:
        """The path of the file of that origin (channel and provider's id), kept or not."""

    def save(self, path: str, data: bytes) -> None: ...
    def read(self, path: str) -> bytes | None:
        """None when there is none, or no longer."""

    def forget(self, account: str, contact_id: str) -> None:
        """Remove all that the contact sent."""

    def sweep(self, before: float) -> int:
        """Remove what was kept before then, seconds UTC: how many there were."""


class Folder:
    """They lie below `root`, one folder a contact."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def name(self, account: str, contact_id: str, origin: str) -> str:
        """
        >>> Folder(Path()).name("acme", "c1", "acme/main:m1")[:16]
        'inbound/acme/c1/'
        """
        return f"{INBOUND}{account}/{contact_id}/{ids.digest(origin)}"

    def save(self, path: str, data: bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = file.with_name(f".{file.name}.{os.getpid()}")
        half.write_bytes(data)
        half.replace(file)

    def find(self, path: str) -> Path | None:
        """Where it lies; None for a path that is none of ours, or a file that is not there."""
        start, _, rest = path.partition("/")
        parts = rest.split("/")
        if start + "/" != INBOUND or len(parts) != 3 or not all(_PART.match(part) for part in parts):
            return None
        file = self.root / path
        return file if file.is_file() and not file.is_symlink() else None

    def read(self, path: str) -> bytes | None:
        file = self.find(path)
        return file.read_bytes() if file else None

    def forget(self, account: str, contact_id: str) -> None:
        if _PART.match(account) and _PART.match(contact_id):
            shutil.rmtree(self.root / INBOUND / account / contact_id, ignore_errors=True)

    def sweep(self, before: float) -> int:
        gone = 0
        for file in (self.root / INBOUND).glob("*/*/*"):
            try:
                if file.stat().st_mtime < before:
                    file.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone
