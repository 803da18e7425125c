"""Two releases on one store: what an older hooks process cannot read waits for the newer one."""

import asyncio

import orjson

from flowbot.hooks import calls
from flowbot.hooks.attempt import Answered
from flowbot.model import codec
from flowbot.store import keys
from flowbot.store.call import command

from .asking import Asking, P


async def maker(parts, attempt):
    return Answered(outcome="ok")


def test_a_hook_of_a_newer_release_waits_and_others_go_on(scene):
    async def play(stage):
        await stage.halt()
        await stage.emit(1)
        await stage.emit(2)
        place = keys.hooks(3)
        ((entry, fields), *_) = stage.store.run(command("XRANGE", place, "-", "+", read=list))
        known = dict(zip(fields[::2], fields[1::2], strict=True))
        changed = orjson.dumps({**orjson.loads(known[b"body"]), "v": 2})
        stage.store.run(command("XDEL", place, entry, read=int))
        parts = ("XADD", place, "*", "id", known[b"id"], "type", known[b"type"], "body", changed)
        stage.store.run(command(*parts, read=bytes))
        stage.start()
        await stage.until(lambda: stage.client.got)
        await asyncio.sleep(0.3)
        assert len(stage.client.got) == 1 and stage.store.run(command("XLEN", place, read=int)) == 1
        before, codec.VERSION = codec.VERSION, 2
        try:
            await stage.emit(3)
            await stage.until(lambda: len(stage.client.got) == 3)
        finally:
            codec.VERSION = before

    scene(play)


def test_a_call_of_a_newer_release_waits(scene, monkeypatch):
    monkeypatch.setitem(calls.KINDS, "test", maker)
    monkeypatch.setattr(calls, "NEWER", 50)

    async def play(stage):
        found = Asking(stage)
        await stage.halt()
        call = await found.ask()
        place = keys.call_records(P)
        record = orjson.loads(stage.store.run(command("HGET", place, call.id, read=bytes)))
        stage.store.run(command("HSET", place, call.id, orjson.dumps({**record, "v": 2}), read=int))
        stage.start()
        await asyncio.sleep(0.4)
        assert found.answers() == [] and len(found.left()) == 1
        monkeypatch.setattr(codec, "VERSION", 2)
        (answer,) = await found.answered()
        assert answer.outcome == "ok"

    scene(play)
