"""`flowbot forget` and `flowbot export` on a store with somebody in it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from flowbot.cli import program
from flowbot.errors import NotFound
from flowbot.store import contacts
from flowbot.store.client import Store
from tests.people.test_forget import leftovers
from tests.worker.world import World

NUMBER = "573001112233"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    made = World(store, tmp_path / "project")
    made.say(NUMBER, "start", "blue", name="Anastasia")
    made.settle(made.worker())
    return made


@pytest.fixture
def ask(world: World, store_url: str, tmp_path: Path) -> Any:
    environ = {
        "FLOWBOT_PROJECT": str(world.folder),
        "FLOWBOT_REDIS_URL": store_url,
        "FLOWBOT_DATA": str(tmp_path / "data"),
    }
    return lambda *arguments, **more: CliRunner().invoke(program, [*arguments], obj=environ, **more)


def test_an_export_by_number_is_one_json(ask: Any, tmp_path: Path) -> None:
    """R150"""
    said = ask("export", "+57 300 111 2233")
    assert said.exit_code == 0, said.output
    told = orjson.loads(said.output)
    assert told["contacts"][0]["contact"]["name"] == "Anastasia"
    assert "blue" in said.output and "What is the first?" in said.output
    out = tmp_path / "ana.zip"
    assert ask("export", NUMBER, "--account", "acme", "--out", str(out)).exit_code == 0
    assert zipfile.ZipFile(out).namelist() == ["everything.json"] and out.stat().st_mode & 0o077 == 0


def test_forgetting_asks_first_then_waits_until_it_is_done(ask: Any, world: World, store_url: str) -> None:
    """R150: nobody is erased by a slip; the exit code says whether it is done."""
    contact_id, partition = world.contact_id(NUMBER), world.partition(NUMBER)
    assert ask("forget", NUMBER, input="n\n").exit_code == 1
    assert world.waiting() == 0
    late = ask("forget", NUMBER, "--yes", "--wait", "0.01")
    assert late.exit_code == 1 and "ordered" in late.output and NUMBER not in late.output
    world.settle(world.worker())
    leftovers(store_url, looks=1)
    assert world.store.run(contacts.get(partition, contact_id)) is None
    again = ask("forget", NUMBER, "--yes")
    assert again.exit_code == 1 and isinstance(again.exception, NotFound)


def test_ordered_as_json(ask: Any, world: World) -> None:
    said = ask("forget", world.contact_id(NUMBER), "--yes", "--wait", "0", "--json")
    assert said.exit_code == 0
    assert orjson.loads(said.output) == [{"contact": world.contact_id(NUMBER), "account": "acme", "state": "ordered"}]


def test_an_account_that_is_not_there_is_named(ask: Any) -> None:
    assert isinstance(ask("export", NUMBER, "--account", "nobody").exception, NotFound)
