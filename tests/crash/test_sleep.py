"""A worker that sleeps past its lease wakes up to find another in its place, and does no harm."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

from flowbot.store.client import connect

from .evidence import gather, settled
from .invariants import violations
from .people import People
from .town import WEBHOOK, Town

LEASE = 5.0  # seconds


def test_a_worker_asleep_past_its_lease_does_no_harm(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        crowd = People(seed=9, count=60, web_socket=town.web_socket, webhook_path=WEBHOOK, pause=0.05)
        crowd.start()
        _wait_for(town, "worker-0", "partitions.held", 40)
        time.sleep(1)
        alone = town.doors["worker-1"].log.read_text().count('"count":64')
        town.doors["worker-0"].signal(signal.SIGSTOP)
        _wait_for(town, "worker-1", '"count":64', LEASE * 2 + 30, since=alone)
        town.doors["worker-0"].signal(signal.SIGCONT)
        time.sleep(1.5)
        crowd.stop()
        with contextlib.closing(connect(town.valkey.url)) as store:
            settled(store, crowd.everybody, 45)
            run = gather(store, crowd.everybody, town)
        assert violations(run) == [], town.logs()
        assert town.surprises() == []
        slept = town.doors["worker-0"].log.read_text()
        assert '"count":0' in slept or "partition.lost" in slept  # it noticed
        assert all(door.process is not None and door.process.poll() is None for door in town.doors.values())


def test_who_is_asked_to_stop_ends_well(tmp_path: Path) -> None:
    with Town(tmp_path, workers=1, senders=1) as town:
        crowd = People(seed=10, count=10, web_socket=town.web_socket, webhook_path=WEBHOOK)
        crowd.start()
        crowd.until(30, 20)
        codes = {name: door.stop() for name, door in town.doors.items()}
        assert set(codes.values()) == {0}, codes


def _wait_for(town: Town, name: str, words: str, seconds: float, *, since: int = 0) -> None:
    """Until the door has logged it more than `since` times."""
    end = time.monotonic() + seconds
    while town.doors[name].log.read_text().count(words) <= since:
        assert time.monotonic() < end, town.logs()
        time.sleep(0.05)
