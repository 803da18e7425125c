"""Two releases on one store: what an older sender cannot read waits for the newer one, and is not given up."""

import asyncio

import orjson
import pytest

from flowbot.model import codec
from flowbot.sender import claim
from flowbot.store import keys
from flowbot.store.call import command


def newer(store, number):
    """The message as a release with records of its own would have written it."""
    place = keys.message(3, f"ms_3_{number}")
    body = orjson.loads(store.run(command("HGET", place, "body", read=bytes)))
    store.run(command("HSET", place, "body", orjson.dumps({**body, "v": 2}), read=int))


@pytest.mark.parametrize("policy", ["resend", "fail"])
def test_a_message_of_a_newer_release_is_put_back(scene, monkeypatch, policy):
    """Also one that is never sent twice: nobody has sent it yet."""
    monkeypatch.setattr(claim, "NEWER", 20)

    async def play(stage):
        stage.set_channel(missing=("access_token",))  # nobody claims until it is what it shall be
        await stage.push(stage.entry("new", policy=policy), stage.entry("next"), stage.entry("other", "c2"))
        newer(stage.store, "new")
        stage.set_channel(missing=())
        await stage.settled("other", "sent")
        await asyncio.sleep(0.3)
        assert [to for _, to, _ in stage.provider.accepted] == ["+573002"], "its contact's others wait behind it"
        assert await stage.state("new") in ("queued", "sending")
        monkeypatch.setattr(codec, "VERSION", 2)
        await stage.settled("new", "sent")
        await stage.settled("next", "sent")
        assert [text for _, _, text in stage.provider.accepted[1:]] == ["new", "next"]

    scene(play)
