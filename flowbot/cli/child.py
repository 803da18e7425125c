"""One process that the supervisor keeps alive."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

LIVED = 5.0  # seconds after which a child's end no longer counts as dying at once
WAITS = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # before the n-th start in a row of one that dies at once
_PR_SET_PDEATHSIG = 1


class Child(Protocol):
    """What the supervisor needs of a process: a role's, or the embedded store."""

    name: str

    def start(self) -> None: ...

    def ended(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""

    def ask_to_stop(self) -> None: ...

    def kill(self) -> None: ...


class RoleChild:
    """A door in a process of its own, which dies when its parent does."""

    def __init__(self, name: str, environ: Mapping[str, str], descriptors: Sequence[int] = ()) -> None:
        self.name = name
        self._environ = dict(environ)
        self._descriptors = tuple(descriptors)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flowbot", self.name],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # standard output is the supervisor's: its one line is read by machines
            pass_fds=self._descriptors,
            process_group=0,  # Ctrl-C is the supervisor's to handle: it stops the children in order
            preexec_fn=die_with_parent,
        )

    def ended(self) -> int | None:
        return self._process.poll() if self._process else 0

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class StoreChild:
    """The embedded Valkey, which `store.embedded` knows how to start."""

    name = "store"

    def __init__(self, data: Path, *, durability: str = "process") -> None:
        from ..store.embedded import Embedded

        self._server = Embedded(data, disk=durability == "disk")

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def ended(self) -> int | None:
        return self._server.exit_code

    def ask_to_stop(self) -> None:
        if self._server.alive:
            os.kill(self._server.pid, signal.SIGTERM)

    def kill(self) -> None:
        self._server.kill()


def die_with_parent() -> None:
    """In a new process: have the kernel send SIGTERM when the parent dies; elsewhere `doors` watches."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def why(code: int) -> str:
    """An exit code in words.

    >>> why(-9), why(3)
    ('killed by SIGKILL', 'exit code 3')
    """
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
