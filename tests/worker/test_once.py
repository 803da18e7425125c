"""What was said stays said: whatever fails behind it."""

from __future__ import annotations

import pytest

from flowbot.store import outbox
from flowbot.worker import advance

from .world import World

ANA = "15550100001"


def test_a_failed_later_step_repeats_no_earlier_message(world: World) -> None:
    """R147: the contact answers three times wrongly, the flow fails; nothing that was said before is said again."""
    world.write(
        "flow: talk\nstart: {keywords: [start]}\nsteps:\n  hello: {say: Hello}\n"
        '  first: {ask: "How many?", expect: integer, retry: {times: 1, then: {fail: odd}}}\n  done: {succeed: {}}\n'
    )
    world.say(ANA, "start", "many", "very many")
    world.settle(world.worker())
    assert world.said(ANA).count("Hello") == 1 and world.session(ANA).process is None


def test_a_turn_that_breaks_after_its_messages_are_made_sends_them_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R147: tried again until it goes well, all that it says is queued once."""
    broken = iter([True, True, False])
    plan = advance.plan

    def breaks(*args: object, **more: object) -> object:
        made = plan(*args, **more)  # type: ignore[arg-type]
        if next(broken, False):
            raise RuntimeError("a later step")
        return made

    monkeypatch.setattr(advance, "plan", breaks)
    world.say(ANA, "start")
    world.settle(world.worker())
    claims = world.store.run(outbox.claim(world.partition(ANA), "r", "acme/main", tokens=9))
    assert len(claims.claimed) == 1 and len(world.said(ANA)) == 1
