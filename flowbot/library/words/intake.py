"""Translations that came back: which of them are taken, and what the content files become."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...engine.content import Content
from ...engine.entry import PLURALS
from ...engine.expressions import compile_text
from ...engine.lint.case import names_in
from ...errors import ExpressionError
from ...model.problem import Path, suggest
from .line import Line
from .record import Marks, is_stale, mark
from .status import Translation
from .units import origin


@dataclass(slots=True, kw_only=True)
class Intake:
    """What to change in one file, and what is refused: (line, context, reason)."""

    one: Translation
    changes: dict[Path, Any] = field(default_factory=dict)
    taken: dict[str, Line] = field(default_factory=dict)
    refused: list[tuple[int, str, str]] = field(default_factory=list)

    def note(self, marks: Marks) -> None:
        """Record the source that each of them was made from: as the translator saw it."""
        known = marks.setdefault(self.one.lang, {}).setdefault(self.one.stem, {})
        known.update({name: mark(line.source, line.translation) for name, line in self.taken.items()})


def take(found: Sequence[Translation], lines: Iterable[Line], marks: Marks) -> list[Intake]:
    """One for each file; lines without a translation, or with the one that is there, change nothing."""
    intakes = {one.stem: Intake(one=one) for one in found}
    names = {f"{one.stem}:{name}": (one.stem, name) for one in found for name in one.names()}
    strays = Intake(one=found[0]) if found else None
    fresh: dict[str, dict[str, Line]] = {}
    for line in lines:
        if not line.translation.strip():
            continue
        if line.context not in names:
            hint = suggest(line.context, names)
            if strays:
                strays.refused.append((line.at, line.context, "there is no such text" + (f"; {hint}" if hint else "")))
            continue
        stem, name = names[line.context]
        intake = intakes[stem]
        if name in intake.one.target and intake.one.target[name][1] == line.translation:
            recorded = marks.get(intake.one.lang, {}).get(stem, {}).get(name, "")
            if not line.stale and is_stale(recorded, origin(name, intake.one.source), line.translation):
                intake.taken[name] = line  # still right, says the translator
            continue
        if name in fresh.get(stem, {}):
            intake.refused.append((line.at, line.context, "it stands in the file twice"))
            continue
        reason = objection(line.translation, origin(name, intake.one.source))
        if reason:
            intake.refused.append((line.at, line.context, reason))
        else:
            fresh.setdefault(stem, {})[name] = line
    for stem, made in fresh.items():
        _lay(intakes[stem], made)
    return [*intakes.values(), *([strays] if strays and strays.refused else [])]


def objection(translation: str, source: str) -> str:
    """Why a translation can't be used; "" when it can.

    >>> objection("Hola {{ contact.nombre }}", "Hi {{ contact.name }}")
    'it has {{ contact.nombre }}, which the source does not'
    """
    try:
        compile_text(translation)
    except ExpressionError as error:
        return f"it cannot be read: {error}"
    if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in translation):
        return "it holds a character that no text may hold"
    here, there = set(names_in(translation)), set(names_in(source))
    if extra := sorted(here - there):
        return f"it has {{{{ {extra[0]} }}}}, which the source does not"
    if lacking := sorted(there - here - {"n"}):
        return f"it lacks {{{{ {lacking[0]} }}}}"
    return ""


def _lay(intake: Intake, made: Mapping[str, Line]) -> None:
    """Where each text goes in the file; what finds no place is refused."""
    one = intake.one
    added: dict[str, dict[str, Line]] = {}  # key -> name -> line
    for name, line in made.items():
        if name in one.target:
            intake.changes[one.target[name][0]] = line.translation
            intake.taken[name] = line
        else:
            added.setdefault(str(_path(name, one)[0]), {})[name] = line
    for key, lines in added.items():
        values = _values({name: line.translation for name, line in lines.items()}, one)
        places = _new(key, values, one) if key not in one.entries else _into(values, one)
        broken = _broken(one, key, places) if places else "its entry is laid out in another way: write it by hand"
        if broken:
            intake.refused += [(line.at, line.context, broken) for line in lines.values()]
        else:
            intake.changes.update(places or {})
            intake.taken.update(lines)


def _path(name: str, one: Translation) -> Path:
    """Where the source has this text; of a form that the source lacks, beside its `other`."""
    if name in one.source:
        return one.source[name][0]
    stem, _, last = name.rpartition(".")
    if f"{stem}.other" in one.source:
        return (*one.source[f"{stem}.other"][0][:-1], last)
    return (*one.source[stem][0], last)


def _values(texts: Mapping[str, str], one: Translation) -> dict[Path, Any]:
    """Path -> text, or its plural forms together."""
    found: dict[Path, Any] = {}
    for name, text in texts.items():
        path = _path(name, one)
        if name.rpartition(".")[2] in PLURALS:
            found.setdefault(path[:-1], {})[path[-1]] = text
        else:
            found[path] = text
    return found


def _new(key: str, values: Mapping[Path, Any], one: Translation) -> dict[Path, Any] | None:
    """The whole entry in the source's shape; of a list all has to be there, since the best list is said alone."""
    source = one.words[key]
    if any(isinstance(part, int) for path in values for part in path):
        names = [name for name, (path, _) in one.source.items() if path[0] == key]
        paths = {path for name in names for path in _values({name: ""}, one)}
        if not paths <= set(values):
            return None
        entry: Any = copy.deepcopy(source)
    else:
        entry = {}
    for path, value in values.items():
        if len(path) == 1:
            return {(key,): value}
        here: Any = entry
        part: Any
        for part in path[1:-1]:
            here = here[part] if isinstance(here, list) else here.setdefault(part, {})
        here[path[-1]] = value
    return {(key,): entry}


def _into(values: Mapping[Path, Any], one: Translation) -> dict[Path, Any] | None:
    """Into an entry that is there, as new keys of mappings that are there."""
    found: dict[Path, Any] = {}
    for path, value in values.items():
        wanted = (*path, "text") if len(path) == 1 else path
        at = 1
        here: Any = one.entries.get(str(wanted[0]))
        while at < len(wanted) and isinstance(here, dict) and wanted[at] in here:
            here = here[wanted[at]]
            at += 1
        if not isinstance(here, dict):
            return None
        if at == len(wanted):  # forms beside forms
            found.update({(*wanted, form): text for form, text in value.items()} if isinstance(value, dict) else {})
            continue
        if at > 1 and PLURALS.issuperset(here) and here:
            return None
        inner = found.setdefault(wanted[: at + 1], {}) if at + 1 < len(wanted) else None
        if inner is None:
            found[wanted] = value
            continue
        for part in wanted[at + 1 : -1]:
            inner = inner.setdefault(part, {})
        inner[wanted[-1]] = value
    return found


def _broken(one: Translation, key: str, places: Mapping[Path, Any]) -> str:
    """What `check` would say of the entry with these changes."""
    entries = {key: copy.deepcopy(one.entries.get(key))}
    for path, value in places.items():
        here: Any = entries
        for part in path[:-1]:
            here = here[part]
        here[path[-1]] = value
    found = Content({one.lang: entries}, [one.lang]).mistakes()
    return found[0].message if found else ""
