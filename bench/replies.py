"""What a reply has to wait while a broadcast goes on: comes in and is queued, is sent, is cancelled.

Windows on an idle system lie between those of the broadcasts, so that what else the machine does is in all of them.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator

from flowbot.store.client import Store
from tests.crash.people import UnixConnection
from tests.crash.town import Town

from .audience import RATE, RECIPIENTS, cancel, draft, file, key, project, total, upload, waiting
from .result import Result
from .speaker import PAUSE, Speaker
from .town import percentile, town

ENOUGH = 1000  # replies in each kind of window: below, the 99th percentile is not one
EACH = 12.0  # seconds of a window that nothing else ends
SETTLE = 1.0  # seconds between two windows
LONGEST = 20  # rounds
BAR = 2.0  # times the idle one
PHASES = ("comes in and is queued", "is sent", "is cancelled")


def measure() -> list[Result]:
    took: dict[str, list[float]] = {name: [] for name in ("idle", *PHASES)}
    sent = 0
    with town() as made, project(made) as store, contextlib.closing(Speaker(made.web_socket)) as speaker:
        windows = Windows(made, speaker)
        windows.during("idle", lambda: windows.lasted < 2.0)  # to get warm
        connection, token = UnixConnection(made.web_socket, timeout=300), key(store)
        for round in range(LONGEST):
            for name, spent in _round(windows, store, connection, token, round):
                took[name] += spent
            sent += total(store, windows.broadcast, "sent")
            if all(len(spent) >= ENOUGH for spent in took.values()):
                break
    idle = took.pop("idle")
    return [_result(name, idle, spent, sent) for name, spent in took.items()]


def _round(
    windows: Windows, store: Store, connection: UnixConnection, token: str, round: int
) -> Iterator[tuple[str, list[float]]]:
    yield "idle", windows.during("idle", lambda: windows.lasted < EACH)
    windows.broadcast = id = draft(connection, token)
    coming = threading.Thread(target=upload, args=(connection, token, id, file(round)))
    coming.start()
    queued: Callable[[], bool] = lambda: not coming.is_alive() and total(store, id, "made") >= RECIPIENTS  # noqa: E731
    yield PHASES[0], windows.during(PHASES[0], lambda: not queued())
    yield PHASES[1], windows.during(PHASES[1], lambda: windows.lasted < EACH)
    cancel(connection, token, id)
    yield PHASES[2], windows.during(PHASES[2], lambda: waiting(store, id))


class Windows:
    """Replies measured while something goes on, one window after the other."""

    broadcast = ""

    def __init__(self, made: Town, speaker: Speaker) -> None:
        self._made = made
        self._speaker = speaker
        self._numbers = itertools.count(10)
        self._began = 0.0

    @property
    def lasted(self) -> float:
        return time.monotonic() - self._began

    def during(self, name: str, more: Callable[[], bool]) -> list[float]:
        """ms from each webhook's arrival to our call of the provider, until there is no more."""
        time.sleep(SETTLE)
        self._began = time.monotonic()
        self._speaker.begin(f"57302{next(self._numbers)}")
        while more():
            time.sleep(0.1)
        said = self._speaker.end()
        end = time.monotonic() + 60
        while len(first := self._first(said)) < len(said):
            if time.monotonic() > end:
                raise SystemExit(f"{name}: not all answers within a minute")
            time.sleep(0.05)
        return [1000 * (first[number] - began) for number, (began, _) in said.items()]

    def _first(self, said: dict[str, tuple[float, float]]) -> dict[str, float]:
        found: dict[str, float] = {}
        for one in list(self._made.provider.log.taken):
            if one.to in said:
                found.setdefault(one.to, one.at)
        return found


def _result(name: str, idle: list[float], spent: list[float], sent: int) -> Result:
    one, other = percentile(idle, 0.99), percentile(spent, 0.99)
    note = f"idle {one:.0f} ms, then {other:.0f} ms; p50 {percentile(idle, 0.5):.0f} and {percentile(spent, 0.5):.0f}"
    note += f"; {len(idle):,} and {len(spent):,} replies at {1 / PAUSE:.0f}/s, {RECIPIENTS:,} recipients"
    if name == "is sent":
        note += f", {RATE} for all: {sent:,} of the broadcasts' sent"
    what = f"a reply's p99 while a broadcast {name}, to the idle one"
    return Result(what=what, value=other / one, unit="x", at_most=BAR, note=note)
