"""A flow's version must be the same in every process that reads the same files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
from pathlib import Path
from flowbot.library.load import load
print({name: flow.version for name, flow in sorted(load(Path(), {}).flows.items())})
"""


def test_versions_do_not_depend_on_the_process() -> None:
    """Python's own hashes differ from process to process: nothing of a set's order may get into a version."""
    seen = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={"PYTHONHASHSEED": str(seed), "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(1, 5)
    }
    assert len(seen) == 1
