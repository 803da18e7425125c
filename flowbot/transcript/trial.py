"""What is said of the example of any code: by `flowbot check`, or by `flowbot test` of a file of tests."""

from __future__ import annotations

from pathlib import Path

from ..library.codes import TESTS, Code
from ..library.trial import Look, problems_of, said_of
from ..model.problem import Problem
from .read import find, read


def said(code: Code) -> str:
    """The same as text, with the line and a caret; "" for an example that cannot be shown."""
    return said_of(code, look_of(code))


def look_of(code: Code) -> Look:
    """Who finds its problems in a project."""
    return tests_of if code.area == TESTS else problems_of


def tests_of(root: Path) -> list[Problem]:
    """What is wrong with the files of tests of a project."""
    return [problem for file in find(root) for problem in read(file, root)[1]]
