"""`flowbot web|worker|sender|hooks`: one process of the Procfile, in the foreground until SIGTERM."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import click

from .. import crash, logs
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
    import_module(ROLES[role]).main(settings)


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
