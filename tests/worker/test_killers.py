"""An event that kills the worker outright is parked by itself: nobody who was taken beside it pays for that."""

from __future__ import annotations

from typing import Any

import pytest

from flowbot.engine.turn import Turn
from flowbot.model.event import MessageReceived
from flowbot.store import inbox
from flowbot.worker import advance

from .world import World

PEOPLE = [str(number) for number in range(573000000100, 573000000160)]


class Killed(BaseException):
    """Nothing in the worker catches it: its process is gone."""


@pytest.fixture
def killer(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who sends it; of the partition that a worker serves first."""
    run = advance.run_turn

    def deadly(session: Any, contact: Any, event: Any, *rest: Any, **named: Any) -> Turn:
        if isinstance(event, MessageReceived) and event.inbound.text == "die":
            raise Killed
        return run(session, contact, event, *rest, **named)

    monkeypatch.setattr(advance, "run_turn", deadly)
    return min(PEOPLE, key=world.partition)


def test_an_event_that_kills_the_worker_costs_nobody_else_an_attempt(world: World, killer: str) -> None:
    world.say(killer, "die")
    for number in PEOPLE:
        world.say(number, "start", "one", "two")
    deaths = 0
    worker = world.worker("w#0")
    for _ in range(1000):
        try:
            worker.round()
        except Killed:
            deaths += 1
            worker = world.worker(f"w#{deaths}")
        if not worker.ready and not world.waiting():
            break
    assert deaths == inbox.ATTEMPTS
    stuck = {name for one in range(world.store.partitions) for name in world.store.run(inbox.stuck(one))}
    assert stuck == {world.contact_id(killer)}
    assert all(world.heard(number) == ["start", "one", "two"] for number in PEOPLE if number != killer)
