"""A broadcast's recipients taken in, checked and queued; and what a reply has to wait while it goes on."""

from __future__ import annotations

import os
import time

from tests.crash.people import UnixConnection

from . import replies
from .audience import RECIPIENTS, draft, file, key, project, total, upload
from .idle import spent
from .result import Result
from .town import town, until


def measure() -> list[Result]:
    return [_queued(), *replies.measure()]


def _queued() -> Result:
    """From the first byte of the file until the last message is in the outbox; nobody sends meanwhile."""
    with town(workers=0, senders=0) as made, project(made) as store:
        connection, token = UnixConnection(made.web_socket, timeout=300), key(store)
        id, body = draft(connection, token), file()
        before, began = _spent(), time.perf_counter()
        upload(connection, token, id, body)
        taken = time.perf_counter() - began
        until("all are queued", lambda: total(store, id, "made") >= RECIPIENTS, 600)
        took, cpu = time.perf_counter() - began, 1e6 * (_spent() - before) / RECIPIENTS
    note = f"{RECIPIENTS:,} in {took:.1f} s, {taken:.1f} s of them the web's; {cpu:.0f} us of CPU each, all processes"
    what = "broadcast: recipients taken in, checked and queued"
    return Result(what=what, value=RECIPIENTS / took, unit="/s", at_least=5000, note=note)


def _spent() -> float:
    """CPU seconds of all that the town is made of; the provider's stub and the measuring are ours."""
    return sum(seconds for (pid, _), seconds in spent(os.getpid()).items() if pid != os.getpid())
