"""A misspelled key, written as it was meant."""

from __future__ import annotations

import re
from typing import Any

from ...model.problem import Path, Problem, Source
from ..yaml import read_yaml
from .fix import cut

CODES = ("P101", "F201", "C401")  # unknown keys
_HINT = re.compile(r"did you mean '([A-Za-z_][\w-]*)'\?")


def suggested(problem: Problem) -> str:
    """The key that `check` takes this one for; "" when it has no idea."""
    found = _HINT.fullmatch(problem.hint)
    return found[1] if found and problem.code in CODES else ""


def renamed(source: Source, problem: Problem) -> str | None:
    """The file with that key as suggested; None when anything else of its data would be another."""
    place, new = (problem.line, problem.column), suggested(problem)
    path = next((path for path, one in source.keys.items() if one == place), None)
    if path is None or not new:
        return None
    old = str(path[-1])
    parts = cut(source.text)
    line, at = parts[2 * problem.line - 2], problem.column - 1
    at += line[at : at + 1] in ("'", '"')
    if not line.startswith(old, at):
        return None
    parts[2 * problem.line - 2] = line[:at] + new + line[at + len(old) :]
    text = "".join(parts)
    after = read_yaml(source.file, text.encode())
    same = after.source is not None and after.source.data == _with(source.data, path, new)
    return text if same and len(after.problems) <= len(read_yaml(source.file, source.text.encode()).problems) else None


def _with(data: Any, path: Path, new: str) -> Any:
    """The data with the key at `path` called `new`; a key of that name that is there already stays."""
    if isinstance(data, list):
        return [_with(item, path[1:], new) if index == path[0] else item for index, item in enumerate(data)]
    if len(path) > 1:
        return {key: _with(item, path[1:], new) if key == path[0] else item for key, item in data.items()}
    return None if new in data else {new if key == path[0] else key: item for key, item in data.items()}
