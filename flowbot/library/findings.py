"""What is wrong with a project: looked for when somebody asks, for nothing of it decides what runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ..model.problem import Problem
from ..model.project import Project
from .across import across
from .entries import content_problems
from .flows import languages_of, remarks_of
from .folder import Folder
from .ignores import silence
from .library import Findings, Library
from .template_use import template_use, uses
from .words.stale import stale


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at a library for its problems."""

    project: Project  # with accounts that do not run: what else is wrong with their flows is asked, too
    read: tuple[Problem, ...]  # found when the project was read

    def errors(self, library: Library) -> tuple[Problem, ...]:
        """What keeps something from running as it was meant; nothing that only warns is looked for."""
        return tuple(sorted({one for one in self._sure(library) if one.level == "error"}))

    def all(self, library: Library) -> Findings:
        """Everything, and what of it comments silence."""
        found = [*self._sure(library), *_told(library, remarks_of(library.made, library.contents))]
        found += _told(library, stale(library))
        reads = library.folder.reads.values()
        trusted = [read.source for read in reads if read.source and not read.mended]
        ignored, idle = silence(dict.fromkeys(found), trusted)
        return Findings(tuple(sorted(dict.fromkeys([*found, *idle]))), tuple(sorted(ignored)))

    def _sure(self, library: Library) -> Iterator[Problem]:
        return _told(library, self._found(library))

    def _found(self, library: Library) -> Iterator[Problem]:
        folder, made = library.folder, library.made
        yield from self.read
        for read in folder.reads.values():
            yield from read.problems
        yield from folder.strays()
        for one in made.values():
            yield from one.problems
        languages = languages_of(self.project)
        yield from content_problems(library.contents, made, languages, folder.root / "content" / "media")
        yield from across(folder, self.project, made)
        library.uses = uses(folder, library.uses)
        yield from template_use(folder, library.uses, library.templates)


def _told(library: Library, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Without those in lines of which nobody knows what they were meant to be."""
    return (one for one in problems if one.line not in _guessed(library.folder, one))


def _guessed(folder: Folder, problem: Problem) -> Collection[int]:
    """Lines of the problem's file in which only mistakes of YAML are said."""
    read = folder.reads.get(problem.file)
    return read.guessed if read is not None and not problem.code.startswith("Y") else ()
