"""Outbound -> Gupshup's `message`, a text of JSON in a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.outbound import Choice, Outbound
from .meta_send import wire_id

Body = dict[str, Any]


def message(outbound: Outbound, msgid: str, link: str) -> Body:
    """What `message` holds; `link` is the address of a file of ours."""
    return _WRITERS[outbound.kind](outbound, msgid, link)


def _text(outbound: Outbound, _msgid: str, _link: str) -> Body:
    return {"type": "text", "text": outbound.text}


def _media(outbound: Outbound, _msgid: str, link: str) -> Body:
    attachment = outbound.attachment
    assert attachment is not None
    url = attachment.url or link
    if attachment.kind == "image":
        return {"type": "image", "originalUrl": url, "previewUrl": url, "caption": outbound.text}
    if attachment.kind == "document":
        name = attachment.filename or url.rpartition("/")[2].partition("?")[0]
        return {"type": "file", "url": url, "filename": name, "caption": outbound.text}
    if attachment.kind == "video":
        return {"type": "video", "url": url, "caption": outbound.text}
    return {"type": attachment.kind, "url": url}


def _location(outbound: Outbound, _msgid: str, _link: str) -> Body:
    place = outbound.place or {}
    known = {name: str(place[name]) for name in ("name", "address") if place.get(name)}
    return {"type": "location", "longitude": place.get("longitude"), "latitude": place.get("latitude"), **known}


def _buttons(outbound: Outbound, msgid: str, _link: str) -> Body:
    content = {"type": "text", "text": outbound.text}
    if outbound.footer:
        content["caption"] = outbound.footer
    options = [_option(choice, outbound) for choice in outbound.choices]
    return {"type": "quick_reply", "msgid": msgid, "content": content, "options": options}


def _list(outbound: Outbound, msgid: str, _link: str) -> Body:
    options = []
    for choice in outbound.choices:
        option = _option(choice, outbound)
        if choice.description:
            option["description"] = choice.description
        options.append(option)
    return {
        "type": "list",
        "title": outbound.button,
        "body": outbound.text,
        "msgid": msgid,
        **({"footer": outbound.footer} if outbound.footer else {}),
        "globalButtons": [{"type": "text", "title": outbound.button}],
        "items": [{"title": outbound.button, "options": options}],
    }


def _option(choice: Choice, outbound: Outbound) -> dict[str, str]:
    return {"type": "text", "title": choice.title, "postbackText": wire_id(choice, outbound)}


_WRITERS: dict[str, Callable[[Outbound, str, str], Body]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), _media),
    "location": _location,
    "buttons": _buttons,
    "list": _list,
}
