"""Translations whose source has changed since they were made, as problems of their files."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import ProjectError
from ...model.problem import Problem
from ..content import COMMON
from ..library import Library
from .record import FILE, Marks, read_marks
from .status import translations

_HINT = "translate it again; or, when it is right as it is: flowbot content status --accept"


def stale(library: Library) -> tuple[Problem, ...]:
    """None without a record; what is known of flows that are the same as before is not looked for again."""
    try:
        raw = (library.root / FILE).read_bytes()
        marks = read_marks(library.root)
    except (ProjectError, OSError):
        return ()  # without a record nothing is known to be stale; `flowbot content` says what is wrong with one
    known = library.stale if library.marks == raw else {}
    stems = (*library.flows, COMMON)
    found = {stem: known[stem] if stem in known else tuple(_problems(library, stem, marks)) for stem in stems}
    library.marks, library.stale = raw, found
    return tuple(problem for one in found.values() for problem in one)


def _problems(library: Library, stem: str, marks: Marks) -> Iterator[Problem]:
    files = library.folder.contents()
    for one in translations(library, stem):
        source = files[one.lang, one.stem].source if (one.lang, one.stem) in files else None
        for name in one.stale(marks) if source is not None else ():
            message = f"'{name}' was translated from words that have changed since"
            assert source is not None
            yield source.problem(one.target[name][0], "C418", message, hint=_HINT, level="warning")
