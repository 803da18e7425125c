"""The provider of simulated channels: takes what the sender posts, and reports it as sent and delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ...model.ids import digest

# posts a webhook's body to the account's and channel's own address, and answers with the HTTP status
Post = Callable[[bytes], int]


def accept(sent: Mapping[str, Any], now: int, post: Post) -> dict[str, str]:
    """The answer to a send: an id of the provider's own; its receipts arrive even before it, as they do in life.

    A mark-read (`{"read": …}`) is answered with an empty id.
    """
    ours = sent.get("id")
    if not isinstance(ours, str):
        return {"id": ""}
    name = provider_id(ours)
    post(orjson.dumps({"items": [receipt(ours, status, now) for status in ("sent", "delivered")]}))
    return {"id": name}


def receipt(ours: str, status: str, now: int) -> dict[str, Any]:
    return {"status": status, "id": provider_id(ours), "our_id": ours, "at": now}


def provider_id(ours: str) -> str:
    """The same message sent twice gets the same id: this provider drops duplicates.

    >>> provider_id("ms_1_x") == provider_id("ms_1_x")
    True
    """
    return "sim." + digest("simulator", ours)
