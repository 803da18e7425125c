"""Where a project is."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = ".flowbot"  # of what belongs to this machine


def find_root(start: Path) -> Path:
    """The project's folder: where `start` is, or the nearest above it that has a flowbot.yaml."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "flowbot.yaml").is_file():
            return start if folder == here else folder
    raise click.UsageError(f"{start} is not in a project: there is no flowbot.yaml here or above")
