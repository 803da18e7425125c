"""Processes that begin within milliseconds: forked from one that has all imports behind it, and has done nothing else.

A role that dies a hundred times in a run would spend most of the run on its imports. The web is not among these: gevent
has to patch it before it imports anything.
"""

from __future__ import annotations

import multiprocessing
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.crash.start import forked  # by its full name: that is how the new process finds it

ROLES = ("worker", "sender", "hooks")
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([f"flowbot.{role}.loop" for role in ROLES] + ["tests.crash.start"])


class Forked:
    """A role in a process of its own, with the face of a Popen."""

    def __init__(self, role: str, environ: Mapping[str, str], log: Path) -> None:
        self._process = _forks.Process(target=forked, args=(role, dict(environ), str(log)))
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
