"""Many threads at once, as a web under load has them."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

from redis import Redis

from flowbot.store import inbox
from flowbot.store.client import Store


def test_more_threads_than_the_librarys_own_limit(store: Store, store_url: str) -> None:
    with contextlib.closing(Redis.from_url(store_url)) as raw:
        raw.client_pause(300, all=True)  # so that all wait for an answer at the same time
    with ThreadPoolExecutor(250) as crowd:
        looks = list(crowd.map(lambda _: store.run(inbox.peek(1)).waiting, range(250)))
    assert looks == [0] * 250
