"""GET /media/<mark>/…: a file for who was given its signed address.

`content/…` lies below content/media/, `inbound/…` is what a contact sent, for the verifier that was asked about it.
"""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, send_file

from ..delivery import links
from ..delivery.files import INBOUND, Folder
from ..errors import NotFound
from ..media.look import mime_of

if TYPE_CHECKING:
    from ..wiring import Parts

CONTENT = "content/"
HEAD = 8192  # bytes that tell what a file is


def blueprint(parts: Parts) -> Blueprint:
    door = Blueprint("media", __name__, url_prefix="/media")

    @door.get("/<mark>/<path:path>")
    def file(mark: str, path: str) -> Response:
        found = find(parts, mark, path)
        if found is None:
            raise NotFound("There is no such file, or its address has run out.")
        answer = send_file(found, mimetype=_type(found, path), as_attachment=True, download_name=found.name)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, max-age=600"
        return answer

    return door


def find(parts: Parts, mark: str, path: str) -> Path | None:
    """The file, when the mark opens it now and it is there."""
    from ..wiring import media_key

    if not links.opens(media_key(parts.settings), mark, path, time.time()):
        return None
    if path.startswith(INBOUND):
        return Folder(parts.settings.data).find(path)
    if not path.startswith(CONTENT):
        return None
    base = (parts.settings.project / "content" / "media").resolve()
    file = (base / path.removeprefix(CONTENT)).resolve()
    return file if file.is_relative_to(base) and file.is_file() else None


def _type(file: Path, path: str) -> str:
    """Of what a contact sent, its content tells."""
    if path.startswith(INBOUND):
        with file.open("rb") as head:
            found = mime_of(head.read(HEAD))
    else:
        found = mimetypes.guess_type(file.name)[0] or ""
    return found or "application/octet-stream"
