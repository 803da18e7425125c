"""Who gets what of a channel's tokens."""

import asyncio

from flowbot.model.project import Channel
from flowbot.sender.tokens import Tokens
from flowbot.store.client import connect_async

CHANNEL = Channel(account="acme", name="main", gateway="cloud_api", rate=80.0)


def play(url, scene):
    async def run():
        store = await connect_async(url)
        try:
            await scene(Tokens(store))
        finally:
            await store.close()

    asyncio.run(run())


def test_bulk_leaves_the_next_replies_their_tokens(store, store_url):
    """R104: in the bucket that all senders share, and of the block that a reply has leased."""

    async def scene(tokens):
        assert await tokens.take(CHANNEL, 100, bulk=True) == 2
        assert await tokens.take(CHANNEL, 100, bulk=True) == 0, "two are for replies"
        assert tokens.wait(CHANNEL) == 0.0 < tokens.wait(CHANNEL, bulk=True)
        assert await tokens.take(CHANNEL, 1) == 1, "of two that were leased"
        assert await tokens.take(CHANNEL, 100, bulk=True) == 0
        assert await tokens.take(CHANNEL, 1) == 1
        assert await tokens.take(CHANNEL, 1) == 0 < tokens.wait(CHANNEL)

    play(store_url, scene)


def test_what_one_lane_leases_is_not_lost_to_the_other(store, store_url):
    async def scene(tokens):
        found = await asyncio.gather(tokens.take(CHANNEL, 1), tokens.take(CHANNEL, 4, bulk=True))
        left = await tokens.take(CHANNEL, 100)
        assert sum(found) + left == 4

    play(store_url, scene)


def test_a_pause_voids_what_was_leased(store, store_url):
    async def scene(tokens):
        assert await tokens.take(CHANNEL, 1) == 1
        tokens.close(CHANNEL)
        tokens.give_back(CHANNEL, 1)
        assert await tokens.take(CHANNEL, 1) == 0

    play(store_url, scene)
