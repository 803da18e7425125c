"""Processes of ours that begin within milliseconds: forked from one that did all imports, and nothing else.

A test that starts twenty processes would spend most of its time on their imports. What a start really takes, and
that it works, is shown where `flowbot run` is (tests/cli/test_run.py) and by the console examples of the docs.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from flowbot.cli import COMMANDS
from tests import forked

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    [f"flowbot.{role}.loop" for role in ("worker", "sender", "hooks")]
    + [f"flowbot.cli.{module}" for module in COMMANDS.values()]
    + ["flowbot.__main__", "tests.forked", "tests.crash.start"]
)


def flowbot(
    *arguments: str,
    typed: str = "",
    folder: Path,
    environ: Mapping[str, str],
    errors: str = "strict",
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, with a pipe's manners: what it said, and its exit code."""
    with tempfile.TemporaryDirectory() as name:
        streams = {one: os.path.join(name, one) for one in ("read", "out", "errors")}
        Path(streams["read"]).write_bytes(typed.encode("utf-8", errors))
        process = forks.Process(target=forked.command, args=(arguments, dict(environ), str(folder), streams))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, seconds)
        said = [Path(streams[one]).read_bytes().decode("utf-8", errors) for one in ("out", "errors")]
        return subprocess.CompletedProcess(arguments, process.exitcode, *said)
