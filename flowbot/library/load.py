"""From a project's folder to a Library, with every problem of every file in one go."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ..engine.flow import Flow
from ..engine.lint.heard import between
from ..engine.lint.starts import clashes
from ..engine.starts import Starts
from ..model.problem import Problem, Source, suggest
from ..model.project import Project
from .content import Contents
from .entries import content_problems
from .flows import Made, make_flows
from .folder import PROJECT, Folder
from .ignores import silence
from .library import Library
from .project import read_project
from .templates import read_templates
from .yaml import Read

__all__ = ["Library", "load"]


def load(root: Path, environ: Mapping[str, str], *, before: Library | None = None) -> Library:
    """The project as it is on disk; what is broken is among `problems`, and the rest runs.

    With `before`, only files that have changed are read and compiled again, and a flow or flowbot.yaml that is broken
    now stays as it last was.
    """
    collected = gc.isenabled()
    gc.disable()  # what is made here stays, and it is much: collecting takes a third of the time
    try:
        return build(Folder.read(Path(root), before.folder if before else None), environ, before=before)
    finally:
        if collected:
            gc.enable()


def build(folder: Folder, environ: Mapping[str, str], *, before: Library | None = None) -> Library:
    """The library of files that have been read."""
    project, shown, problems = _project(folder, environ, before)
    contents = Contents(folder.contents(), before.contents if before else None)
    files = folder.templates()
    templates, wrong = read_templates(files)
    if before is not None:  # what is broken now stays as it last was
        templates = {**{name: one for name, one in before.templates.items() if name in files}, **templates}
    reads = folder.flows()
    made = make_flows(reads, contents, shown, files, before.made if before else {})
    problems += [problem for read in folder.reads.values() for problem in read.problems]
    problems += folder.strays()
    problems += wrong
    problems += [problem for one in made.values() for problem in one.problems]
    problems += content_problems(contents, reads, folder.root / "content" / "media")
    problems += _unknown_flows(folder, shown, reads)
    problems += _idle_flows(shown, made)
    flows = _flows(made, before)
    problems += _clashes(shown, made)
    problems = [one for one in problems if one.line not in _guessed(folder, one)]
    ignored, idle = silence(
        dict.fromkeys(problems), [read.source for read in folder.reads.values() if read.source and not read.mended]
    )
    library = Library(
        folder=folder,
        contents=contents,
        project=project,
        made=made,
        flows=flows,
        templates=templates,
        problems=tuple(sorted(dict.fromkeys([*problems, *idle]))),
        ignored=tuple(sorted(ignored)),
    )
    if before is not None:
        library.keep_from(before)
    return library


def _project(
    folder: Folder, environ: Mapping[str, str], before: Library | None
) -> tuple[Project, Project, list[Problem]]:
    """The project that runs, what `check` takes for it, and its problems."""
    read = folder.reads.get(PROJECT)
    kept = before.project if before else Project()
    if read is None or read.source is None:
        missing = Problem(
            file=PROJECT,
            code="P113",
            message="there is no flowbot.yaml",
            hint="go to the project's folder, or name it with --project",
        )
        return kept, kept, [missing] if read is None else []
    project, problems = read_project(read.source, environ)
    return kept if read.mended else project, project, list(problems)


def _guessed(folder: Folder, problem: Problem) -> Collection[int]:
    """Lines of the problem's file in which only mistakes of YAML are said."""
    read = folder.reads.get(problem.file)
    return read.guessed if read is not None and not problem.code.startswith("Y") else ()


def _flows(made: Mapping[str, Made], before: Library | None) -> dict[str, Flow]:
    found: dict[str, Flow] = {}
    for id, one in made.items():
        last = before.flows.get(id) if before else None
        flow = one.flow or last
        if flow is not None:
            found[id] = flow
    return found


def _clashes(project: Project, made: Mapping[str, Made]) -> list[Problem]:
    drafts: dict[str, tuple[Flow, Source]] = {
        id: (one.draft, one.read.source) for id, one in made.items() if one.draft and one.read.source
    }
    channels = []
    for account in project.accounts.values():
        flows = [flow for id, (flow, _) in sorted(drafts.items()) if not account.flows or id in account.flows]
        channels += [(Starts.of(flows, channel), flows) for channel in account.channels]
    return [*clashes((book for book, _ in channels), drafts), *between(channels, drafts)]


def _unknown_flows(folder: Folder, project: Project, reads: Mapping[str, Read]) -> Iterator[Problem]:
    """Flows that flowbot.yaml names and that are not there."""
    source = folder.reads[PROJECT].source if PROJECT in folder.reads else None
    if source is None:
        return
    for account in project.accounts.values():
        for index, name in enumerate(account.flows):
            if name not in reads:
                path = ("accounts", account.name, "flows", index)
                hint = suggest(name, reads) or f"there is no flows/{name}.yaml"
                yield source.problem(path, "P111", f"there is no flow '{name}'", hint=hint, on_value=True)


def _idle_flows(project: Project, made: Mapping[str, Made]) -> Iterator[Problem]:
    """Flows that are there, while every account names the flows that it runs, and none names them."""
    accounts = project.accounts.values()
    if not accounts or not all(account.flows for account in accounts):
        return
    named = {name for account in accounts for name in account.flows}
    for id, one in made.items():
        if id not in named and one.read.source is not None:
            hint = f"add {id} to an account's `flows` in flowbot.yaml, or leave that key out: then it runs all"
            message = f"no account runs the flow '{id}'"
            yield one.read.source.problem((), "P115", message, hint=hint, level="warning")
