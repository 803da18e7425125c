"""Files of the project that go out: below content/media/, not too large, and of a type that WhatsApp shows. R092"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from ..media.look import mime_of
from ..model.gateway import Refused

MOST = 16 * 1024 * 1024  # bytes, unless the provider says less
TYPES: Mapping[str, tuple[str, ...]] = {
    "image": ("image/jpeg", "image/png"),
    "sticker": ("image/webp",),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
}  # a document may be anything that is no page
_HEAD = 8192  # bytes that tell the type


def find(root: Path, path: str, kind: str, limits: Mapping[str, int]) -> Path | Refused:
    """The file, or why it cannot go: no byte of it has left then."""
    base = (root / "content" / "media").resolve()
    file = (base / path).resolve()
    if not file.is_relative_to(base) or not file.is_file():
        return Refused(kind="perm", code="no_file", title="the file to send is not there")
    if file.stat().st_size > min(MOST, limits.get(kind, MOST)):
        return Refused(kind="perm", code="file_too_large", title="the file is larger than the provider takes")
    found = type_of(file)
    if not found or (kind in TYPES and found not in TYPES[kind]):
        return Refused(kind="perm", code="file_type", title=f"the file is no {kind} that WhatsApp takes")
    return file


def type_of(file: Path) -> str:
    """Its type by its content; "" for what nobody should open."""
    with file.open("rb") as opened:
        found = mime_of(opened.read(_HEAD))
    named = mimetypes.guess_type(file.name)[0] or ""
    finer = {"application/zip": "application/", "text/plain": "text/"}.get(found)  # its name may say it more exactly
    return named if finer and named.startswith(finer) and not named.endswith(("html", "xml", "script")) else found
