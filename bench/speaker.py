"""`python -m bench.speaker <the web's socket>`: new contacts who write to the bot, one after the other, in a process of
its own: no thread of the provider's stub keeps it from looking at the clock.

A line on standard input begins, with what the contacts are called; another one ends, and the times come out.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.crash.people import UnixConnection

from .town import post, webhook

PAUSE = 0.03  # seconds between two webhooks


class Speaker:
    """The other end of such a process."""

    def __init__(self, socket: str) -> None:
        command = [sys.executable, "-m", "bench.speaker", socket]
        root = Path(__file__).parents[1]
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def begin(self, digits: str) -> None:
        """Contacts whose numbers begin so, until `end`."""
        self._tell(digits)

    def end(self) -> dict[str, tuple[float, float]]:
        """When each wrote, and when the webhook was answered; seconds since 1970."""
        self._tell("")
        assert self._process.stdout is not None
        found: dict[str, tuple[float, float]] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")


def main(socket: str) -> None:
    connection = UnixConnection(socket, timeout=30)
    while digits := sys.stdin.readline().strip():
        found = _speak(connection, digits)
        sys.stdin.readline()
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def _speak(connection: UnixConnection, digits: str) -> dict[str, tuple[float, float]]:
    times: dict[str, tuple[float, float]] = {}
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        number = f"{digits}{len(times):06d}"
        body, headers = webhook(number, f"wamid.{number}", "start")
        began = time.time()
        if post(connection, body, headers) != 200:
            raise SystemExit("the web does not take webhooks")
        times[number] = began, time.time()
    return times


if __name__ == "__main__":
    main(sys.argv[1])
