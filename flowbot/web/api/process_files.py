"""/v1/processes/<id>/files: the files among a process's answers, each at a signed address that ends."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from ...delivery.files import path_of
from ...engine.life import iso
from .. import processes as shown
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts

LIFE = 15 * 60  # seconds that an address lives
KINDS = ("image", "video", "audio", "document", "sticker")


class KeptFile(Schema):
    """A file that the contact sent."""

    answer = fields.String(required=True, metadata={"example": "photo_front"})
    kind = fields.String(required=True, metadata={"example": "image"})
    mime = fields.String(
        required=True, allow_none=True, metadata={"description": "By its content.", "example": "image/jpeg"}
    )
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "Bytes."})
    url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null when it was never fetched, or is kept no longer.", "format": "uri"},
    )
    expires_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class KeptFiles(Schema):
    items = fields.List(fields.Nested(KeptFile), required=True)


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("process_files", "/processes", "What contacts sent.", keeper)

    @api.door("GET", "/<process_id>/files", gives=KeptFiles, fails=(404,))
    def files(process_id: str, caller: Caller) -> Any:
        """The files among the answers

        Each at an address that is good for 15 minutes and needs no key. A file is kept once a question with bounds
        about it, or a verifier, had it looked at, and as long as `FLOWBOT_FILES_DAYS` says.
        """
        record = shown.find(parts.store, caller.account, process_id)
        return {"items": [_told(parts, record, name, one) for name, one in _files(record["answers"])]}

    return api


def _files(answers: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Answers that are files; of several that were collected each.

    >>> photo = {"kind": "image", "id": "m1"}
    >>> list(_files({"name": "Ana", "photo": photo, "more": [photo, "x"], "card": {"kind": "visa", "id": "1"}}))
    [('photo', {'kind': 'image', 'id': 'm1'}), ('more', {'kind': 'image', 'id': 'm1'})]
    """
    for name, value in answers.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping) and one.get("kind") in KINDS and (one.get("id") or one.get("url")):
                yield name, one


def _told(parts: Parts, record: Mapping[str, Any], name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    from ...wiring import links_of

    origin = f"{record['account']}/{record['channel']}:{one.get('id') or one.get('url')}"
    path = path_of(record["account"], record["contact"]["id"], origin)
    opened, links = parts.files.open(path), links_of(parts.settings)
    told: dict[str, Any] = {"answer": name, "kind": one["kind"], "mime": None, "size": None, "url": None}
    if opened is None or links is None:
        return {**told, "expires_at": None}
    opened.close()
    until = int(time.time()) + LIFE
    told |= {"mime": opened.mime or None, "size": opened.size, "url": links.file(path, until)}
    return {**told, "expires_at": iso(until * 1000)}
