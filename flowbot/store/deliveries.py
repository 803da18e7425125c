"""The delivery log: what was posted where, when, and what came back. Never a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound
from ..model import ids
from . import hooks, keys
from .call import Call, Part, as_text, command
from .client import Store
from .listing import Page, Place, no_cursor
from .scripts import fcall


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where a delivery goes."""

    endpoint: str  # account/endpoint
    hook: str
    type: str


def find(delivery: str) -> Call[Pointer | None]:
    key = keys.delivery_pointer(ids.split(delivery)[1], delivery)
    return Call(parts=("GET", key), slot=key, read=_pointer, repeatable=True)


def read(endpoint_key: str, delivery: str) -> Call[dict[str, str]]:
    """State, attempts, and the last attempt's status, ms and error; empty when it is not known."""
    key = keys.delivery(endpoint_key, delivery)
    return Call(parts=("HGETALL", key), slot=key, read=_fields, repeatable=True)


def log(endpoint_key: str, *, count: int = 50) -> Call[list[dict[str, str]]]:
    """The endpoint's last attempts, the newest first."""
    key = keys.endpoint(endpoint_key, "log")
    return command("XREVRANGE", key, "+", "-", "COUNT", count, read=_log, repeatable=True)


def log_page(endpoint_key: str, below: Place | None, limit: int) -> Call[Page[dict[str, str]]]:
    """The attempts before that one (None: the last ones), the newest first; ParseError for none of this list."""
    if below is not None and (below.at < 0 or not (below.id.isascii() and below.id.isdigit())):
        raise no_cursor()
    key = keys.endpoint(endpoint_key, "log")
    top = "+" if below is None else f"({below.at}-{below.id}"

    def read(reply: Any) -> Page[dict[str, str]]:
        at, _, place = reply[limit - 1][0].decode().partition("-") if len(reply) > limit else ("", "", "")
        return Page(items=_log(reply[:limit]), next=Place(int(at), place).cursor() if at else None)

    return command("XREVRANGE", key, top, "-", "COUNT", limit + 1, read=read, repeatable=True)


def endpoint(endpoint_key: str) -> Call[dict[str, str]]:
    """What is known of an endpoint: disabled, failing_since, open_until …"""
    key = keys.endpoint(endpoint_key, "facts")
    return Call(parts=("HGETALL", key), slot=key, read=_fields, repeatable=True)


def waiting(endpoint_key: str) -> Call[int]:
    """How many deliveries wait or are on their way."""
    key = keys.endpoint(endpoint_key, "due")
    return Call(parts=("ZCARD", key), slot=key, read=int, repeatable=True)


def due(endpoint_key: str, now: int) -> Call[int]:
    """When the delivery that waits the longest was due, ms UTC; `now` when none is late."""
    key = keys.endpoint(endpoint_key, "due")
    parts = ("ZRANGE", key, 0, 0, "WITHSCORES")
    return Call(parts=parts, slot=key, read=lambda reply: int(float(reply[1])) if reply else now, repeatable=True)


def oldest(endpoint_key: str) -> Call[str]:
    """The delivery that waits the longest; "" when none does."""
    key = keys.endpoint(endpoint_key, "due")
    parts = ("ZRANGE", key, 0, 0)
    return Call(parts=parts, slot=key, read=lambda reply: as_text(reply[0]) if reply else "", repeatable=True)


def replay(store: Store, delivery: str, *, now: int = 0) -> Pointer:
    """Sends a delivery again under the same id, and switches its endpoint on again; NotFound when its body is gone."""
    try:
        kind, partition, _ = ids.split(delivery)
    except ValueError:
        kind, partition = "", 0
    if kind != "dl" or not 0 <= partition < store.partitions:
        raise NotFound(f"{delivery} is not the id of a delivery")
    pointer = store.run(find(delivery))
    if pointer is None or store.run(hooks.body(partition, pointer.hook)) is None:
        raise NotFound(f"there is no delivery {delivery}, or it is older than what is kept")
    due, record = keys.endpoint(pointer.endpoint, "due"), keys.delivery(pointer.endpoint, delivery)
    names = [due, record, keys.endpoint(pointer.endpoint, "facts")]
    args: list[Part] = [delivery, pointer.hook, partition, pointer.type, now, hooks.KEPT]
    store.run(fcall("replay_delivery", names, args, read=int, repeatable=True))
    return pointer


def enable(endpoint_key: str) -> Call[int]:
    """Forget what is held against an endpoint: what waits for it goes out."""
    key = keys.endpoint(endpoint_key, "facts")
    held = ("disabled", "disabled_at", "open_until", "fails", "failing_since")
    return Call(parts=("HDEL", key, *held), slot=key, read=int, repeatable=True)


def _pointer(reply: Any) -> Pointer | None:
    if reply is None:
        return None
    where, hook, kind = reply.decode().split("\n")
    return Pointer(endpoint=where, hook=hook, type=kind)


def _fields(reply: Any) -> dict[str, str]:
    found: Mapping[Any, Any] = reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))
    return {name.decode(): value.decode() for name, value in found.items()}


def _log(reply: Any) -> list[dict[str, str]]:
    return [{"at": entry.decode().partition("-")[0], **_fields(fields)} for entry, fields in reply]
