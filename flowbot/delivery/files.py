"""Files that contacts sent: named by what they came as, so that one is kept once.

`Files` is all that the rest knows of where they lie: in the data folder (`Folder`), or in a bucket (bucket.py).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import FilesUnavailable
from ..media.look import mime_of
from ..model import ids

INBOUND = "inbound/"  # how their paths begin, and their addresses
HEAD = 8192  # bytes that tell what a file is
CHUNK = 256 * 1024
_PART = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that is being read; who opened it closes it."""

    size: int  # bytes
    mime: str  # by its content; "" for what nobody should open
    stream: Stream

    def chunks(self) -> Iterator[bytes]:
        """All of it, a bounded piece at a time."""
        while chunk := self.stream.read(CHUNK):
            yield chunk

    def close(self) -> None:
        self.stream.close()


class Files(Protocol):
    """FilesUnavailable from any of these: the disk is full, the bucket away or refused; it may be tried again."""

    def save(self, path: str, data: bytes) -> None: ...
    def read(self, path: str) -> bytes | None:
        """None when there is none, or no longer."""

    def open(self, path: str) -> Opened | None:
        """The same for what is handed on as it is read; None too for a path that is none of ours."""

    def forget(self, account: str, contact_id: str) -> None:
        """Remove all that the contact sent."""

    def sweep(self, before: float, account: str = "") -> int:
        """Remove what was kept before then, seconds UTC, of one account or of all: how many there were."""


def path_of(account: str, contact_id: str, origin: str) -> str:
    """The path of the file of that origin (channel and provider's id), kept or not.

    >>> path_of("acme", "c1", "acme/main:m1")[:16]
    'inbound/acme/c1/'
    """
    return f"{INBOUND}{account}/{contact_id}/{ids.digest(origin)}"


def is_ours(path: str) -> bool:
    """
    >>> is_ours("inbound/acme/c1/x"), is_ours("inbound/acme/../x"), is_ours("secret.key")
    (True, False, False)
    """
    start, _, rest = path.partition("/")
    parts = rest.split("/")
    return start + "/" == INBOUND and len(parts) == 3 and all(_PART.match(part) for part in parts)


def of_contact(account: str, contact_id: str) -> str:
    """What the paths of all that a contact sent begin with; "" for names that no contact has."""
    fit = _PART.match(account) and _PART.match(contact_id)
    return f"{INBOUND}{account}/{contact_id}/" if fit else ""


class Folder:
    """They lie below `root`, one folder a contact."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, path: str, data: bytes) -> None:
        if not is_ours(path):
            raise ValueError(path)
        file = self.root / path
        half = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half.write_bytes(data)
            half.replace(file)
        except OSError as error:
            raise FilesUnavailable(f"the data folder: {error.strerror}") from None

    def read(self, path: str) -> bytes | None:
        file = self._find(path)
        return file.read_bytes() if file else None

    def open(self, path: str) -> Opened | None:
        file = self._find(path)
        if file is None:
            return None
        stream = file.open("rb")
        head = stream.read(HEAD)
        stream.seek(0)
        return Opened(size=os.fstat(stream.fileno()).st_size, mime=mime_of(head), stream=stream)

    def _find(self, path: str) -> Path | None:
        file = self.root / path
        return file if is_ours(path) and file.is_file() and not file.is_symlink() else None

    def forget(self, account: str, contact_id: str) -> None:
        start = of_contact(account, contact_id)
        if start:
            shutil.rmtree(self.root / start, ignore_errors=True)

    def sweep(self, before: float, account: str = "") -> int:
        gone = 0
        if account and not _PART.match(account):
            return 0
        for file in (self.root / INBOUND).glob(f"{account or '*'}/*/*"):
            try:
                if file.stat().st_mtime < before:
                    file.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone
