"""Whether people are answered at present."""

from __future__ import annotations

import asyncio

from flowbot.hooks.talk import EVERY, LASTS, Talk
from flowbot.store import counters
from flowbot.store.client import Store, connect_async


def test_it_goes_on_while_there_are_more_answers_and_a_little_longer(store: Store, store_url: str) -> None:
    asyncio.run(_look(store, store_url))


async def _look(store: Store, url: str) -> None:
    now, astore = [100.0], await connect_async(url)
    talk = Talk(astore, clock=lambda: now[0])
    assert await talk.goes_on(), "nobody knows yet"
    now[0] += EVERY
    assert not await talk.goes_on()
    store.run(counters.add(1, "in", 5))  # what came in and was not answered: an edit of a contact, say
    now[0] += EVERY
    assert not await talk.goes_on()
    store.run(counters.add(1, "out", 1))
    assert not await talk.goes_on(), "it looks now and then only"
    now[0] += EVERY
    assert await talk.goes_on()
    now[0] += LASTS - 0.1
    assert await talk.goes_on()
    now[0] += EVERY
    assert not await talk.goes_on()
    now[0] += 60
    assert await talk.goes_on(), "what was known is too old"
    await astore.close()
