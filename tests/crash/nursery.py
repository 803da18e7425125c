"""The town's worker, sender and hooks, forked: a role that dies a hundred times would spend the run on its imports.

The web is not among these: gevent has to patch it before it imports anything.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.crash.start import forked  # by its full name: that is how the new process finds it
from tests.forks import forks

ROLES = ("worker", "sender", "hooks")


class Forked:
    """A role in a process of its own, with the face of a Popen."""

    def __init__(self, role: str, environ: Mapping[str, str], log: Path) -> None:
        self._process = forks.Process(target=forked, args=(role, dict(environ), str(log)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout or 0)
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()
