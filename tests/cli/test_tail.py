"""`flowbot tail` beside a worker at work."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from redis import Redis

from flowbot.cli import program
from flowbot.errors import NotFound
from flowbot.store import keys
from flowbot.store.client import Store
from tests.worker.world import World

NUMBER, NAME = "15550100007", "Anastasia"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return World(store, tmp_path / "project")


def watched(world: World, url: str, *options: str) -> list[str]:
    """What it prints while a contact begins a conversation, somebody else too."""
    environ = {"FLOWBOT_PROJECT": str(world.folder), "FLOWBOT_REDIS_URL": url}
    said: list[Any] = []

    def look() -> None:
        said.append(CliRunner().invoke(program, ["tail", "--for", "2s", *options], obj=environ))

    looker = threading.Thread(target=look)
    looker.start()
    raw, until = Redis.from_url(url), time.monotonic() + 10
    while not raw.exists(keys.TAIL):
        assert time.monotonic() < until, "nobody looks on"
        time.sleep(0.01)
    raw.close()
    world.say(NUMBER, "start", "blue as the sea", name=NAME)
    world.say("15550100008", "start", channel="real")
    world.settle(world.worker())
    looker.join()
    assert said[0].exit_code == 0, said[0].output
    return str(said[0].output).splitlines()


def test_what_happens_without_what_is_said(world: World, store_url: str, store: Store) -> None:
    """What comes in, what each step does, what goes out; no text, no number; in the order of the conversation."""
    lines = [orjson.loads(line) for line in watched(world, store_url, "--json")]
    mine = [line for line in lines if line["contact"] == world.contact_id(NUMBER)]
    told = [(line["kind"], line["what"], line.get("step", "")) for line in mine]
    assert told[0] == ("in", "message", "") and ("trace", "asked", "first") in told and ("out", "text", "") in told
    assert told.index(("trace", "answered", "first")) < told.index(("trace", "asked", "second"))
    assert {line["channel"] for line in lines} == {"acme/main", "acme/real"}
    assert not [word for word in ("blue", "What is", NUMBER, NAME) if word in str(lines)]


def test_with_texts_for_people(world: World, store_url: str) -> None:
    lines = watched(world, store_url, "--texts", "--contact", world.contact_id(NUMBER))
    assert any('"blue as the sea"' in line for line in lines) and any('"What is the first?"' in line for line in lines)
    assert all(world.contact_id(NUMBER) in line for line in lines) and NUMBER not in "".join(lines)


def test_nothing_is_written_while_nobody_looks(world: World, store: Store, store_url: str) -> None:
    world.say(NUMBER, "start")
    world.settle(world.worker())
    with Redis.from_url(store_url) as raw:
        assert not [key for key in raw.scan_iter() if key.endswith(b"tail")]


def test_an_account_that_is_not_there(world: World, store_url: str) -> None:
    environ = {"FLOWBOT_PROJECT": str(world.folder), "FLOWBOT_REDIS_URL": store_url}
    said = CliRunner().invoke(program, ["tail", "--account", "nobody"], obj=environ)
    assert isinstance(said.exception, NotFound)
