"""What each language of a flow still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.content import TABLES
from ...engine.locale import base
from ..content import COMMON, defaults
from ..flows import languages_of
from ..library import Library
from ..yaml import Read
from .placed import placed
from .record import Marks, is_stale
from .units import Units, origin, units, wanted

Files = Mapping[tuple[str, str], Read]  # (language, stem) -> content file


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The texts of one file in one language beside their source."""

    stem: str
    source_lang: str
    lang: str
    words: Mapping[str, Any]  # the source's entries as data
    source: Units
    target: Units
    inherited: Units  # of the language's base
    entries: Mapping[str, Any]  # the target's file as data
    unused: tuple[str, ...] = ()

    def names(self) -> list[str]:
        return wanted(self.source, self.target, self.lang)

    def missing(self) -> list[str]:
        """Texts that neither the language nor its base has; the rarer plural forms and descriptions may lack."""
        return [
            name
            for name in self.names()
            if name not in self.target and name not in self.inherited and not _may_lack(name, self.source)
        ]

    def stale(self, marks: Marks) -> list[str]:
        """Translations whose source has changed since."""
        known = marks.get(self.lang, {}).get(self.stem, {})
        return [
            name
            for name in self.names()
            if name in known
            and name in self.target
            and is_stale(known[name], origin(name, self.source), self.target[name][1])
        ]

    def unrecorded(self, marks: Marks) -> list[str]:
        """Translations of which the record doesn't know the source."""
        known = marks.get(self.lang, {}).get(self.stem, {})
        return [name for name in self.names() if name in self.target and name not in known]


def translations(library: Library, flow: str = "", lang: str = "") -> Iterator[Translation]:
    """Every sound flow's languages but its first, then those of common.yaml; or those of one flow, one language."""
    files = library.folder.contents()
    for id in sorted(library.flows) if not flow else (flow,):
        found = library.flows.get(id)
        if found is not None and library.made[id].flow is not None:
            own = _entries(files, found.languages[0], id)
            words = {
                **own,
                **{one.keys[0]: found.content.written(found.languages[0])[one.keys[0]] for one in placed(found)},
            }
            yield from _each(files, id, words, found.languages, {*found.entries, *defaults("en")}, lang)
    if flow in ("", COMMON):
        languages = languages_of(library.project)
        yield from _each(files, COMMON, _entries(files, languages[0], COMMON), languages, None, lang)


def _each(
    files: Files, stem: str, words: Mapping[str, Any], languages: tuple[str, ...], named: set[str] | None, only: str
) -> Iterator[Translation]:
    chosen = languages[1:] if not only else (only,) if only != languages[0] else ()
    for lang in chosen:
        entries = _entries(files, lang, stem)
        over = base(lang)
        yield Translation(
            stem=stem,
            source_lang=languages[0],
            lang=lang,
            words=words,
            source=units(words),
            target=units(entries),
            inherited=units(_entries(files, over, stem)) if over else {},
            entries=entries,
            unused=tuple(key for key in entries if key not in words and key not in TABLES and key not in (named or ())),
        )


def _may_lack(name: str, source: Units) -> bool:
    last = name.rpartition(".")[2]
    return last == "description" or (last in ("zero", "one", "two", "few", "many") and name not in source)


def _entries(files: Files, lang: str, stem: str) -> Mapping[str, Any]:
    read = files.get((lang, stem))
    data = read.source.data if read is not None and read.source is not None else None
    return data if isinstance(data, dict) else {}
