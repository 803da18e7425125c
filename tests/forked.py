"""What a forked process does first: it takes what a command has of its parent. Imported by its full name only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from io import FileIO, TextIOWrapper


def settle(environ: Mapping[str, str], *, read: str, out: str, errors: str) -> None:
    """A group and an environment of its own, and where it reads and writes."""
    os.setsid()
    write = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for number, (path, mode) in enumerate(((read, os.O_RDONLY), (out, write), (errors, write))):
        opened = os.open(path, mode, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environ)


def command(arguments: Sequence[str], environ: Mapping[str, str], folder: str, streams: Mapping[str, str]) -> None:
    """`flowbot …`, as `python -m flowbot` would run it in that folder."""
    settle(environ, **streams)
    os.chdir(folder)
    sys.stdin = TextIOWrapper(FileIO(0, closefd=False), "utf-8", "surrogateescape")
    sys.stdout = TextIOWrapper(FileIO(1, "w", closefd=False), "utf-8", "surrogateescape")
    sys.stderr = TextIOWrapper(FileIO(2, "w", closefd=False), "utf-8", "backslashreplace")
    sys.argv = ["flowbot", *arguments]
    from flowbot.__main__ import main

    main(list(arguments))
