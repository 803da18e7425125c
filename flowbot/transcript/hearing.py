"""What a contact sends in a transcript or in the terminal, as the Inbound that a gateway would have made of it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest
from ..media.look import look
from ..model.choice import to_wire
from ..model.contact import Identity
from ..model.event import OperatorActed
from ..model.inbound import Inbound, Media, Place, Tap
from ..model.outbound import Outbound

FILES = ("image", "video", "audio", "document", "sticker")
ENDINGS = ("close", "cancel")
OPERATOR = ("text", "tap", *ENDINGS)
KINDS = ("tap", "location", "contact", "form", "unsupported", *FILES)


def heard(spec: Any, *, id: str, sender: Identity, at: int, offered: Iterable[Outbound], root: Path) -> Inbound:
    """The message of `user: …`; InvalidRequest, in the author's words, when it is none.

    `offered` are the messages sent so far, the newest first: a tap is on the newest that has the button.

    >>> one = heard("hi", id="1", sender=Identity(), at=0, offered=(), root=Path())
    >>> one.kind, one.text
    ('text', 'hi')
    """
    base: dict[str, Any] = {"id": id, "sender": sender, "at": at}
    if not isinstance(spec, Mapping):
        return Inbound(**base, kind="text", text="" if spec is None else str(spec))
    if len(spec) != 1:
        raise InvalidRequest("a message is a text, or one of " + ", ".join(KINDS))
    kind, value = next(iter(spec.items()))
    if kind == "text":
        return Inbound(**base, kind="text", text=str(value))
    if kind == "tap":
        return Inbound(**base, kind="tap", tap=tapped(str(value), offered))
    if kind in FILES:
        return Inbound(**base, kind=kind, media=_file(kind, str(value), id, root))
    if kind == "location":
        return Inbound(**base, kind="location", place=_place(value))
    if kind == "contact":
        return Inbound(**base, kind="contacts", contacts=({"phones": [{"phone": str(value)}]},))
    if kind == "form" and isinstance(value, Mapping):
        return Inbound(**base, kind="form", form=dict(value))
    if kind == "unsupported":
        return Inbound(**base, kind="unsupported")
    raise InvalidRequest(f"a message can't be {kind!r}; there are text, {', '.join(KINDS)}")


def operated(spec: Any, nonce: str) -> OperatorActed:
    """What an `operator: …` line does; InvalidRequest when it is none.

    >>> operated({"tap": "approve"}, "1").choice, operated("Good day.", "1").action, operated("close", "1").action
    ('approve', 'say', 'close')
    """
    if spec in ENDINGS:  # as typed behind /operator in the terminal; who says the word writes {text: close}
        return OperatorActed(nonce=nonce, action=spec)
    if not isinstance(spec, Mapping):
        return OperatorActed(nonce=nonce, action="say", text="" if spec is None else str(spec))
    kind, value = next(iter(spec.items()), ("", None))
    if len(spec) != 1 or kind not in OPERATOR:
        raise InvalidRequest("an operator's line is a text, or one of " + ", ".join(OPERATOR))
    if kind == "tap":
        return OperatorActed(nonce=nonce, action="choose", choice=str(value))
    if kind == "text":
        return OperatorActed(nonce=nonce, action="say", text=str(value))
    return OperatorActed(nonce=nonce, action=kind)


def tapped(word: str, offered: Iterable[Outbound]) -> Tap:
    """The tap on the newest button whose id or label is the word."""
    for outbound in offered:
        for choice in outbound.choices:
            if word in (choice.id, choice.title):
                source = {"list": "list", "template": "template"}.get(outbound.kind, "button")
                raw = to_wire(choice.id, outbound.visit)
                return Tap(choice=choice.id, visit=outbound.visit, title=choice.title, source=source, raw=raw)
    raise InvalidRequest(f"no button {word!r} was offered")


_MIMES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg", "sticker": "image/webp"}


def _file(kind: str, name: str, id: str, root: Path) -> Media:
    """A file that there is, is looked at as one that was fetched; of one that is only named, its name is believed."""
    path = root / name
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind in _MIMES and not mime.startswith(f"{kind}/"):
        mime = _MIMES[kind]
    told = Media(kind=kind, id="media-" + id, mime=mime, filename=Path(name).name, looked=True)
    return look(path.read_bytes()).of(told) if path.is_file() else told


def _place(value: Any) -> Place:
    if isinstance(value, Mapping):
        value = {name: value.get(name) for name in ("latitude", "longitude", "name", "address") if name in value}
    elif isinstance(value, (list, tuple)) and len(value) == 2:
        value = {"latitude": value[0], "longitude": value[1]}
    try:
        return Place(**{**value, "latitude": float(value["latitude"]), "longitude": float(value["longitude"])})
    except (TypeError, ValueError, KeyError):
        raise InvalidRequest("a location is {latitude: 4.6, longitude: -74.1} or [4.6, -74.1]") from None
