"""Files sent from the simulated phone, kept in the data folder."""

from __future__ import annotations

import io
import re
import secrets
from pathlib import Path
from typing import Any

import filetype

from ...errors import InvalidRequest, NotFound

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
    """Store a file; what the provider would tell of it: id, kind, mime, size, and of an image its width and height."""
    if not data:
        raise InvalidRequest("the file is empty")
    if len(data) > MAX_BYTES:
        raise InvalidRequest(f"a file may have {MAX_BYTES >> 20} MB")
    guess = filetype.guess(data)
    mime = guess.mime if guess else "application/octet-stream"
    kind = _KINDS.get(mime) or ("audio" if mime in _AUDIO else "document")
    name, shown = secrets.token_hex(16), Path(name).name[:100]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tidy(folder)
    (folder / name).write_bytes(data)
    made = {"id": name, "kind": kind, "mime": mime, "size": len(data), "filename": shown}
    return {**made, **(_measured(data) if kind == "image" else {})}


def find(folder: Path, name: str) -> tuple[bytes, str]:
    """The file and its type; only what a browser shows harmlessly keeps its own type."""
    path = folder / name
    if not _ID.match(name) or not path.is_file():
        raise NotFound("there is no such file")
    data = path.read_bytes()
    guess = filetype.guess(data)
    mime = guess.mime if guess else ""
    return data, mime if mime in _KINDS or mime in _AUDIO else "application/octet-stream"


def _tidy(folder: Path) -> None:
    """Remove the oldest beyond a few hundred: nobody looks at them any more."""
    kept = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
    for file in kept[: max(0, len(kept) - MOST_FILES + 1)]:
        file.unlink(missing_ok=True)


def _measured(data: bytes) -> dict[str, int]:
    """Width and height, where Pillow is installed and understands the file."""
    try:
        from PIL import Image
    except ImportError:
        return {}
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return {"width": picture.width, "height": picture.height}
    except (OSError, ValueError, Image.DecompressionBombError):
        return {}
