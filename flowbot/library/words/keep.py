"""Writing changed files of a project: each whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def keep(root: Path, files: Mapping[str, bytes]) -> None:
    """Content files first, so that a flow never names an entry that is not there yet; OSError."""
    for file in sorted(files, key=lambda name: (name.startswith("flows/"), name)):
        path = (root / file).resolve()  # a link stays one
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(files[file])
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        os.replace(beside, path)
