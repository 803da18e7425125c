"""GET /media/<mark>/…: a file for who was given its signed address.

`content/…` lies below content/media/, `inbound/…` is what a contact sent, for the verifier that was asked about it: it
comes through here wherever it is kept, and nobody is given an address of a bucket.
"""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, send_file

from ..delivery import links
from ..delivery.files import INBOUND
from ..errors import NotFound

if TYPE_CHECKING:
    from ..wiring import Parts

CONTENT = "content/"
UNKNOWN = "application/octet-stream"


def blueprint(parts: Parts) -> Blueprint:
    door = Blueprint("media", __name__, url_prefix="/media")

    @door.get("/<mark>/<path:path>")
    def file(mark: str, path: str) -> Response:
        from ..wiring import media_key

        answer = None
        if links.opens(media_key(parts.settings), mark, path, time.time()):
            answer = _sent(parts, path) if path.startswith(INBOUND) else _written(parts, path)
        if answer is None:
            raise NotFound("There is no such file, or its address has run out.")
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, max-age=600"
        return answer

    return door


def _sent(parts: Parts, path: str) -> Response | None:
    """What a contact sent, handed on as it is read; its content tells its type."""
    opened = parts.files.open(path)
    if opened is None:
        return None
    answer = Response(opened.chunks(), mimetype=opened.mime or UNKNOWN)
    answer.call_on_close(opened.close)
    answer.content_length = opened.size
    answer.headers.set("Content-Disposition", "attachment", filename=path.rpartition("/")[2])
    return answer


def _written(parts: Parts, path: str) -> Response | None:
    """A file of the project."""
    if not path.startswith(CONTENT):
        return None
    base = (parts.settings.project / "content" / "media").resolve()
    file: Path = (base / path.removeprefix(CONTENT)).resolve()
    if not file.is_relative_to(base) or not file.is_file():
        return None
    kind = mimetypes.guess_type(file.name)[0] or UNKNOWN
    return send_file(file, mimetype=kind, as_attachment=True, download_name=file.name)
