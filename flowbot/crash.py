"""Named points at which a test kills this very process; nothing happens unless one is armed."""

from __future__ import annotations

import os
import signal

_armed: dict[str, int] = {}


def arm(spec: str) -> None:
    """Arm `point:n` (several joined by commas): the n-th time the point is passed, this process gets SIGKILL."""
    _armed.clear()
    for part in filter(None, spec.split(",")):
        name, _, count = part.partition(":")
        _armed[name] = int(count or 1)


def point(name: str) -> None:
    """Die here when armed and counted down."""
    if not _armed or name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
