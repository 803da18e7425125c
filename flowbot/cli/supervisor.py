"""Keeps processes alive: starts them, starts again what dies, stops them in order."""

from __future__ import annotations

import logging
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType

from ..errors import FlowbotError
from .child import LIVED, WAITS, Child, why

log = logging.getLogger(__name__)
GRACE = 4.0  # seconds each child has to stop by itself
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Post:
    """A child and its luck so far."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.running = False
        self.started = 0.0  # monotonic seconds
        self.quick = 0  # deaths at once, in a row
        self.due = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        try:
            self.child.start()
            self.running = True
        except (FlowbotError, OSError) as error:
            self._again(str(error))

    def look(self) -> None:
        """Notice its end, and start it again when it is due."""
        if self.running:
            code = self.child.ended()
            if code is not None:
                self.running = False
                self._again(why(code))
        if not self.running and time.monotonic() >= self.due:
            self.start()

    def _again(self, reason: str) -> None:
        lived = time.monotonic() - self.started
        self.quick = self.quick + 1 if lived < LIVED else 0
        wait = WAITS[min(max(self.quick - 1, 0), len(WAITS) - 1)]
        self.due = time.monotonic() + wait
        facts = {"role": self.child.name, "reason": reason, "attempt": self.quick, "ms": round(wait * 1000)}
        log.log(logging.ERROR if wait >= 1 else logging.WARNING, "run.child_ended", extra=facts)


class Supervisor:
    """Runs the children until a signal asks it to stop.

    They are started in the order given and stopped in the order `stop_order` names them. A second signal while
    stopping kills what is left.
    """

    def __init__(self, children: Sequence[Child], stop_order: Sequence[str], grace: float = GRACE) -> None:
        self.posts = [Post(child) for child in children]
        self._grace = grace
        self._stop_order = tuple(stop_order)
        self._signals = 0
        self._reader, self._writer = socket.socketpair()

    def run(self, ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Start all; call `when_ready` once, as soon as all run and `ready()` holds; return after all have stopped."""
        self._listen()
        told = False
        for post in self.posts:
            if self._signals:
                break
            post.start()
        while not self._signals:
            for post in self.posts:
                post.look()
            if not told and self.all_run() and ready():
                told = True
                when_ready()
            self._rest(None if told else 0.05)
        self.stop()

    def all_run(self) -> bool:
        return all(post.running and post.child.ended() is None for post in self.posts)

    def stop(self) -> None:
        """Ask each to stop, one after the other, and kill what does not."""
        asked = self._signals
        for name in self._stop_order:
            for post in self.posts:
                if post.running and post.child.name == name:
                    self._stop(post, asked)

    def _stop(self, post: Post, asked: int) -> None:
        until = time.monotonic() + self._grace
        post.child.ask_to_stop()
        while post.child.ended() is None and time.monotonic() < until and self._signals <= asked:
            self._rest(min(0.2, max(0.0, until - time.monotonic())))
        if post.child.ended() is None:
            log.warning("run.child_killed", extra={"role": post.child.name})
            post.child.kill()
        post.running = False

    def _listen(self) -> None:
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in _STOPPING:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1

    def _rest(self, seconds: float | None) -> None:
        """Sleep until a signal, a restart that is due, or `seconds`."""
        dues = [post.due - time.monotonic() for post in self.posts if not post.running and not self._signals]
        waits = [wait for wait in (seconds, *dues) if wait is not None]
        select.select([self._reader], [], [], max(0.01, min(waits)) if waits else 30.0)
        while True:
            try:
                if not self._reader.recv(512):
                    return
            except BlockingIOError:
                return
