"""Outbound -> LIME's `type` and `content`; buttons, lists and templates are Meta's own bodies inside of it."""

from __future__ import annotations

import mimetypes
from typing import Any

from ..model.outbound import Outbound
from .meta_send import written

Body = dict[str, Any]
_LIME = "application/vnd.lime."
_MIMES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/ogg",
    "sticker": "image/webp",
    "document": "application/pdf",
}


def lime(outbound: Outbound, link: str) -> tuple[str, Any]:
    """Type and content; `link` is the address of a file of ours."""
    if outbound.kind == "text":
        return "text/plain", outbound.text
    if outbound.kind == "location":
        return f"{_LIME}location+json", _location(outbound)
    if outbound.kind in _MIMES:
        return f"{_LIME}media-link+json", _media(outbound, link)
    facts = {f"media:{outbound.attachment.path}": ""} if outbound.attachment is not None else {}
    kind, content = written(outbound, facts)
    if kind == "template":
        content["language"]["policy"] = "deterministic"
        _linked(content, link)
        return "application/json", {"type": "template", "template": content}
    return "application/json", {"recipient_type": "individual", "type": kind, kind: content}


def _linked(content: Body, link: str) -> None:
    """Meta's body has the id of an upload where a file of ours is; here it goes by its address."""
    for component in content.get("components", ()):
        for parameter in component["parameters"]:
            file = parameter.get(parameter["type"])
            if type(file) is dict and "id" in file:
                del file["id"]
                file["link"] = link


def _location(outbound: Outbound) -> Body:
    place = outbound.place or {}
    label = place.get("name") or place.get("address")
    content = {"latitude": place.get("latitude"), "longitude": place.get("longitude")}
    return {**content, "text": str(label)} if label else content


def _media(outbound: Outbound, link: str) -> Body:
    attachment = outbound.attachment
    assert attachment is not None
    name = attachment.filename or (attachment.path or attachment.url.partition("?")[0]).rpartition("/")[2]
    mime = mimetypes.guess_type(name)[0] or _MIMES[attachment.kind]
    content = {"type": mime, "uri": attachment.url or link}
    if attachment.kind == "document":
        content["title"] = name
    if outbound.text:
        content["text"] = outbound.text
    return content
