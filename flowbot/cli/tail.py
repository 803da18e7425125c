"""`flowbot tail`: what happens, as it happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from ..errors import NotFound, StoreError
from ..logs import visible
from ..model.duration import parse_duration
from ..settings import Settings
from ..store import tail
from ..store.client import Store
from ..wiring import load_library, open_store
from .options import with_settings

PAUSE = 0.25  # seconds between two looks
COLORS = {"in": "cyan", "out": "green", "failed": "red", "sent": "green"}
Line = dict[str, Any]


@click.command(name="tail")
@click.option("--account", help="One account's alone.")
@click.option("--contact", help="One contact's alone, by its id.")
@click.option("--texts", is_flag=True, help="With what is said, but for what is sensitive.")
@click.option("--for", "duration", metavar="DURATION", help="Stop after this, e.g. 30s. Default: at Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@with_settings
def command(
    settings: Settings, account: str | None, contact: str | None, texts: bool, duration: str | None, as_json: bool
) -> None:
    """Follow what happens in all conversations: what comes in, what each step does, what goes out and becomes of it.

    Never a number, and no texts unless --texts. It costs the running system nothing while nobody looks.
    """
    if account is not None and account not in load_library(settings).project.accounts:
        raise NotFound(f"there is no account '{account}'")
    until = time.monotonic() + _seconds(duration) if duration else float("inf")
    store = open_store(settings)
    try:
        for line in follow(store, tail.TEXTS if texts else tail.PLAIN, until):
            if _wanted(line, account, contact):
                click.echo(orjson.dumps(line) if as_json else sheet(line))
    except KeyboardInterrupt:
        pass
    finally:
        store.close()


def follow(store: Store, mode: str, until: float) -> Iterator[Line]:
    """Every line from now on, until then (monotonic seconds); a store that is away is waited for."""
    after = dict.fromkeys(range(store.partitions), f"{store.now()}-0")
    said = 0.0
    while time.monotonic() < until:
        try:
            if time.monotonic() - said >= tail.LOOKS / 3000:
                store.run(tail.look(mode))
                said = time.monotonic()
            yield from _news(store, after)
        except StoreError as error:
            click.echo(f"the store is away: {error}", err=True)
            said = 0.0
        time.sleep(PAUSE)


def _news(store: Store, after: dict[int, str]) -> Iterator[Line]:
    found: list[tuple[str, bytes]] = []
    for partition, lines in zip(after, store.all([tail.read(one, at) for one, at in after.items()]), strict=True):
        if lines:
            after[partition] = lines[-1][0]
            found += lines
    for _, line in sorted(found, key=lambda one: int(one[0].partition("-")[0])):
        yield orjson.loads(line)


def _wanted(line: Line, account: str | None, contact: str | None) -> bool:
    return (account is None or line["channel"].partition("/")[0] == account) and contact in (None, line["contact"])


def sheet(line: Line) -> str:
    """
    >>> print(click.unstyle(sheet({"at": 1, "channel": "a/m", "contact": "c1", "kind": "in", "what": "message"})))
    00:00:00 a/m c1 in     message
    """
    at = datetime.fromtimestamp(line["at"] / 1000, UTC).strftime("%H:%M:%S")
    kind = click.style(f"{line['kind']:<6}", fg=COLORS.get(line["kind"]))
    rest = [str(line[name]) for name in ("step", "what", "detail", "key", "message", "code") if line.get(name)]
    text = f" {orjson.dumps(line['text']).decode()}" if line.get("text") else ""
    return f"{at} {line['channel']} {line['contact']} {kind} {visible(' '.join(rest) + text)}"


def _seconds(text: str) -> float:
    try:
        return parse_duration(text) / 1000
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
