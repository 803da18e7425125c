"""`flowbot web|worker|sender|hooks`: one process of the Procfile, in the foreground until SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module

import click

from .. import crash, logs
from ..imports import at_one_go
from ..settings import Settings
from .options import with_settings

# role -> the module whose `main(settings)` runs it until SIGTERM
ROLES = {
    "web": "flowbot.web.serve",
    "worker": "flowbot.worker.loop",
    "sender": "flowbot.sender.loop",
    "hooks": "flowbot.hooks.loop",
}


def run_role(role: str, settings: Settings) -> None:
    """Be this role until SIGTERM."""
    logs.configure(settings.log_level, settings.log_format)
    crash.arm(settings.crash_at)
    if settings.listen_fd or settings.slot:
        follow_parent()
    with at_one_go():
        module = import_module(ROLES[role])
    module.main(settings)


def follow_parent() -> None:
    """Stop when the supervisor dies, on systems whose kernel does not tell (see `child.die_with_parent`)."""
    if sys.platform == "linux":
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _door(role: str, help: str) -> click.Command:
    def start(settings: Settings) -> None:
        run_role(role, settings)

    start.__doc__ = help
    body: Callable[..., object] = with_settings(start)
    return click.command(name=role, hidden=True)(body)


web = _door("web", "Receive webhooks, answer the API, show the simulator.")
worker = _door("worker", "Run turns: inbox in, session and outbox out.")
sender = _door("sender", "Carry the outbox to the providers.")
hooks = _door("hooks", "Carry signed events to the clients.")
