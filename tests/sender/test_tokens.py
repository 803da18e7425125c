"""Who gets what of a channel's tokens."""

import asyncio
import time

from flowbot.model.project import Channel
from flowbot.sender.tokens import Tokens
from flowbot.store.client import connect_async

RATE = 80.0  # a token each 12.5 ms


def play(url, scene):
    """The scene, again with a new channel where a busy machine let a token flow in meanwhile."""

    async def run():
        store = await connect_async(url)
        try:
            for name in map(str, range(200)):
                began = time.monotonic()
                try:
                    return await scene(
                        Tokens(store), Channel(account="acme", name=name, gateway="cloud_api", rate=RATE)
                    )
                except AssertionError:
                    if time.monotonic() - began < 0.9 / RATE:
                        raise
            raise AssertionError("never within the time of a token")
        finally:
            await store.close()

    asyncio.run(run())


def test_bulk_leaves_the_next_replies_their_tokens(store, store_url):
    """R104: in the bucket that all senders share."""

    async def scene(tokens, channel):
        assert await tokens.take(channel, 100, bulk=True) == 2
        assert await tokens.take(channel, 100, bulk=True) == 0, "two are for replies"
        assert tokens.wait(channel) == 0.0 < tokens.wait(channel, bulk=True)
        assert await tokens.take(channel, 1) == 1, "of two that were leased"
        assert await tokens.take(channel, 100, bulk=True) == 0
        assert await tokens.take(channel, 1) == 1
        assert await tokens.take(channel, 1) == 0 < tokens.wait(channel)

    play(store_url, scene)


def test_bulk_leaves_replies_half_of_the_block_that_one_of_them_leased(store, store_url):
    """R104: what a reply did not need of its block is not all for bulk."""

    async def scene(tokens, channel):
        assert await tokens.take(channel, 1) == 1, "of four that were leased"
        assert await tokens.take(channel, 100, bulk=True) == 1
        assert await tokens.take(channel, 100) == 2

    play(store_url, scene)


def test_what_one_lane_leases_is_not_lost_to_the_other(store, store_url):
    async def scene(tokens, channel):
        found = await asyncio.gather(tokens.take(channel, 1), tokens.take(channel, 4, bulk=True))
        left = await tokens.take(channel, 100)
        assert sum(found) + left == 4

    play(store_url, scene)


def test_a_pause_voids_what_was_leased(store, store_url):
    async def scene(tokens, channel):
        assert await tokens.take(channel, 1) == 1
        tokens.close(channel)
        tokens.give_back(channel, 1)
        assert await tokens.take(channel, 1) == 0

    play(store_url, scene)
