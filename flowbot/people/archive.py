"""What is handed out to who asks for everything: one JSON, or a zip with that and the files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import orjson

from ..delivery.files import Files
from ..engine.life import iso
from ..media.look import mime_of
from ..model.contact import Contact
from ..model.project import Account
from ..store.client import Store
from .dossier import dossier

JSON, ZIP = "application/json", "application/zip"
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "audio/ogg": ".ogg",
    "video/mp4": ".mp4",
}


def everything(
    store: Store, account: Account, people: Sequence[Contact], files: Files | None, now: int
) -> dict[str, Any]:
    """All contacts that one person is; more than one only where two ids met late."""
    found = [dossier(store, account, one, files) for one in people]
    return {"made_at": iso(now), "account": account.name, "contacts": found}


def as_json(told: dict[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def as_zip(told: dict[str, Any], files: Files) -> bytes:
    """`everything.json`, and the files that it names, each with the ending of what it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("everything.json", as_json(told))
        for path in [path for one in told["contacts"] for path in one["files"]]:
            data = files.read(path)
            if data is not None:
                archive.writestr(path + _ENDINGS.get(mime_of(data[:8192]), ""), data)
    return out.getvalue()
