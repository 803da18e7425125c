"""A store that answers, and takes nothing: as a full disk or a full memory leaves it."""

from __future__ import annotations

import threading
from pathlib import Path

import orjson

from flowbot.store.call import command
from flowbot.store.client import connect
from flowbot.store.embedded import Embedded
from flowbot.worker import loop
from tests.logged import logged

from .world import World


class Once(threading.Event):
    """Set as soon as somebody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_the_log_says_why_the_store_takes_nothing(tmp_path: Path) -> None:
    with Embedded(tmp_path / "data") as server, logged() as lines:
        store = connect(server.url)
        store.run(command("CONFIG", "SET", "maxmemory", "1", read=bytes.decode))
        world = World(store=store, folder=tmp_path / "bot")
        loop.run(world.worker().parts, Once())
        store.close()
        (line,) = [one for one in map(orjson.loads, lines.getvalue().splitlines()) if one["action"] == "round.failed"]
    assert line["level"] == "warning" and "not allowed when used memory" in line["reason"]
