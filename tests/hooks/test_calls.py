"""Calls of flows, made by the hooks process: whatever becomes of one, its step hears of it, once."""

import asyncio

import pytest

from flowbot.hooks import typing_sign
from flowbot.hooks.attempt import Again, Answered, Awaited
from flowbot.hooks.makers import KINDS
from flowbot.model.project import Channel
from flowbot.store import calls

from .asking import Asking, P


@pytest.fixture
def asking(scene, monkeypatch):
    """`asking(play, maker)`: the process runs, and calls of the kind `test` are made by `maker`."""

    def run(play, maker):
        monkeypatch.setitem(KINDS, "test", maker)

        async def all_of_it(stage):
            await play(Asking(stage))

        scene(all_of_it)

    return run


def test_the_answer_wakes_the_visit(asking):
    async def maker(parts, attempt):
        assert 29_000 < attempt.left <= 30_000 and attempt.number == 1
        return Answered(outcome="ok", result={"echo": attempt.call.body["word"]})

    async def play(found):
        await found.ask(word="hi")
        (answer,) = await found.answered()
        assert (answer.call, answer.visit, answer.kind) == ("cl_3_a", 4, "test")
        assert (answer.outcome, answer.result) == ("ok", {"echo": "hi"})
        assert found.left() == []

    asking(play, maker)


def test_what_asks_for_it_is_made_again(asking):
    seen = []

    async def maker(parts, attempt):
        seen.append(attempt.number)
        return Again(wait=10) if len(seen) < 3 else Answered(outcome="ok")

    async def play(found):
        await found.ask()
        await found.answered()
        assert seen == [1, 2, 3]

    asking(play, maker)


@pytest.mark.parametrize(
    ("kind", "left", "outcome", "reason"),
    [
        ("test", -1, "error", "timeout"),
        ("test", 30_000, "error", "broken"),
        ("new", 30_000, "error", "unknown"),
    ],
)
def test_never_silence(asking, kind, left, outcome, reason):
    """R059, R064: what cannot be done has an answer too."""

    async def maker(parts, attempt):
        raise ValueError

    async def play(found):
        await found.ask(kind=kind, left=left)
        (answer,) = await found.answered()
        assert (answer.outcome, answer.reason) == (outcome, reason)

    asking(play, maker)


def test_an_answer_that_never_comes_by_itself_is_told_when_its_time_is_over(asking):
    async def maker(parts, attempt):
        return Awaited()

    async def play(found):
        await found.ask(left=1500)  # long enough to be begun on a busy machine
        (answer,) = await found.answered()
        assert (answer.outcome, answer.reason) == ("expired", "timeout")

    asking(play, maker)


def test_a_stop_leaves_what_is_under_way_to_the_next_process_at_once(asking):
    begun = []

    async def maker(parts, attempt):
        begun.append(attempt.number)
        if len(begun) == 1:
            await asyncio.sleep(60)
        return Answered(outcome="ok")

    async def play(found):
        found.stage.patience = 0.05
        await found.stage.halt()
        found.stage.start()
        await found.ask()
        await found.stage.until(lambda: begun)
        await found.stage.halt()
        assert found.answers() == [] and len(found.left()) == 1
        found.stage.start()
        await found.answered(seconds=4.0)
        assert begun == [1, 2]

    asking(play, maker)


def test_who_was_killed_with_a_call_lets_it_come_back(asking, monkeypatch):
    monkeypatch.setattr(calls, "LEASE", 300)

    async def maker(parts, attempt):
        return Answered(outcome="ok", result={"attempt": attempt.number})

    async def play(found):
        await found.stage.halt()
        await found.ask()
        dead = await found.stage.astore.run(calls.take(P, count=1, lease=300))
        assert len(dead.calls) == 1
        found.stage.start()
        (answer,) = await found.answered()
        assert answer.result == {"attempt": 2}

    asking(play, maker)


def test_one_dead_service_leaves_room_for_the_others(asking):
    """A bulkhead: as many calls as may be hang in one integration, and another's are made at once."""
    hanging, made = asyncio.Event(), []

    async def maker(parts, attempt):
        name = attempt.call.body["integration"]
        made.append(name)
        if name == "dead":
            await hanging.wait()
        return Answered(outcome="ok", result={"from": name})

    async def play(found):
        await found.stage.halt()
        found.stage.more = {"calls_per_target": 3, "calls_in_flight": 6}
        found.stage.start()
        for number in range(12):
            await found.ask(f"d{number}", integration="dead")
        for number in range(4):
            await found.ask(f"g{number}", integration="good")
        await found.answered(4)
        assert [one.result["from"] for one in found.answers()] == ["good"] * 4
        assert made.count("dead") == 3 and len(found.left()) == 12
        hanging.set()  # it lives again: those that waited come, without an attempt counted
        await found.answered(16, seconds=20.0)
        assert made.count("dead") == 12

    asking(play, maker)


def test_who_waits_for_a_long_call_sees_that_we_are_at_it(asking, monkeypatch):
    """The typing sign, on the message that asked for it, after a moment; not for what is quick."""
    shown = []

    class Gateway:
        @staticmethod
        def build_mark_read(message, channel, *, typing=False):
            shown.append((message, channel.key, typing))
            return None

    async def maker(parts, attempt):
        await asyncio.sleep(0.4 if attempt.call.body["slow"] else 0)
        return Answered(outcome="ok")

    async def play(found):
        found.stage.channels = {"main": Channel(account="acme", name="main", gateway="cloud_api")}
        await found.ask("quick", slow=False, seen="wamid.0")
        await found.answered(1)
        await found.ask("slow", slow=True, seen="wamid.1")
        await found.ask("own", slow=True)
        await found.answered(3)
        assert shown == [("wamid.1", "acme/main", True)]

    monkeypatch.setattr(typing_sign, "AFTER", 0.1)
    monkeypatch.setitem(typing_sign.GATEWAYS, "cloud_api", Gateway)
    asking(play, maker)
