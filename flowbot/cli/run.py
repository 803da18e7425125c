"""`flowbot run`: everything under one supervisor, on this machine."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import click

from .. import logs
from ..errors import SettingsError
from ..library.load import Library
from ..settings import Settings
from ..wiring import load_library, secret_file, tell_errors
from .child import Child, RoleChild, StoreChild
from .doors import ROLES
from .options import read_settings
from .supervisor import Supervisor

STOP_ORDER = ("web", "worker", "sender", "hooks", "store")
PORTS = 100  # how many are tried from the one asked for
LISTED = 8  # flows whose addresses are printed

log = logging.getLogger(__name__)


@click.command(name="run")
@click.option("--project", type=click.Path(path_type=Path), help="The project folder. Default: this one.")
@click.option("--data", type=click.Path(path_type=Path), help="Where data is kept. Default: .flowbot in the project.")
@click.option("--host", help="Address to listen at. Default: 127.0.0.1, this machine only.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: 8000, or the next free one.")
@click.option("--roles", default=",".join(ROLES), show_default=True, help="Which doors to open here.")
@click.option("--try", "show_try", is_flag=True, help="Print where to try each flow, last.")
@click.pass_context
def command(context: click.Context, /, roles: str, show_try: bool, **given: object) -> None:
    """Start the web, worker, sender and hooks, and keep them running.

    Prints one line, `ready http://HOST:PORT`, when everything answers. Without FLOWBOT_REDIS_URL it runs a Valkey
    of its own and keeps everything in the data folder. Ctrl-C stops it; the next start finds all conversations again.
    """
    settings = read_settings(context, **given)
    wanted = _roles(roles)
    logs.configure(settings.log_level, settings.log_format)
    library = load_library(settings)
    tell_errors(library)
    with _locked(settings.data), _listen(settings, "web" in wanted) as listener:
        settings = _settled(settings, listener)
        children = _children(settings, wanted, listener)
        supervisor = Supervisor(children, STOP_ORDER)
        supervisor.run(
            lambda: "web" not in wanted or answers(settings.address),
            lambda: _announce(settings, library, wanted, show_try),
        )


def _roles(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for role in wanted:
        if role not in ROLES:
            raise click.BadParameter(f"{role!r} is none of {', '.join(ROLES)}", param_hint="--roles")
    if not wanted:
        raise click.BadParameter("name at least one", param_hint="--roles")
    return wanted


def _locked(data: Path) -> IO[str]:
    """The data folder, held for this process alone as long as the returned file is open."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (data / "run.lock").open("a+")
    except OSError as error:
        raise SettingsError(f"the data folder {data}: {error.strerror}; FLOWBOT_DATA names another") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        other = f"another `flowbot run` (process {holder}) uses the data folder {data}"
        raise SettingsError(f"{other}: stop it, or name another with --data") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _listen(settings: Settings, wanted: bool) -> socket.socket:
    """A listening socket at the port asked for or the next free one; unbound when no web is wanted here."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    if not wanted:
        return socket.socket(family)
    last = settings.port + PORTS if settings.port else 0
    for port in range(settings.port, min(last, 65535) + 1):
        found = socket.socket(family)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((settings.host, port))
            found.listen(2048)
            return found
        except PermissionError:
            found.close()
            raise SettingsError(f"port {port} needs root: take one from 1024 up") from None
        except OSError as error:
            found.close()
            if error.errno not in _TAKEN:
                raise SettingsError(f"cannot listen at {settings.host}: {error.strerror or error}") from None
    raise SettingsError(f"all ports from {settings.port} to {last} are taken: name another with --port")


_TAKEN = (98, 48)  # EADDRINUSE on Linux and on macOS


def _settled(settings: Settings, listener: socket.socket) -> Settings:
    """The settings as the children get them: absolute folders, the port found, the key, a slot."""
    data, project = settings.data.resolve(), settings.project.resolve()
    name = hashlib.sha256(f"{socket.gethostname()}\0{data}".encode()).hexdigest()[:12]
    bound = listener.getsockname()[1]
    return replace(
        settings,
        data=data,
        project=project,
        port=bound or settings.port,
        secret_key=settings.secret_key or kept_key(secret_file(settings)),
        slot=settings.slot or name,
        listen_fd=listener.fileno() if bound else 0,
    )


def kept_key(kept: Path) -> str:
    """The secret key in the file, made at the first call; only its owner may read it."""
    if not kept.exists():
        fresh = kept.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(32) + "\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.rename(kept)
    return kept.read_text("ascii").strip()


def _children(settings: Settings, wanted: tuple[str, ...], listener: socket.socket) -> list[Child]:
    children: list[Child] = []
    if not settings.redis_url:
        store = StoreChild(settings.data, durability=settings.durability)
        children.append(store)
        settings = replace(settings, redis_url=store.url)
    environ = child_environ(settings)
    # the web comes last: when it answers, the others are on their way
    for role in (*(role for role in wanted if role != "web"), *(role for role in wanted if role == "web")):
        children.append(RoleChild(role, environ, [listener.fileno()] if role == "web" else ()))
    return children


def child_environ(settings: Settings) -> Mapping[str, str]:
    """The environment of a child: ours, with what was found out here."""
    names = ("project", "redis_url", "data", "host", "port", "secret_key", "slot", "listen_fd", "log_format")
    return {**settings.environ, **{"FLOWBOT_" + name.upper(): str(getattr(settings, name)) for name in names}}


def answers(address: str) -> bool:
    """Does the web say that it is ready?"""
    parts = urlsplit(address)
    link = HTTPConnection(parts.hostname or "", parts.port, timeout=1)
    try:
        link.request("GET", "/readyz")
        return link.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        link.close()


def _announce(settings: Settings, library: Library, wanted: tuple[str, ...], show_try: bool) -> None:
    say = sys.stdout.write
    say(f"ready {settings.address}\n" if "web" in wanted else "ready\n")
    if show_try and "web" in wanted and settings.may_simulate:
        say("".join(f"{one}\n" for one in try_addresses(settings, library)))
    sys.stdout.flush()


def try_addresses(settings: Settings, library: Library) -> list[str]:
    """Where each flow of the first account can be tried; of many flows, the page that lists them."""
    for name in library.project.accounts:
        flows = library.flows_of(name)
        if len(flows) > LISTED:
            break
        if flows:
            return [f"{settings.address}/try/{name}/{flow.id}" for flow in flows]
    return [f"{settings.address}/try"]
