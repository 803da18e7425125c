"""The real processes for a measurement: those of the kill tests, with nothing that goes wrong."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.crash import meta
from tests.crash.people import UnixConnection
from tests.crash.town import WEBHOOK, Town


@contextlib.contextmanager
def town(**parts: int) -> Iterator[Town]:
    """One process of each role, and a provider that answers well."""
    doors = {"workers": 1, "senders": 1, "hooks": 1, "webs": 1, **parts}
    with tempfile.TemporaryDirectory(prefix="bench") as name, Town(Path(name), **doors) as made:
        yield made


def webhook(number: str, name: str, words: str) -> tuple[bytes, dict[str, str]]:
    """A signed message from a contact."""
    body = meta.text(name, number, words, int(time.time()))
    return body, meta.signed(body)


def post(connection: UnixConnection, body: bytes, headers: dict[str, str]) -> int:
    connection.request("POST", WEBHOOK, body=body, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def until(what: str, holds: object, seconds: float) -> None:
    """Wait until `holds()` is true."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


def percentile(values: list[float], share: float) -> float:
    """
    >>> percentile([3.0, 1.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
