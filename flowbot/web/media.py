"""GET /media/<mark>/content/<file>: a file below content/media/, for who was given its signed address."""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, send_file

from ..delivery import links
from ..errors import NotFound

if TYPE_CHECKING:
    from ..wiring import Parts

CONTENT = "content/"


def blueprint(parts: Parts) -> Blueprint:
    door = Blueprint("media", __name__, url_prefix="/media")

    @door.get("/<mark>/<path:path>")
    def file(mark: str, path: str) -> Response:
        found = find(parts, mark, path)
        if found is None:
            raise NotFound("There is no such file, or its address has run out.")
        mime = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        answer = send_file(found, mimetype=mime, as_attachment=True, download_name=found.name)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, max-age=600"
        return answer

    return door


def find(parts: Parts, mark: str, path: str) -> Path | None:
    """The file, when the mark opens it now and it is there."""
    from ..wiring import media_key

    if not path.startswith(CONTENT) or not links.opens(media_key(parts.settings), mark, path, time.time()):
        return None
    base = (parts.settings.project / "content" / "media").resolve()
    file = (base / path.removeprefix(CONTENT)).resolve()
    return file if file.is_relative_to(base) and file.is_file() else None
