"""What `flowbot run` costs while nothing happens: all of its processes, in share of one core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .result import Result

ROOT = Path(__file__).parents[1]
SETTLE, WATCH = 8.0, 20.0  # seconds


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="bench") as data:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FLOWBOT_")}
        command = [sys.executable, "-m", "flowbot", "run", "--data", data, "--port", "0"]
        running = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            if not line.startswith("ready"):
                raise SystemExit(f"flowbot run said {line!r}")
            time.sleep(SETTLE)
            before, began = spent(running.pid), time.perf_counter()
            time.sleep(WATCH)
            after = spent(running.pid)
            share = 100 * (sum(after.values()) - sum(before.values())) / (time.perf_counter() - began)
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(20)
            running.stdout.close()
    parts = sorted(((after[one] - before.get(one, 0.0), one[1]) for one in after), reverse=True)
    note = ", ".join(f"{name} {100 * seconds / WATCH:.2f}" for seconds, name in parts[:6])
    return [Result(what="an idle `flowbot run`, all processes", value=share, unit="% of a core", at_most=3, note=note)]


def spent(root: int) -> dict[tuple[int, str], float]:
    """CPU seconds of a process and all below it, by pid and what it is."""
    parents: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    tick = os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
            seconds[int(entry.name)] = (int(fields[11]) + int(fields[12])) / tick
    out, queue = {}, [root]
    while queue:
        pid = queue.pop()
        if pid in seconds:
            out[pid, _name(pid)] = seconds[pid]
        queue += parents.get(pid, [])
    return out


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().strip("\0").split("\0")
    except OSError:
        return "?"
    return "store" if "valkey" in words[0] or "redis" in words[0] else words[-1] if len(words) > 3 else words[0]
