"""What `flowbot check` has found, ready to be said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ...library.baseline import Known
from ...model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    root: Path  # of the project
    files: int  # that were read
    problems: tuple[Problem, ...]  # what is said; neither ignored nor in the baseline
    here: Path = Path()  # what paths are relative to where a format shows whole ones; absolute
    ignored: int = 0  # silenced by comments
    known: int = 0  # in the baseline
    gone: tuple[Known, ...] = ()  # in the baseline, and mended
    fixed: tuple[str, ...] = ()  # "flows/a.yaml:4:2: nxt -> next"

    @property
    def failed(self) -> bool:
        return any(one.level == "error" for one in self.problems)

    def path(self, file: str) -> str:
        """The file as seen from `here`, with slashes; whole when it lies elsewhere."""
        whole = self.root.resolve() / file
        here = self.here.resolve()
        return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()

    def uri(self, file: str) -> str:
        path = self.path(file)
        return ("file://" if path.startswith("/") else "") + quote(path, safe="/~")
