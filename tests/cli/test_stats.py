"""`flowbot stats` over conversations that a worker had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.errors import NotFound
from flowbot.store.client import Store
from tests.worker.world import World

FLOW = """\
flow: talk
start: {keywords: [start]}
settings: {expires_after: 2h}
anytime: {exit: {fail: canceled}}
steps:
  first: {ask: "What is the first?"}
  second: {ask: "And the second?", expect: number, retry: {times: 0, then: {fail: odd}}}
  done: {say: Thank you, succeed: {}}
"""
TALKS = {  # who says what, on a channel of a provider
    "15550100001": ["start", "blue", "7"],
    "15550100002": ["start", "red", "7"],
    "15550100003": ["start", "red", "seven or so"],
    "15550100004": ["start", "green"],
    "15550100005": ["start"],
    "15550100006": ["start", "exit"],
}


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    made = World(store, tmp_path / "project")
    made.write(FLOW)
    for number, texts in TALKS.items():
        made.say(number, *texts, channel="real")
    made.say("15550100007", "start", "blue", channel="main")  # the simulator
    worker = made.worker()
    made.settle(worker)
    worker.leave()
    return made


@pytest.fixture
def ask(world: World, store_url: str) -> Any:
    environ = {"FLOWBOT_PROJECT": str(world.folder), "FLOWBOT_REDIS_URL": store_url}
    return lambda *arguments: CliRunner().invoke(program, ["stats", *arguments], obj=environ)


def test_each_flow_in_short(ask: Any) -> None:
    """R149, R127: begun, open, succeeded, and why the others failed; all that began are in one of these."""
    (one,) = orjson.loads(ask("--json").output)
    assert (one["flow"], one["started"], one["open"], one["succeeded"]) == ("talk", 6, 2, 2)
    assert one["failed"] == {"odd": 1, "canceled": 1} and one["steps"] == []
    assert one["started"] == one["open"] + one["succeeded"] + sum(one["failed"].values())
    said = ask().output
    assert "6 begun, 2 open, 2 succeeded (50% of those that ended), in 1 s (median)" in said
    assert "2 failed: odd 1, canceled 1" in said or "2 failed: canceled 1, odd 1" in said


def test_where_people_leave(ask: Any, world: World) -> None:
    """R149: of each version and step, who was asked, answered, waits, and left; how soon they answered."""
    (one,) = orjson.loads(ask("talk", "--json").output)
    assert one["version"] == world.session("15550100004", "real").process.flow_version
    first, second = one["steps"]
    assert (first["step"], first["asked"], first["answered"], first["waiting"]) == ("first", 6, 4, 1)
    assert (second["asked"], second["answered"], second["waiting"]) == (4, 2, 1)
    assert first["left"] == {"canceled": 1} and second["left"] == {"odd": 1}
    assert first["share"] == 0.8 and second["share"] == 0.667 and first["median_ms"] == 1000
    lines = [line.split() for line in ask("talk").output.splitlines()]
    assert ["first", "6", "4", "80%", "1", "s", "1", "canceled", "1"] in lines


def test_the_simulators_are_counted_apart(ask: Any) -> None:
    """R153"""
    (one,) = orjson.loads(ask("--simulated", "--json").output)
    assert (one["started"], one["open"]) == (1, 1)


def test_a_flow_that_nobody_knows_is_named(ask: Any) -> None:
    said = ask("nothing")
    assert said.exit_code == 1 and isinstance(said.exception, NotFound)


def test_times_are_told_to_a_quarter(store: Store) -> None:
    from flowbot.store import funnels

    for ms in (2_000, 45_000, 600_000, 86_400_000):
        guessed = funnels.median({funnels.class_of(ms): 1})
        assert guessed is not None and ms / 1.25 <= guessed <= ms * 1.25
