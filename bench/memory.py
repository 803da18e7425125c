"""Bytes of store for a contact who stopped in the middle of a flow, all told, without the chat itself."""

from __future__ import annotations

import contextlib

from redis import Redis

from flowbot.model.contact import Identity
from flowbot.store import identity

from .result import Result
from .turns import drain, fill, world

FEW, MANY = 200, 3200  # contacts
CHAT = ("h:", "m:", "q:", "rd:", "due", "hooks")  # what was said, and what waits to be sent


def measure() -> list[Result]:
    """The difference between many contacts and few: what is there once does not count."""
    with world() as (store, worker):
        url = store._topology.place.urls[0]
        with contextlib.closing(Redis.from_url(url)) as raw:
            used = []
            for start, end in ((0, FEW), (FEW, MANY)):
                for number in range(start, end):
                    identity.resolve(store, "acme", Identity(number=f"57300{number:07d}"))
                fill(store, 0.5, contacts=end, first=start)
                drain(store, worker)
                _remove_chat(raw)
                used.append(int(raw.info("memory")["used_memory"]))
    each = (used[1] - used[0]) / (MANY - FEW)
    return [Result(what="store of an idle contact, without its chat", value=each, unit="bytes", at_most=1200)]


def _remove_chat(raw: Redis) -> None:
    gone = [key for key in raw.scan_iter(count=5000) if key.partition(b"}")[2].decode().startswith(CHAT)]
    for at in range(0, len(gone), 500):
        raw.unlink(*gone[at : at + 500])
