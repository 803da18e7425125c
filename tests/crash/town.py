"""Real processes over a real store, each of which may be killed at any time and is started again."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowbot.store.embedded import Embedded

from . import meta, nursery
from .provider import Provider

ROOT = Path(__file__).parents[2]
HOOK_SECRET = "whsec_Y3Jhc2gtdGVzdC1ob29rLXNlY3JldC0wMTIzNDU2Nzg="
WEBHOOK, OTHER = "/webhooks/acme/main", "/webhooks/other/main"
PROJECT = """\
accounts:
  acme:
    title: Acme
    timezone: UTC
    languages: [en]
    channels:
      main:
        gateway: cloud_api
        number: "+15550000001"
        phone_number_id: "{phone_number_id}"
        waba_id: "200"
        access_token: ${{env:TOWN_TOKEN}}
        app_secret: ${{env:TOWN_APP_SECRET}}
        verify_token: ${{env:TOWN_VERIFY}}
        base_url: {base_url}
        rate: 100000/s
        pair_burst: 100000
    endpoints:
      - name: crm
        url: "{hooks_url}"
        secret: ${{env:TOWN_HOOK_SECRET}}
        events: [process.started, process.succeeded]
    integrations:
      crm: {{base_url: "{crm_url}", actions: {{note: {{path: /note, json: {{who: "{{{{ who }}}}"}}, timeout: 60s}}}}}}
  other:
    title: Another
    timezone: UTC
    languages: [en]
    channels:
      main:
        gateway: cloud_api
        number: "+15550000002"
        phone_number_id: "{other_id}"
        waba_id: "201"
        access_token: ${{env:TOWN_TOKEN}}
        app_secret: ${{env:TOWN_APP_SECRET}}
        verify_token: ${{env:TOWN_VERIFY}}
        base_url: {base_url}
        rate: 100000/s
        pair_burst: 100000
    flows: [later]
allow_private_urls: true
"""
FLOW = """\
flow: talk
title: Three questions
start:
  keywords: [start]
steps:
  hello: {say: Hello}
  first: {ask: "What is the first?"}
  second: {ask: "And the second?"}
  done: {say: Thank you, succeed: {}}
"""


ERRAND = """\
flow: errand
title: A word to the client's service
start:
  keywords: [errand]
steps:
  note: {call: crm.note, with: {who: "{{ contact.number }}"}}
  done: {say: "Noted: {{ note.who }}", succeed: {who: "{{ note.who }}"}}
"""


LATER = """\
flow: later
title: A wait, and what the business says when it is over
start:
  keywords: [later]
steps:
  told: {say: Later.}
  pause: {wait: {for: 2s}}
  news: {say: [One., Two., Three.], succeed: {}}
"""


@dataclass(slots=True)
class Door:
    """One process, and what makes it."""

    name: str
    role: str  # or a module of its own
    environ: dict[str, str]
    log: Path
    descriptors: tuple[int, ...] = ()
    arms: list[str] = field(default_factory=list)  # crash points to die at, one life after the other
    fallen: list[str] = field(default_factory=list)  # those at which it died
    process: subprocess.Popen[bytes] | nursery.Forked | None = None
    respawns: int = 0  # of gunicorn's worker, as its log counts them

    def start(self) -> None:
        """Begin the next life, armed with the next crash point if there is one left."""
        self.environ["FLOWBOT_CRASH_AT"] = self.arms[0] if self.arms else ""
        with self.log.open("ab") as out:
            if self.role in nursery.ROLES:
                self.process = nursery.Forked(self.role, self.environ, self.log)
                return
            what = [self.role] if "." in self.role else ["tests.crash.start", self.role]
            self.process = subprocess.Popen(
                [sys.executable, "-m", *what],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=self.descriptors,
                start_new_session=True,
            )

    def fell(self) -> bool:
        """Whether it died since we last looked; under gunicorn it is a child that dies."""
        assert self.process is not None
        if self.process.poll() is not None:
            return True
        respawns = self.log.read_text(errors="replace").count("SIGKILL") if self.arms and "web" in self.name else 0
        fell, self.respawns = respawns > self.respawns, max(respawns, self.respawns)
        return fell

    def signal(self, number: int) -> None:
        """To it and to the processes that it started."""
        assert self.process is not None
        if isinstance(self.process, nursery.Forked):  # it starts none, and may not have come to be a group of its own
            os.kill(self.process.pid, number)
        else:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                self.signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


@dataclass(slots=True)
class Town:
    """A store, the doors, and a supervisor that starts again what died.

    >>> Town(folder, workers=2).__enter__()  # doctest: +SKIP
    """

    folder: Path
    provider_seed: int = 1
    workers: int = 2
    senders: int = 2
    hooks: int = 1
    webs: int = 1
    provider: Provider = field(init=False)
    valkey: Embedded = field(init=False)
    doors: dict[str, Door] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    armed: Mapping[str, Sequence[str]] = field(default_factory=dict)  # role -> crash points for its first process
    mutant: str = ""  # how the doors' product is broken, see mutants.py
    _listener: socket.socket | None = None

    @property
    def web_socket(self) -> str:
        return str(self.folder / "web.sock")

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def __enter__(self) -> Town:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._listen()
        self.provider = Provider(
            seed=self.provider_seed, web_socket=self.web_socket, webhook_path=WEBHOOK, other_path=OTHER
        )
        self.provider.__enter__()
        self.write(FLOW)
        self.valkey = Embedded(self.folder / "data")
        self.valkey.start()
        for role, count in (
            ("web", self.webs),
            ("worker", self.workers),
            ("sender", self.senders),
            ("hooks", self.hooks),
        ):
            for number in range(count):
                self._open(role, number)
        return self

    def __exit__(self, *_: object) -> None:
        for door in self.doors.values():
            door.kill()
        self.valkey.stop()
        self.provider.__exit__()
        if self._listener is not None:
            self._listener.close()

    def write(self, flow: str) -> None:
        """The project on disk."""
        (self.project / "flows").mkdir(parents=True, exist_ok=True)
        text = PROJECT.format(
            phone_number_id=meta.PHONE_NUMBER_ID,
            other_id=meta.OTHER_ID,
            base_url=self.provider.url,
            hooks_url=self.provider.hooks_url,
            crm_url=self.provider.crm_url,
        )
        (self.project / "flowbot.yaml").write_text(text)
        (self.project / "flows" / "talk.yaml").write_text(flow)
        (self.project / "flows" / "errand.yaml").write_text(ERRAND)
        (self.project / "flows" / "later.yaml").write_text(LATER)

    def environ(self, name: str) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("FLOWBOT_")}
        return {
            **inherited,
            "FLOWBOT_PROJECT": str(self.project),
            "FLOWBOT_DATA": str(self.folder / "data"),
            "FLOWBOT_REDIS_URL": self.valkey.url,
            "FLOWBOT_SECRET_KEY": "crash-test-secret-key-0123456789abcdef",
            "FLOWBOT_WEB_WORKERS": "1",
            "FLOWBOT_SLOT": name,
            "TOWN_MUTANT": self.mutant,
            "TOWN_TOKEN": "test-token",
            "TOWN_APP_SECRET": meta.APP_SECRET,
            "TOWN_VERIFY": "test-verify",
            "TOWN_HOOK_SECRET": HOOK_SECRET,
            "PYTHONPATH": str(ROOT),
        }

    def watch(self) -> None:
        """Start again whatever died, at a crash point or otherwise."""
        for door in self.doors.values():
            if door.fell():
                if door.arms:
                    door.fallen.append(door.arms.pop(0).partition(":")[0])
                door.kill()
                door.start()

    def kill_one(self, dice: random.Random, *, store: float = 0.0, pause: tuple[float, float] = (0.0, 0.0)) -> None:
        """kill -9 of a door drawn by lot, or, by the given chance, of the store; it is started again at once."""
        time.sleep(dice.uniform(*pause))
        if dice.random() < store:
            self.kills["store"] += 1
            self.valkey.kill()
            self.valkey.start()
        else:
            door = dice.choice(list(self.doors.values()))
            door.kill()
            self.kills[door.name.split("-")[0]] += 1
            door.start()
        self.watch()

    def logs(self) -> str:
        """The last lines of every door, for a failed test."""
        return "\n".join(
            f"== {door.name}\n{door.log.read_text(errors='replace')[-3000:]}" for door in self.doors.values()
        )

    def told(self) -> str:
        """All that every door has logged."""
        return "\n".join(door.log.read_text(errors="replace") for door in self.doors.values())

    def surprises(self) -> list[str]:
        """Log lines with a traceback: a death is expected here, an exception that nobody foresaw is not."""
        return [
            f"{door.name}: {line[:1500]}"
            for door in self.doors.values()
            for line in door.log.read_text(errors="replace").splitlines()
            if '"trace":' in line or line.startswith("Traceback")
        ]

    def _listen(self) -> None:
        """The web's socket is held here, as `flowbot run` does: while the web is dead, requests wait in its queue."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.web_socket)
        self._listener.listen(512)
        self._listener.set_inheritable(True)

    def _open(self, role: str, number: int) -> None:
        name = f"{role}-{number}"
        environ = self.environ(name)
        descriptors: tuple[int, ...] = ()
        if role == "web":
            assert self._listener is not None
            environ["FLOWBOT_LISTEN_FD"] = str(self._listener.fileno())
            descriptors = (self._listener.fileno(),)
        arms = list(self.armed.get(role, ())) if number == 0 else []
        door = Door(name, role, environ, self.folder / f"{name}.log", descriptors, arms)
        self.doors[name] = door
        door.start()
