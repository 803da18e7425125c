"""R036, with a worker and the store: a start takes its place once, whatever happens between that and its commit."""

from __future__ import annotations

import pytest

from flowbot.errors import StoreUnavailable
from flowbot.model.event import ConversationRequested
from flowbot.store import turns

from .world import World

ANA, BEN = "573000000001", "573000000002"
FLOW = """\
flow: talk
start: {keywords: [start], api: true}
settings: {attempts: {per_day: 2, say: Come back tomorrow.}}
steps:
  first: {ask: "What is the first?"}
  done: {succeed: {}}
"""


def test_every_contact_has_so_many_a_day(world: World) -> None:
    world.write(FLOW)
    worker = world.worker()
    world.say(ANA, "start", "one", "start", "two", "start")
    world.say(BEN, "start", "one")
    world.settle(worker)
    assert world.said(ANA) == ["What is the first?", "What is the first?", "Come back tomorrow."]
    assert world.said(BEN) == ["What is the first?"]


def test_a_turn_that_is_run_again_takes_no_second_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store goes away between the place and the commit."""
    world.write(FLOW)
    worker, commit, fails = world.worker(), turns.commit, [True]

    def once_not(*arguments: object) -> object:
        if fails:
            fails.pop()
            raise StoreUnavailable("gone")
        return commit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(turns, "commit", once_not)
    world.say(ANA, "start", "one", "start", "two", "start")
    with pytest.raises(StoreUnavailable):
        world.settle(worker)
    world.settle(world.worker("w#2"))
    assert not fails
    assert world.said(ANA) == ["What is the first?", "What is the first?", "Come back tomorrow."]


def test_a_client_s_starts_are_counted_by_its_own_accounts(world: World) -> None:
    world.write(FLOW)
    worker = world.worker()
    for number, (who, account) in enumerate(((ANA, "a"), (BEN, "a"), (ANA, "a"), (ANA, "b"))):
        asked = ConversationRequested(
            process_id=f"pr_{world.partition(who)}_x{number}", flow="talk", account_id=account, if_open="supersede"
        )
        world.event(who, asked, channel="real")
    world.settle(worker)
    assert world.session(ANA, "real").process is not None
    assert world.session(ANA, "real").process.account_id == "b"  # type: ignore[union-attr]
