"""Each named point of the way: the process dies right there, twice, and every promise holds."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

from flowbot.store.client import connect

from . import provider
from .evidence import gather, settled
from .invariants import violations
from .people import People
from .town import HOOK_SECRET, WEBHOOK, Town

POINTS = {
    "web": ("web.before_store", "web.after_store"),
    "worker": ("worker.after_take", "worker.before_commit", "worker.after_commit"),
    "sender": ("sender.after_claim", "sender.after_send", "sender.after_record"),
    "hooks": ("hooks.after_post", "hooks.after_record"),
}
TIMES = 2


def test_death_at_every_point(tmp_path: Path) -> None:
    dice = random.Random(3)
    armed = {role: [f"{name}:{dice.randint(3, 12)}" for name in names * TIMES] for role, names in POINTS.items()}
    with Town(tmp_path, armed=armed) as town:
        town.provider.faults = provider.Faults(hung=0.01, dropped=0.01)
        crowd = People(seed=5, count=100, web_socket=town.web_socket, webhook_path=WEBHOOK, pause=0.04)
        crowd.start()
        end = time.monotonic() + 60
        while any(door.arms for door in town.doors.values()):
            assert time.monotonic() < end, {name: door.arms for name, door in town.doors.items()}
            time.sleep(0.05)
            town.watch()
        crowd.stop()
        with contextlib.closing(connect(town.valkey.url)) as store:
            settled(store, crowd.said, 45, meanwhile=town.watch)
            run = gather(store, crowd.said, town.provider.log, HOOK_SECRET)
        assert violations(run) == [], town.logs()
        assert town.surprises() == []
        for role, names in POINTS.items():
            assert sorted(town.doors[f"{role}-0"].fallen) == sorted(names * TIMES)
