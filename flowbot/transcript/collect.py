"""The pytest plugin: collects every `*.test.yaml` of a project, one item a test; `-p no:flowbot` leaves them out.

Secrets are not read: a chat needs none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest loads this at every start, also where nobody has a flow
    from ..library.library import Library
    from ..model.problem import Problem
    from .read import Transcript

_LIBRARIES: pytest.StashKey[dict[Path, Library]] = pytest.StashKey()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(".test.yaml"):
        return None
    root = next((folder for folder in file_path.parents if (folder / "flowbot.yaml").is_file()), None)
    return TranscriptFile.of(parent, file_path, root) if root else None


class TranscriptFile(pytest.File):
    """One file of transcripts."""

    root: Path

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, root: Path) -> TranscriptFile:
        made: TranscriptFile = cls.from_parent(parent, path=path)
        made.root = root
        return made

    def collect(self) -> Iterable[pytest.Item]:
        from .read import read

        tests, problems = read(self.path, self.root)
        for problem in problems:
            yield Mistake.of(self, problem)
        for test in tests:
            yield TranscriptItem.of(self, test)

    def library(self) -> Library:
        """The project, loaded once in a run."""
        from ..library.load import load

        kept = self.config.stash.setdefault(_LIBRARIES, {})
        if self.root not in kept:
            kept[self.root] = load(self.root, {})
        return kept[self.root]


class _Failed(Exception):
    """What pytest shows, without a traceback."""


class _Item(pytest.Item):
    line: int

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, _Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, self.name


class TranscriptItem(_Item):
    """One test."""

    test: Transcript
    file: TranscriptFile

    @classmethod
    def of(cls, parent: TranscriptFile, test: Transcript) -> TranscriptItem:
        made: TranscriptItem = cls.from_parent(parent, name=test.name)
        made.test, made.file, made.line = test, parent, test.number
        return made

    def runtest(self) -> None:
        from .run import play

        result = play(self.test, self.file.library())
        if not result.passed:
            chat = "".join(f"    {line}\n" for line in result.chat)
            raise _Failed(f"{self.test.file}:{result.number}\n{chat}  > {result.message}")


class Mistake(_Item):
    """What cannot be read fails."""

    problem: Problem

    @classmethod
    def of(cls, parent: TranscriptFile, problem: Problem) -> Mistake:
        made: Mistake = cls.from_parent(parent, name=f"line {problem.line}")
        made.problem, made.line = problem, problem.line
        return made

    def runtest(self) -> None:
        one = self.problem
        hint = f"\n    = {one.hint}" if one.hint else ""
        raise _Failed(f"{one.file}:{one.line}:{one.column} {one.message}{hint}")
