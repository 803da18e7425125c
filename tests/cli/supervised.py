"""A supervisor over shell commands, in a process of its own: what test_supervisor.py drives.

python supervised.py '{"one": "sleep 9"}' one
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys

from flowbot import logs
from flowbot.cli.child import Child, die_with_parent
from flowbot.cli.supervisor import Supervisor


class Shell:
    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(["sh", "-c", self._command], process_group=0, preexec_fn=die_with_parent)
        say(f"start {self.name} {self._process.pid}")

    def ended(self) -> int | None:
        assert self._process
        return self._process.poll()

    def ask_to_stop(self) -> None:
        assert self._process
        say(f"stop {self.name}")
        self._process.terminate()

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logs.configure("INFO", "json")
    logging.getLogger("flowbot").setLevel("INFO")
    children: list[Child] = [Shell(name, command) for name, command in json.loads(sys.argv[1]).items()]
    Supervisor(children, sys.argv[2].split(","), grace=0.5).run(lambda: True, lambda: say("ready"))
    say("end")
