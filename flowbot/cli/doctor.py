"""`flowbot doctor`: what is set, what is missing, what is off and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from tempfile import TemporaryFile

import click
import orjson

from ..delivery.files import path_of
from ..errors import FlowbotError, StoreError
from ..library.load import Library
from ..library.project import unreached
from ..model.project import Channel, Project
from ..settings import Settings, unknown
from ..wiring import files_of, load_library, open_store, ring_of, secret_key
from .finding import Finding
from .options import with_settings
from .templates_look import templates
from .trouble import keeping, lag, waiting

SHORT = 24  # characters; a secret of 18 random bytes has as many
MARKS = {"ok": ("ok", "green"), "note": ("note", "blue"), "off": ("off", "yellow"), "wrong": ("WRONG", "red")}


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@with_settings
def command(settings: Settings, as_json: bool) -> None:
    """Look at the settings, the project and the store, and say what would not work.

    Exit code 0: all runs; 1: something is wrong. A channel or endpoint whose secrets are not set is off, not wrong.
    """
    findings = list(examine(settings))
    if as_json:
        click.echo(orjson.dumps([asdict(one) for one in findings]).decode())
    else:
        for one in findings:
            _show(one)
    raise SystemExit(any(one.state == "wrong" for one in findings))


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that can be said, in the order in which it should be mended."""
    yield from _settings(settings)
    library = None
    try:
        library = load_library(settings)
    except FlowbotError as error:
        yield Finding(about="project", state="wrong", message=str(error))
    else:
        yield from _project(library, bool(ring_of(settings)) or not settings.redis_url)
        yield from _channels(library)
    yield from _data(settings)
    yield from _files(settings)
    yield from _store(settings, library)


def _settings(settings: Settings) -> Iterator[Finding]:
    for name in unknown(settings.environ):
        yield Finding(about="settings", state="wrong", message=f"{name} is set, and there is no such setting")
    try:
        secret_key(settings)
    except FlowbotError:
        message = "FLOWBOT_SECRET_KEY is not set: `flowbot run` makes one and keeps it in the data folder"
        yield Finding(about="settings", state="note", message=message)
    if settings.simulator == "on" and not settings.loopback:
        message = "the simulator is open to everyone who reaches the web"
        yield Finding(about="settings", state="note", message=message, hint="unset FLOWBOT_SIMULATOR")


def _project(library: Library, keyed: bool) -> Iterator[Finding]:
    errors = library.errors
    if errors:
        first = errors[0]
        message = (
            f"{len(errors)} mistake{'s' * (len(errors) != 1)}, the first at {first.file}:{first.line}: {first.message}"
        )
        yield Finding(about="project", state="wrong", message=message, hint="see `flowbot check`")
    secret = sorted(flow.id for flow in library.flows.values() if any(step.private for step in flow.steps.values()))
    if secret and not keyed:
        message = f"sensitive answers ({', '.join(secret)}) would lie in the store unencrypted"
        yield Finding(about="settings", state="wrong", message=message, hint="set FLOWBOT_SECRET_KEY")
    count = len(library.flows)
    yield Finding(about="project", state="ok", message=f"{count} flow{'s' if count != 1 else ''} can run")


def _channels(library: Library) -> Iterator[Finding]:
    for account in library.project.accounts.values():
        for channel in account.channels.values():
            about = f"channel {channel.key}"
            if channel.missing:
                yield Finding(about=about, state="off", message=_unset(channel.missing))
            else:
                yield Finding(about=about, state="ok", message=f"{channel.gateway} {channel.number}".strip())
                yield from _proof(channel, about)
        for endpoint in account.endpoints.values():
            about = f"endpoint {endpoint.key}"
            why = "" if library.project.allow_private_urls else unreached(endpoint.url)
            if endpoint.missing:
                yield Finding(about=about, state="off", message=_unset(endpoint.missing))
            elif why:
                yield Finding(about=about, state="wrong", message=f"{endpoint.url} {why}: no hook goes there")
            else:
                yield Finding(about=about, state="ok", message=endpoint.url)
    if library.project.allow_private_urls:
        message = "allow_private_urls is true: hooks may reach this machine and its network"
        yield Finding(about="project", state="note", message=message, hint="take it out in production")


def _proof(channel: Channel, about: str) -> Iterator[Finding]:
    """Would the provider's calls be believed, and nobody else's?"""
    if channel.gateway == "twilio" and not channel.webhook.startswith("https://"):
        message = f"Twilio cannot call {channel.webhook}, and signs the address that it calls"
        yield Finding(about=about, state="note", message=message, hint="set FLOWBOT_PUBLIC_URL to the public address")
    secret = channel.options.get("secret", "")
    if secret and len(secret) < SHORT and channel.gateway != "simulator":
        message = "its secret is short: who guesses it can write as any contact"
        yield Finding(about=about, state="note", message=message, hint="at least 24 characters, made by a machine")


def _data(settings: Settings) -> Iterator[Finding]:
    """Can the data folder be written to, where there is one? Contacts' files lie there, and calls that come once."""
    if not settings.data.is_dir():
        return
    try:
        with TemporaryFile(dir=settings.data) as file:
            file.write(bytes(4096))
    except OSError as error:
        message = f"{settings.data}: {error.strerror}"
        yield Finding(
            about="data folder", state="wrong", message=message, hint="make room, or FLOWBOT_DATA names another"
        )


def _files(settings: Settings) -> Iterator[Finding]:
    """Can a bucket be written, read and emptied? Who only finds out with a contact's passport finds out too late."""
    if not settings.files:
        return
    account, contact_id = "doctor", "doctor"
    path = path_of(account, contact_id, "doctor")
    try:
        files = files_of(settings)
        files.save(path, b"doctor")
        files.read(path)
        files.forget(account, contact_id)
    except FlowbotError as error:
        yield Finding(about="files", state="wrong", message=str(error), hint="see FLOWBOT_FILES in docs/operating.md")
    else:
        yield Finding(about="files", state="ok", message="the bucket can be written, read and emptied")


def _store(settings: Settings, library: Library | None) -> Iterator[Finding]:
    try:
        store = open_store(settings)
    except StoreError as error:
        if settings.redis_url:
            yield Finding(about="store", state="wrong", message=str(error))
        else:
            yield Finding(about="store", state="note", message="the embedded store is not running; see `flowbot run`")
        return
    try:
        yield from keeping(store, settings)
        yield from lag(store)
        yield from waiting(store, library.project if library is not None else Project())
        yield from templates(store, library) if library is not None else ()
    except StoreError as error:
        yield Finding(about="store", state="wrong", message=str(error))
    finally:
        store.close()


def _unset(names: tuple[str, ...]) -> str:
    return "not set: " + ", ".join(names)


def _show(finding: Finding) -> None:
    word, color = MARKS[finding.state]
    line = f"{click.style(f'{word:<6}', fg=color)} {finding.about}: {finding.message}"
    click.echo(line + (f"  ({finding.hint})" if finding.hint else ""))
