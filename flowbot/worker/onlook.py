"""A turn as somebody who looks on sees it: what happened, and what was said only to who asks for it.

What lies encrypted in the store is told to nobody here, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..store import history
from ..store.tail import TEXTS
from ..store.turns import Commit

# Traces whose detail is one of the author's words, and nobody's answer.
WORDS = frozenset(
    (
        *("started", "ended", "said", "asked", "jumped", "timeout", "command", "anytime", "hook", "template"),
        *("parked", "called", "verifying", "reengaged", "entered", "returned", "woken", "handed_off", "back", "chose"),
    )
)


def lines(commit: Commit, mode: str) -> list[bytes]:
    """A line for each thing that happened, in order."""
    whose = {"at": commit.now, "channel": commit.channel_key, "contact": commit.contact_id}
    texts = mode == TEXTS and not commit.sealed
    return [
        orjson.dumps({**whose, "kind": kind, **dict(_told(kind, orjson.loads(body), texts))})
        for kinds, records in commit.history
        for kind, body in history.apart(kinds, records)
    ]


def _told(kind: str, body: Mapping[str, Any], texts: bool) -> Iterator[tuple[str, Any]]:
    if kind == "in":
        yield from _heard(body.get("event", {}), texts)
    elif kind == "out":
        outbound = body.get("outbound", {})
        yield "what", outbound.get("kind", "text")
        yield "message", body.get("id", "")
        if outbound.get("key"):
            yield "key", outbound["key"]
        if texts and outbound.get("text"):
            yield "text", outbound["text"]
    else:
        yield "what", body.get("what", "")
        if body.get("step"):
            yield "step", body["step"]
        if body.get("detail") and (texts or body.get("what") in WORDS):
            yield "detail", body["detail"]


def _heard(event: Mapping[str, Any], texts: bool) -> Iterator[tuple[str, Any]]:
    yield "what", event.get("k", "")
    inbound = event.get("inbound", {})
    for name in ("name", "flow", "kind"):
        if event.get(name):
            yield "detail", event[name]
            break
    if inbound:
        yield "detail", inbound.get("kind", "")
    if texts and inbound.get("text"):
        yield "text", inbound["text"]
