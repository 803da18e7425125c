"""What of a provider's call could not be read: its body is set aside for a day, and the log says under which id."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from ..errors import StoreError
from ..model.inbound import Inbound, Item, Receipt, Routed, Unsupported
from ..model.project import Channel
from ..store import quarantine
from ..store.client import Store

BROKEN = ("malformed", "error", "empty")
# what providers are known to say of a message; all but the first five have no effect
STATUSES = {"sent", "delivered", "read", "played", "failed", "deleted", "warning"}
STATUSES |= {"accepted", "queued", "scheduled", "sending", "enqueued", "receiving", "received", "partially_delivered"}
STATUSES |= {"validated", "authorized"}
logger = logging.getLogger(__name__)


def unread(items: Iterable[Routed]) -> list[str]:
    """A word for each item that could not be read, or has a word in it that nobody knows.

    >>> unread([Routed(item=Unsupported(what="malformed", why="id")), Routed(item=Unsupported(what="calls"))])
    ['malformed: id']
    """
    return [said for said in (_said(routed.item) for routed in items) if said]


def _said(item: Item) -> str:
    if isinstance(item, Unsupported):
        return f"{item.what}: {item.why}".removesuffix(": ") if item.what in BROKEN else ""
    if isinstance(item, Receipt):
        return "" if item.status in STATUSES else "unknown status"
    if isinstance(item, Inbound) and item.kind == "unsupported" and item.facts.get("type") != "unsupported":
        return "unknown kind of message"
    return ""


def set_aside(store: Store, channel: Channel, why: list[str], body: bytes, *, kept: int) -> None:
    """Best effort: what can be read of the call goes on in any case. It is kept for `kept` ms."""
    id = quarantine.name(store.partitions, channel.key, body)
    extra = {"account": channel.account, "channel": channel.name, "aside": id, "reason": why[0], "count": len(why)}
    calls = quarantine.keep(id, channel.key, why[:20], body, now=int(time.time() * 1000), kept=kept)
    if any(isinstance(answer, StoreError) for answer in store.run_all(calls)):
        extra["aside"] = ""
    logger.warning("webhook.set_aside", extra=extra)
