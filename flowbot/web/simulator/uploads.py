"""Files sent from the simulated phone, kept in the data folder."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from ...errors import InvalidRequest, NotFound
from ...media.look import look, mime_of
from ...model import codec
from ...model.inbound import Media

MAX_BYTES = 16 << 20
MOST_FILES = 300  # of one account
_ID = re.compile(r"[0-9a-f]{32}\Z")
_KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
}
_AUDIO = ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg")


def keep(folder: Path, data: bytes, name: str) -> dict[str, Any]:
    """Store a file; what is told of it: id, kind, and what its content tells."""
    if not data:
        raise InvalidRequest("the file is empty")
    if len(data) > MAX_BYTES:
        raise InvalidRequest(f"a file may have {MAX_BYTES >> 20} MB")
    facts = look(data)
    kind = _KINDS.get(facts.mime) or ("audio" if facts.mime in _AUDIO else "document")
    name, shown = secrets.token_hex(16), Path(name).name[:100]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tidy(folder)
    (folder / name).write_bytes(data)
    plain: dict[str, Any] = codec.to_plain(facts.of(Media(kind=kind, id=name, filename=shown)))
    return plain


def find(folder: Path, name: str) -> tuple[bytes, str]:
    """The file and its type; only what a browser shows harmlessly keeps its own type."""
    path = folder / name
    if not _ID.match(name) or not path.is_file():
        raise NotFound("there is no such file")
    data = path.read_bytes()
    mime = mime_of(data)
    return data, mime if mime in _KINDS or mime in _AUDIO else "application/octet-stream"


def _tidy(folder: Path) -> None:
    """Remove the oldest beyond a few hundred: nobody looks at them any more."""
    kept = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
    for file in kept[: max(0, len(kept) - MOST_FILES + 1)]:
        file.unlink(missing_ok=True)
