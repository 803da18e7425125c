"""What the person at the simulated phone does, as the webhook bodies of the simulator gateway."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from ...errors import InvalidRequest
from ...model.contact import Identity

NAME = "Ana"  # what the phone's profile says
KINDS = ("text", "tap", "image", "video", "audio", "document", "sticker", "location", "form")
_WHO = re.compile(r"[0-9a-z]{20}\Z")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_who() -> str:
    """A fresh simulated contact: nobody guesses it, and it shares nothing with any other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


def is_who(text: str) -> bool:
    return bool(_WHO.match(text))


def identity(who: str) -> Identity:
    """How the provider knows the contact. The dot and the word keep it apart from every real id."""
    return Identity(bsuid=f"try.{who}", name=NAME)


def message(who: str, said: Mapping[str, Any], now: int) -> dict[str, Any]:
    """One message, from what the page posted; InvalidRequest when it is none.

    >>> message("x" * 20, {"kind": "text", "text": "hi"}, 5)["text"]
    'hi'
    """
    kind = said.get("kind", "text")
    if kind not in KINDS:
        raise InvalidRequest("a message has one of the kinds " + ", ".join(KINDS))
    part = {"text": "text", "tap": "tap", "location": "place", "form": "form"}.get(kind, "media")
    body = said.get(part)
    if not isinstance(body, str if part == "text" else dict) or not body:
        raise InvalidRequest(f"a message of kind {kind} needs {part!r}")
    extra = {"text": body[:4096]} if isinstance(body, str) else {part: body}
    known = {"from": identity(who).bsuid, "name": NAME, "language": said.get("language", "")}
    return {"id": f"{who}.{secrets.token_hex(8)}", **known, "at": now, "kind": kind, **extra}
