"""The log as JSON, for tests that look at its lines."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator

from flowbot import logs


@contextlib.contextmanager
def logged(level: str = "INFO") -> Iterator[io.StringIO]:
    """What is logged meanwhile; afterwards the log is as it was."""
    root = logging.getLogger()
    before, was = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure(level, "json", out)
    yield out
    root.handlers[:], root.level = before, was
