from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[..., "Run"]


class Run:
    """A supervisor process and the lines it has said."""

    def __init__(self, children: dict[str, str], order: str) -> None:
        script = Path(__file__).with_name("supervised.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), json.dumps(children), order],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []

    def line(self, start: str) -> str:
        """The next line that begins so."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.strip())
            if line.startswith(start):
                return line.strip()
        raise AssertionError(f"no line {start!r} in {self.said}")

    def finish(self, number: int = signal.SIGTERM) -> list[dict[str, object]]:
        """Stop it; its log lines."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        self.said += out.split("\n")
        return [json.loads(line) for line in err.splitlines()]


@pytest.fixture
def start() -> Iterator[Start]:
    runs: list[Run] = []

    def make(order: str, **children: str) -> Run:
        runs.append(Run(children, order))
        return runs[-1]

    yield make
    for run in runs:
        run.process.kill()
        run.process.communicate()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_dies_is_back_within_a_second(start: Start) -> None:
    run = start("one,two", one="exec sleep 60", two="exec sleep 60")
    first = int(run.line("start one").split()[-1])
    run.line("ready")
    began = time.monotonic()
    os.kill(first, signal.SIGKILL)
    second = int(run.line("start one").split()[-1])
    assert time.monotonic() - began < 1
    assert second != first
    lines = run.finish()
    ended = [line for line in lines if line["action"] == "run.child_ended"]
    assert [(line["role"], line["reason"]) for line in ended] == [("one", "killed by SIGKILL")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_and_ends_well(start: Start, number: int) -> None:
    run = start("b,a,c", a="exec sleep 60", b="exec sleep 60", c="exec sleep 60")
    run.line("ready")
    run.finish(number)
    assert [line for line in run.said if line.startswith("stop")] == ["stop b", "stop a", "stop c"]
    assert "end" in run.said and run.process.returncode == 0


def test_what_does_not_stop_is_killed(start: Start) -> None:
    run = start("stubborn", stubborn="trap '' TERM; echo deaf; while :; do sleep 0.1; done")
    run.line("deaf")
    began = time.monotonic()
    lines = run.finish()
    assert time.monotonic() - began < 3
    assert "run.child_killed" in [line["action"] for line in lines]


def test_what_dies_at_once_again_and_again_waits_longer_and_says_why(start: Start) -> None:
    run = start("broken", broken="exit 3")
    for _ in range(4):
        run.line("start broken")
    lines = [line for line in run.finish() if line["action"] == "run.child_ended"]
    assert [line["ms"] for line in lines][:3] == [0, 200, 500]
    assert {line["reason"] for line in lines} == {"exit code 3"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the children watch their parent")
def test_children_die_with_it(start: Start) -> None:
    run = start("one", one="exec sleep 60")
    pid = int(run.line("start one").split()[-1])
    run.line("ready")
    run.process.kill()
    until = time.monotonic() + 3
    while not gone(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert gone(pid)
