"""How flows, rules, words and flowbot.yaml use templates, held against what the templates are.

A mistake here stops no flow: what cannot be filled is refused when it is sent, and the flow goes its way for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.reengage import YES_NO
from ..model.problem import Path, Problem, Source, suggest
from ..model.template import Template, Wording, provider_language
from .folder import PROJECT, Folder
from .templates import unknown
from .yaml import Read

Templates = Mapping[str, Template]
Row = tuple[Path, Mapping[str, Any]]  # a mapping that names a template, and its place
CATEGORY = "authentication"
VALUES = ("with", "set", "succeed")  # what is below is the author's own; but of a `verify` the template of its code


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a file names templates, and the reading of it that says so."""

    read: Read
    rows: tuple[Row, ...]


def uses(folder: Folder, before: Mapping[str, Uses]) -> dict[str, Uses]:
    """By file, where it names templates; looked for once in each."""
    found = {}
    for file, read in folder.reads.items():
        known = before.get(file)
        if known is not None and known.read is read:
            found[file] = known
        elif read.source is not None and "template" in read.source.text:
            found[file] = Uses(read, tuple(_rows(read.source.data, ())))
    return found


def template_use(folder: Folder, named: Mapping[str, Uses], templates: Templates) -> Iterator[Problem]:
    """Every such mistake; templates that are not there at all only where no flow's compiling has said it."""
    names = folder.templates()
    flows = {id(read) for read in (*folder.flows().values(), *folder.rules().values())}
    words = {id(read) for read in folder.contents().values()}
    for file, one in named.items():
        source = one.read.source
        if source is None:
            continue
        if id(one.read) in flows:
            yield from _flow(source, one.rows, templates)
        elif id(one.read) in words:
            yield from _words(source, one.rows, templates, names)
        elif file == PROJECT:
            yield from _codes(source, templates, names)


def _flow(source: Source, rows: Iterable[Row], templates: Templates) -> Iterator[Problem]:
    for path, row in rows:
        name, language = _named(row["template"])
        template = templates.get(name)
        if template is None:
            continue  # M511, or its own file is broken
        where = (*path, "template")
        if path == ("start",):
            if not template.invites:
                yield _unfit(source, where, name, "has no Continue and Cancel", "write both labels in its file")
        elif path[-1:] == ("with",) or "verify" in row:
            if template.category != CATEGORY:
                yield _unfit(source, where, name, f"is {template.category}", "a code goes by category: authentication")
        else:
            yield from _step(source, path, row, template, language)


def _step(source: Source, path: Path, row: Mapping[str, Any], template: Template, language: str) -> Iterator[Problem]:
    if template.category == CATEGORY:
        hint = "a step's `verify: otp` sends it"
        yield _unfit(source, (*path, "template"), template.name, "carries one-time codes and nothing else", hint)
        return
    found = None
    if language:
        spoken = template.wordings.values()
        found = [one for one in spoken if provider_language(one.language) == provider_language(language)]
        if not found:
            message = f"the template '{template.name}' is not written in '{language}'"
            hint = f"it is in {', '.join(template.wordings)}"
            yield source.problem((*path, "template", "language"), "M515", message, hint=hint, on_value=True)
    yield from _filled(source, path, row, template, found)
    if "choices" in row or "expect" in row:
        yield from _buttons(source, path, row, template)


def _filled(
    source: Source, path: Path, row: Mapping[str, Any], template: Template, wordings: list[Wording] | None
) -> Iterator[Problem]:
    """`with` gives each variable a value, and nothing else; `wordings` are those of a language that is forced."""
    given = row.get("with", {})
    if not isinstance(given, Mapping):
        return
    known = template.variables
    needed = [name for one in wordings for name in one.variables] if wordings else known
    lacks = [name for name in needed if name not in given]
    if lacks:
        message = f"the template '{template.name}' lacks a value for {', '.join(lacks)}"
        where = (*path, "with") if "with" in row else (*path, "template")
        hint = f"with: {{{', '.join(f'{name}: …' for name in lacks)}}}"
        yield source.problem(where, "M512", message, hint=hint)
    for name in given:
        if name not in known:
            hint = suggest(str(name), known) or (f"it has {', '.join(known)}" if known else "it has none")
            message = f"the template '{template.name}' has no variable '{name}'"
            yield source.problem((*path, "with", name), "M512", message, hint=hint)


def _buttons(source: Source, path: Path, row: Mapping[str, Any], template: Template) -> Iterator[Problem]:
    """A waiting step's choices are the template's buttons."""
    choices = row.get("choices", {})
    ids = [str(one) for one in choices] if isinstance(choices, (Mapping, list)) else []
    for place, id in enumerate(ids):
        if id not in template.replies:
            last = id if isinstance(choices, Mapping) else place
            hint = suggest(id, template.replies) or f"it has {', '.join(template.replies) or 'none'}"
            message = f"the template '{template.name}' has no button '{id}'"
            yield source.problem((*path, "choices", last), "M513", message, hint=hint)
    always = YES_NO if "reengage" in path else ()
    left = [id for id in template.replies if id not in (*ids, *always)]
    if ids and left:
        message = f"nothing waits for the button {', '.join(left)} of the template '{template.name}'"
        hint = f"choices: {{{left[0]}: …}}, or remove the button"
        yield source.problem((*path, "choices"), "M513", message, hint=hint, level="warning")


def _words(source: Source, rows: Iterable[Row], templates: Templates, names: Iterable[str]) -> Iterator[Problem]:
    """What stands for an entry outside of the 24-hour window."""
    for path, row in rows:
        if not path or path[-1] != "outside" or not isinstance(row["template"], str):
            continue
        name = row["template"]
        template = templates.get(name)
        if template is not None:
            yield from _step(source, path, row, template, "")
        elif name not in names:
            message, hint = unknown(name, templates)
            yield source.problem((*path, "template"), "M511", message, hint=hint, on_value=True)


def _codes(source: Source, templates: Templates, names: Iterable[str]) -> Iterator[Problem]:
    accounts = source.data.get("accounts") if isinstance(source.data, Mapping) else None
    for account, data in accounts.items() if isinstance(accounts, Mapping) else ():
        codes = data.get("codes") if isinstance(data, Mapping) else None
        name = codes.get("template") if isinstance(codes, Mapping) else None
        path: Path = ("accounts", account, "codes", "template")
        if not isinstance(name, str):
            continue
        if name in templates:
            if templates[name].category != CATEGORY:
                told = f"is {templates[name].category}"
                yield _unfit(source, path, name, told, "a code goes by category: authentication")
        elif name not in names:
            message, hint = unknown(name, templates)
            yield source.problem(path, "M511", message, hint=hint, on_value=True)


def _unfit(source: Source, path: Path, name: str, why: str, hint: str) -> Problem:
    return source.problem(path, "M514", f"the template '{name}' {why}", hint=hint, on_value=True)


def _rows(data: Any, path: Path) -> Iterator[Row]:
    """Every mapping that names a template, with its place."""
    if isinstance(data, Mapping):
        if isinstance(data.get("template"), (str, Mapping)) and path != ("start", "template"):
            yield path, data
        for key, value in data.items():
            if key not in VALUES or (key == "with" and "verify" in data and path[-1:] != ("with",)):
                yield from _rows(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _rows(value, (*path, index))


def _named(given: Any) -> tuple[str, str]:
    """A template's name, and the language that it is sent in whatever the contact speaks."""
    if isinstance(given, Mapping):
        return str(given.get("name", "")), str(given.get("language", "") or "")
    return str(given), ""
