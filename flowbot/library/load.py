"""From a project's folder to a Library, with every problem of every file in one go."""

from __future__ import annotations

import gc
from collections.abc import Collection, Mapping
from pathlib import Path

from ..engine.flow import Flow
from ..engine.rules.rule import Rule
from ..model.problem import Problem
from ..model.project import Project
from .content import Contents
from .findings import Look
from .flows import Made, config_keys, facts_of, make_flows
from .folder import PROJECT, Folder
from .library import Library
from .project import look, runs
from .rules import Around, read_rules
from .templates import read_templates

__all__ = ["Library", "load"]


def load(root: Path, environ: Mapping[str, str], *, before: Library | None = None, remarks: bool = False) -> Library:
    """The project as it is on disk; what is broken is among its `problems`, and the rest runs.

    With `before`, only files that have changed are read and compiled again, and a flow or flowbot.yaml that is broken
    now stays as it last was. `remarks`: for who will ask for the problems, which are else looked for when that comes.
    """
    collected = gc.isenabled()
    gc.disable()  # what is made here stays, and it is much: collecting takes a third of the time
    try:
        folder = Folder.read(Path(root), before.folder if before else None)
        library = build(folder, environ, before=before, remarks=remarks)
        if remarks:
            library.examine()  # while the collector rests
        return library
    finally:
        if collected:
            gc.enable()


def build(
    folder: Folder, environ: Mapping[str, str], *, before: Library | None = None, remarks: bool = False
) -> Library:
    """The library of files that have been read."""
    project, shown, problems = _project(folder, environ, before)
    contents = Contents(folder.contents(), before.contents if before else None)
    files = folder.templates()
    templates, wrong = read_templates(files)
    if before is not None:  # what is broken now stays as it last was
        templates = {**{name: one for name, one in before.templates.items() if name in files}, **templates}
    rules, mistakes = read_rules(folder.rules(), _around_rules(folder, shown))
    if before is not None:
        rules = {**_still(before.all_rules, folder, mistakes), **rules}
    known, facts = before.made if before else {}, facts_of(shown, folder)
    made = make_flows(folder.flows(), contents, shown, facts, known, remarks=remarks)
    library = Library(
        folder=folder,
        contents=contents,
        project=project,
        made=made,
        flows=_flows(made, before),
        templates=templates,
        rules=rules,
        look=Look(shown, (*problems, *wrong, *mistakes)),
    )
    if before is not None:
        library.keep_from(before)
    return library


def _around_rules(folder: Folder, project: Project) -> Around:
    accounts = project.accounts.values()
    return Around(
        templates=tuple(folder.templates()),
        flows=tuple(folder.flows()),
        accounts=tuple(project.accounts),
        channels=tuple(dict.fromkeys(name for account in accounts for name in account.channels)),
        contact_fields=tuple(dict.fromkeys(name for account in accounts for name in account.contact_fields)),
        config=config_keys(project),
    )


def _still(before: Mapping[str, Rule], folder: Folder, mistakes: Collection[Problem]) -> dict[str, Rule]:
    """Rules of files that are broken now, as they last were; those that were taken out are gone."""
    broken = {problem.file for problem in mistakes if problem.level == "error"}
    files = {stem: f"rules/{stem}.yaml" for stem, read in folder.rules().items()}
    unsound = {stem for stem, read in folder.rules().items() if not read.sound or files[stem] in broken}
    return {name: rule for name, rule in before.items() if name.partition(".")[0] in unsound}


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
    shown, problems = look(read.source, environ)
    return kept if read.mended else runs(shown), shown, list(problems)


def _flows(made: Mapping[str, Made], before: Library | None) -> dict[str, Flow]:
    found: dict[str, Flow] = {}
    for id, one in made.items():
        last = before.flows.get(id) if before else None
        flow = one.flow or last
        if flow is not None:
            found[id] = flow
    return found
