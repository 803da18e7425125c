"""Calls as a commit leaves them in the store, and what comes back into the inbox."""

from flowbot.model import codec
from flowbot.model.event import from_bytes
from flowbot.model.queued_call import QueuedCall
from flowbot.store import keys
from flowbot.store.call import command

P = 3


class Asking:
    """Puts calls into the store as a commit does, and reads what comes back."""

    def __init__(self, stage):
        self.stage = stage

    async def ask(self, name="a", kind="test", left=30_000, due=0, given=None, seen="", **body):
        now = await self.stage.astore.now()
        call = QueuedCall(
            id=f"cl_{P}_{name}",
            kind=kind,
            account="acme",
            channel="main",
            contact_id="c1",
            step="save",
            visit=4,
            at=now,
            until=now + left,
            body=given or body,
            seen=seen,
        )
        run = self.stage.astore.run
        await run(command("HSET", keys.call_records(P), call.id, codec.encode(call), read=int))
        await run(command("ZADD", keys.calls(P), now + due, call.id, read=int))
        await run(command("SPUBLISH", keys.wake(P, "hook"), "hook", read=int))
        return call

    def answers(self):
        found = self.stage.store.run(command("XRANGE", keys.inbox(P, "acme"), "-", "+", read=list))
        return [from_bytes(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"]) for _, fields in found]

    async def answered(self, count=1, seconds=8.0):
        await self.stage.until(lambda: len(self.answers()) >= count, seconds)
        return self.answers()

    def left(self):
        return self.stage.store.run(command("ZRANGE", keys.calls(P), 0, -1, read=list))
