"""Every problem that `flowbot check` or `flowbot test` can name: its meaning, why it matters, a bad and a good example.

The table is problems/*.yaml; docs/errors.md is made from it, and a test runs each bad example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import ProjectError
from .yaml import read_yaml

AREAS = {
    "yaml": "The file itself (Y)",
    "project": "flowbot.yaml (P)",
    "flow": "Flows: keys and steps (F)",
    "expression": "Expressions (E)",
    "content": "Content (C)",
    "start": "What starts a flow (K)",
    "template": "Templates (M)",
    "rule": "Rules (R)",
    "test": "Transcript tests (T)",
}
TESTS = "test"  # the area of what `flowbot test` says, and not `flowbot check`


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of problem. `bad` is the file `file`, wrong at `at` ("line:column"), in a project with `files`.

    `how`: "" as it stands; repeat, long, latin-1, link or absent for what cannot be written down in a table.
    """

    code: str
    meaning: str
    level: str = "error"  # the gravest it is reported with
    why: str = ""
    fix: str = ""
    bad: str = ""
    good: str = ""
    at: str = ""
    file: str = "flows/demo.yaml"
    files: Mapping[str, str] = field(default_factory=dict)
    how: str = ""
    area: str = ""


@cache
def codes() -> Mapping[str, Code]:
    """All codes in the order of the docs."""
    found: dict[str, Code] = {}
    for area in AREAS:
        file = files(__package__).joinpath("problems", f"{area}.yaml")
        for name, facts in _table(f"problems/{area}.yaml", file.read_bytes()).items():
            found[name] = Code(code=name, area=area, **facts)
    return found


def _table(name: str, raw: bytes) -> Mapping[str, Any]:
    read = read_yaml(name, raw)
    if read.source is None or read.problems:
        raise ProjectError(f"{name}: {read.problems[:1]}")
    table: Mapping[str, Any] = read.source.data
    return table
