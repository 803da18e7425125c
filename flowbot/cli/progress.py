"""How far something long is: a bar where somebody looks, nothing where a file does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress(what: str, file: BinaryIO) -> Iterator[BinaryIO]:
    """The file, and a bar that follows its reading."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=_size(file))
        yield bar.wrap_file(file, task_id=task)


@contextmanager
def sending() -> Iterator[Callable[[Mapping[str, int]], None]]:
    """What shows a broadcast's statistics."""
    console = Console(stderr=True)
    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("sending", total=None, failed="")

        def show(found: Mapping[str, int]) -> None:
            failed = f"{found['failure']:,} failed" if found["failure"] else ""
            bar.update(task, total=found["total"], completed=found["total"] - found["pending"], failed=failed)

        yield show


def _size(file: BinaryIO) -> int | None:
    """None for what comes through a pipe."""
    try:
        return os.fstat(file.fileno()).st_size or None
    except (OSError, AttributeError):
        return None
