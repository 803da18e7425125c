"""A contact's history as the bubbles of a chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...model import codec
from ...model.choice import FORM, to_wire
from ...model.template import Filled

HIDDEN = "••••••"  # what answers a sensitive question
Plain = Mapping[str, Any]


def bubbles(history: Iterable[tuple[str, str, Plain]], states: Mapping[str, Plain], base: str) -> list[dict[str, Any]]:
    """What the phone shows, oldest first. History is (entry id, kind, body); `states` are the messages', by id.

    `base` is the page's address for this contact: media are below it.
    """
    found = []
    for name, kind, body in history:
        made = None
        if kind == "out":
            made = _sent(body, states.get(str(body.get("id")), {}), base)
        elif kind == "in":
            made = _event(body.get("event", {}), base)
            if made and body.get("hidden"):
                made = {"side": made["side"], "kind": "text", "text": HIDDEN}
        if made:
            found.append({"id": body.get("id") or name, "at": body.get("at", 0), **made})
    return found


def _sent(body: Plain, state: Plain, base: str) -> dict[str, Any]:
    outbound = body.get("outbound", {})
    visit = outbound.get("visit", 0)
    made: dict[str, Any] = {
        "side": "out",
        "kind": outbound.get("kind", "text"),
        "text": outbound.get("text", ""),
        "key": outbound.get("key", ""),
        "state": progress(state),
    }
    if state.get("error"):
        made["error"] = " ".join(filter(None, (state.get("code"), state["error"])))
    for name in ("footer", "button", "place"):
        if outbound.get(name):
            made[name] = outbound[name]
    if outbound.get("attachment"):
        made["media"] = _attachment(outbound["attachment"], base)
    if outbound.get("template"):
        template = codec.from_plain(Filled, outbound["template"])
        made |= {"template": template.name, "heading": template.heading, "links": template.links}
    if outbound.get("form"):
        made |= {"button": outbound.get("button", ""), "form": to_wire(FORM, visit)}
    if outbound.get("choices"):
        made["choices"] = [_choice(one, visit) for one in outbound["choices"]]
    return made


def progress(message: Plain) -> str:
    """How far a message has come, from its record; "sent" when the record is gone.

    >>> progress({"state": "sent", "delivered_at": "5"}), progress({"state": "queued"}), progress({})
    ('delivered', 'queued', 'sent')
    """
    if message.get("state") == "sent":
        return "read" if message.get("read_at") else "delivered" if message.get("delivered_at") else "sent"
    return str(message.get("state", "sent"))


def _choice(choice: Plain, visit: int) -> dict[str, Any]:
    return {
        "id": to_wire(choice["id"], visit) if visit else choice["id"],
        "title": choice.get("title", ""),
        "description": choice.get("description", ""),
    }


def _attachment(one: Plain, base: str) -> dict[str, Any]:
    address = one.get("url") or (f"{base}/content/{one['path']}" if one.get("path") else "")
    return {"kind": one.get("kind", "document"), "url": address, "filename": one.get("filename", "")}


def _event(event: Plain, base: str) -> dict[str, Any] | None:
    """What the person did, or what the page did in their place; nothing for what the chat does not show."""
    match event.get("k"):
        case "message":
            return _received(event.get("inbound", {}), base)
        case "clock":
            return {"side": "note", "text": later(int(event.get("by", 0)))}
        case "start":
            return {"side": "note", "text": "started by API"}
    return None


def _received(inbound: Plain, base: str) -> dict[str, Any]:
    made: dict[str, Any] = {"side": "in", "kind": inbound.get("kind", "text"), "text": inbound.get("text", "")}
    if inbound.get("tap"):
        made["text"] = inbound["tap"].get("title") or inbound["tap"].get("choice", "")
    if inbound.get("media"):
        media = inbound["media"]
        address = f"{base}/media/{media['id']}" if media.get("id") else ""
        made["media"] = {"kind": media["kind"], "url": address, "filename": media.get("filename", "")}
        made["text"] = made["text"] or media.get("caption", "")
    if inbound.get("place"):
        made["place"] = inbound["place"]
    return made


def later(ms: int) -> str:
    """A jump of the clock, in words.

    >>> later(30 * 60_000), later(2 * 3_600_000), later(90 * 60_000), later(86_400_000)
    ('+30 min', '+2 h', '+1 h 30 min', '+1 d')
    """
    return "+" + span(ms)


def span(ms: int) -> str:
    """A length of time, rounded up to minutes (to seconds below one), its two largest parts.

    >>> span(20 * 3_600_000), span(1), span(0)
    ('20 h', '1 s', '0 s')
    """
    seconds = -(-ms // 1000)
    if seconds < 60:
        return f"{max(seconds, 0)} s"
    minutes = -(-seconds // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2])
