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
from .placed import placed
from .record import Marks, is_stale
from .units import Units, origin, units, wanted


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
    for id, found in sorted(library.flows.items()):
        if flow in ("", id) and library.made[id].flow is not None:
            own = _entries(library, found.languages[0], id)
            words = {
                **own,
                **{one.keys[0]: found.content.written(found.languages[0])[one.keys[0]] for one in placed(found)},
            }
            yield from _each(library, id, words, found.languages, {*found.entries, *defaults("en")}, lang)
    if flow in ("", COMMON):
        languages = languages_of(library.project)
        yield from _each(library, COMMON, _entries(library, languages[0], COMMON), languages, None, lang)


def _each(
    library: Library, stem: str, words: Mapping[str, Any], languages: tuple[str, ...], named: set[str] | None, only: str
) -> Iterator[Translation]:
    chosen = languages[1:] if not only else (only,) if only != languages[0] else ()
    for lang in chosen:
        entries = _entries(library, lang, stem)
        over = base(lang)
        yield Translation(
            stem=stem,
            source_lang=languages[0],
            lang=lang,
            words=words,
            source=units(words),
            target=units(entries),
            inherited=units(_entries(library, over, stem)) if over else {},
            entries=entries,
            unused=tuple(key for key in entries if key not in words and key not in TABLES and key not in (named or ())),
        )


def _may_lack(name: str, source: Units) -> bool:
    last = name.rpartition(".")[2]
    return last == "description" or (last in ("zero", "one", "two", "few", "many") and name not in source)


def _entries(library: Library, lang: str, stem: str) -> Mapping[str, Any]:
    read = library.folder.contents().get((lang, stem))
    data = read.source.data if read is not None and read.source is not None else None
    return data if isinstance(data, dict) else {}
