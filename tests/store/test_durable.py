"""FLOWBOT_DURABILITY=disk: an answer means that the disk has it, or the web does not start."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowbot.errors import SettingsError, StoreError
from flowbot.settings import Settings
from flowbot.store.call import command
from flowbot.store.client import Store, connect
from flowbot.store.durable import NotOnDisk, OnDisk, promise
from flowbot.store.embedded import Embedded
from flowbot.wiring import open_parts


@contextlib.contextmanager
def opened(folder: Path, *extra: str, **more: bool) -> Iterator[Store]:
    with (
        Embedded(folder, extra=extra, **more) as server,
        contextlib.closing(connect(server.url, partitions=4)) as store,
    ):
        yield store


def write(store: Store, name: str) -> object:
    return store.run_all([command("SET", f"{{p1}}{name}", "x", read=bool)])[0]


def test_a_store_that_syncs_always(tmp_path: Path) -> None:
    with opened(tmp_path, disk=True) as store:
        kept = promise(store)
        assert isinstance(kept, OnDisk) and kept.partitions == 4
        assert write(kept, "a") is True


def test_a_store_that_syncs_every_second_is_waited_for(tmp_path: Path) -> None:
    with opened(tmp_path, "--appendfsync", "everysec") as store:
        kept = promise(store)
        waited = 0.0
        for name in "abc":
            began = time.monotonic()
            assert write(kept, name) is True
            waited = max(waited, time.monotonic() - began)
            time.sleep(0.1)
        assert waited > 0.05, "nobody waited for the disk"


def test_a_store_that_leaves_the_disk_to_others_cannot_promise(tmp_path: Path) -> None:
    with opened(tmp_path) as store:  # our own without `disk`: synced from outside, once a second
        with pytest.raises(SettingsError, match="appendfsync"):
            promise(store)
        assert isinstance(write(OnDisk(store), "a"), NotOnDisk)


def test_a_store_without_a_log_stops_the_web_and_says_why(store: Store, store_url: str, tmp_path: Path) -> None:
    (tmp_path / "flowbot.yaml").write_text("accounts: {acme: {languages: [en]}}\n")
    environ = {"FLOWBOT_PROJECT": str(tmp_path), "FLOWBOT_REDIS_URL": store_url, "FLOWBOT_DURABILITY": "disk"}
    with pytest.raises(SettingsError, match="FLOWBOT_DURABILITY=disk needs"):
        open_parts(Settings.from_env(environ))
    assert open_parts(Settings.from_env({**environ, "FLOWBOT_DURABILITY": "process"})).kept is None


def test_on_a_cluster_every_disk_is_asked(any_store: Store) -> None:
    """These have no log at all, and say so."""
    calls = [command("SET", f"{{p{number}}}x", "x", read=bool) for number in range(8)]
    assert {type(found) for found in OnDisk(any_store).run_all(calls)} == {StoreError}
