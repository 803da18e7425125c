"""Each named point of the way: the process dies right there, twice, and every promise holds (R063, R079)."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

from flowbot.store.client import connect

from . import provider
from .evidence import answers, gather, settled
from .invariants import violations
from .people import People
from .town import WEBHOOK, Town

POINTS = {
    "web": ("web.before_store", "web.after_store"),
    "worker": ("worker.after_take", "worker.before_commit", "worker.after_commit"),
    "sender": ("sender.after_claim", "sender.after_send", "sender.after_record"),
    "hooks": ("hooks.after_post", "hooks.after_record", "hooks.after_call", "hooks.after_answer"),
}
TIMES = 2


def test_death_at_every_point(tmp_path: Path) -> None:
    dice = random.Random(3)
    armed = {role: [f"{name}:{dice.randint(3, 12)}" for name in names * TIMES] for role, names in POINTS.items()}
    with Town(tmp_path, armed=armed) as town:
        town.provider.faults = provider.Faults(hung=0.01, dropped=0.01, busy_calls=0.03)
        crowd = People(
            seed=5, count=100, web_socket=town.web_socket, webhook_path=WEBHOOK, pause=0.04, sending=0.15, waiting=0.8
        )
        crowd.start()
        end = time.monotonic() + 180
        while any(door.arms for door in town.doors.values()):
            assert time.monotonic() < end, {name: door.arms for name, door in town.doors.items()}
            time.sleep(0.05)
            town.watch()
        crowd.stop()
        with contextlib.closing(connect(town.valkey.url)) as store:
            everybody = crowd.everybody
            settled(store, everybody, 45, meanwhile=town.watch)
            run = gather(store, everybody, town)
            heard = {one.number: answers(store, one.number) for one in crowd.sent}
        assert violations(run) == [], town.logs()
        assert town.surprises() == []
        for role, names in POINTS.items():
            assert sorted(town.doors[f"{role}-0"].fallen) == sorted(names * TIMES)
        # A call is made at least once, always with the same key and body, and heard of exactly once.
        assert heard == {number: [{"status": 200, "who": number}] for number in heard}
        bodies: dict[str, set[bytes]] = {}
        for key, body in town.provider.log.called:
            bodies.setdefault(key, set()).add(body)
        assert len(bodies) == len(heard) and all(len(same) == 1 for same in bodies.values())
        assert len(town.provider.log.called) > len(heard), "no call was ever made twice"
