"""The web under gunicorn: gevent workers, on a socket of its own or on the one that `flowbot run` holds."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from ..imports import at_one_go
from ..settings import Settings

if TYPE_CHECKING:
    from flask import Flask


def main(settings: Settings) -> None:
    """Serve until SIGTERM; answers under way are finished first, for a few seconds."""
    Server(options(settings), lambda: _app(settings)).run()


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's settings, from ours.

    >>> options(Settings(port=9000, web_workers=1))["bind"]
    '127.0.0.1:9000'
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"fd://{settings.listen_fd}" if settings.listen_fd else f"{host}:{settings.port}",
        "backlog": 2048,
        "worker_class": "flowbot.web.gevent_worker.Worker",
        "workers": settings.web_workers or min(4, os.cpu_count() or 1),
        "worker_connections": 1000,
        "keepalive": 75,  # longer than a proxy's own, so that it is never we who close under its request
        "timeout": 30,
        "graceful_timeout": 3,
        "accesslog": None,
        "logger_class": Log,
        "proc_name": "flowbot-web",
        "control_socket_disable": True,
    }


class Log(Logger):  # type: ignore[misc]
    """gunicorn's own lines go where all others go, in the same form; no access log."""

    def setup(self, cfg: Any) -> None:
        self.loglevel = logging.WARNING
        for own in (self.error_log, self.access_log):
            own.handlers.clear()
            own.setLevel(logging.WARNING)
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without its command line. The app is made in each worker, after gevent has patched it."""

    def __init__(self, options: dict[str, Any], make: Callable[[], Flask]) -> None:
        self._options = options
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make()


def _app(settings: Settings) -> Flask:
    # imported here: redis must not load ssl before gevent patches it
    with at_one_go():
        from ..wiring import open_parts
        from .app import create_app

    return create_app(open_parts(settings))
