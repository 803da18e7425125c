"""A real `flowbot run` for tests, and a phone that drives its simulator over HTTP."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

PATIENCE = 30.0  # seconds; a machine that runs eight test processes is slow
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def eventually(check: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The first truthy answer of `check`; errors of the connection count as not yet."""
    until = time.monotonic() + seconds
    while True:
        try:
            found = check()
        except httpx.HTTPError as error:
            found, what = None, f"{what} ({error!r})"
        if found:
            return found
        assert time.monotonic() < until, f"not in time: {what}"
        time.sleep(0.02)


def children_of(parent: int) -> list[int]:
    """The process ids of what this process has started and not yet seen end."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, one in pairs if int(one) == parent]


class Running:
    """`flowbot run` on a project, in a process of its own."""

    def __init__(self, project: Path, data: Path, *options: str, port: int = 0, **environ: str) -> None:
        command = [sys.executable, "-m", "flowbot", "run", "--project", str(project), "--data", str(data)]
        self._start([*command, "--port", str(port), *options], data, project, environ)

    @classmethod
    def made(cls, clone: Path, **environ: str) -> Running:
        """`make run` in a clone of the repository."""
        self = cls.__new__(cls)
        self._start(["make", "--silent", "run"], clone / ".flowbot", clone, {"FLOWBOT_PORT": "18000", **environ})
        return self

    def _start(self, command: list[str], data: Path, folder: Path, environ: dict[str, str]) -> None:
        self.data = data
        self.log = data.with_name(data.name + ".log")
        self.address = ""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("FLOWBOT_", "VIRTUAL_ENV"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder if folder.is_dir() else None,
                env={**clean, "FLOWBOT_WEB_WORKERS": "1", **environ},
                text=True,
                process_group=0,
            )

    def ready(self) -> str:
        """Wait for the ready line; the address in it."""
        assert self.process.stdout
        line = ""
        for line in self.process.stdout:  # make says that it sets up
            if line.startswith("ready http://"):
                self.address = line.split()[1]
                return self.address
        raise AssertionError(f"{line!r}\n{self.log.read_text()[-3000:]}")

    def rest(self) -> str:
        """What else it says on standard output, once it has ended."""
        assert self.process.stdout
        return self.process.stdout.read()

    def children(self) -> dict[str, int]:
        """Role -> process id, of the processes it has started itself."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        found = {}
        for line in listed.splitlines():
            pid, parent, args = line.split(None, 2)
            if int(parent) == self.process.pid:
                found["store" if "valkey" in args or "redis" in args else args.split()[-1]] = int(pid)
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends SIGINT to everything in the foreground. Returns when nothing answers any more."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(20)
        eventually(lambda: not _answers(self.address), "it ends", 20)

    def __enter__(self) -> Running:
        self.ready()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


class Phone:
    """A simulated contact, as the simulator's page drives it."""

    def __init__(self, address: str, flow: str, account: str = "demo", who: str = "") -> None:
        self.who = who or "".join(secrets.choice(ALPHABET) for _ in range(20))
        self.page = f"{address}/try/{account}/{flow}"
        self.base = f"{self.page}/{self.who}"
        self.client = httpx.Client(timeout=10, trust_env=False)

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.client.post(f"{self.base}/{path}", json=body or {})
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def state(self) -> Any:
        answer = self.client.get(f"{self.base}/state")
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        return answer.json()

    def say(self, text: str, **more: Any) -> None:
        self.post("say", {"kind": "text", "text": text, **more})

    def tap(self, choice: str) -> None:
        """Tap the newest button of that id."""
        offered = [one for bubble in self.state()["bubbles"] for one in bubble.get("choices", ())]
        button = next(one for one in reversed(offered) if one["id"].partition(".")[2] == choice)
        self.post("say", {"kind": "tap", "tap": {"id": button["id"], "title": button["title"]}})

    def photo(self, picture: bytes) -> None:
        answer = self.client.post(f"{self.base}/media", params={"name": "photo.jpg"}, content=picture)
        assert answer.status_code == 201, answer.text
        media = answer.json()
        self.post("say", {"kind": media["kind"], "media": media})

    def hears(self, key: str, *, times: int = 1) -> Any:
        """Wait until content of this key has arrived so many times, with its receipt; the state then."""

        def heard() -> Any:
            state = self.state()
            arrived = [one for one in state["bubbles"] if one.get("key") == key and one["state"] != "queued"]
            return state if len(arrived) >= times and state["settled"] else None

        return eventually(heard, f"{key!r} in {self.page}")
