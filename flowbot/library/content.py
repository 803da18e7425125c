"""The words of a project: content/<language>/<flow>.yaml over common.yaml over the shipped defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ..engine.content import TABLES
from ..model.problem import Source
from .yaml import Read, read_yaml

COMMON = "common"
Entries = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contents:
    """All content files: (language, stem) -> what came of the file."""

    files: Mapping[tuple[str, str], Read] = field(default_factory=dict)

    def languages_of(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The wanted languages, their bases, the regional variants that have files (es -> es-MX), and English, in
        which the engine's own wordings always exist."""
        names: dict[str, None] = {}
        for lang in wanted:
            names.setdefault(lang)
            if "-" in lang:
                names.setdefault(base_of(lang))
        bases = {base_of(lang) for lang in names}
        for lang, _ in sorted(self.files):
            if base_of(lang) in bases:
                names.setdefault(lang)
        names.setdefault("en")
        return tuple(names)

    def merged(self, flow: str, languages: Iterable[str]) -> dict[str, Entries]:
        """Language -> key -> entry, as the flow's author wrote them, for the compiler."""
        return {lang: self._merge(lang, flow) for lang in self.languages_of(languages)}

    def sources(self, flow: str, languages: Iterable[str]) -> dict[str, tuple[Source, ...]]:
        """Language -> the flow's own file and the common one, as far as they are there."""
        found = {}
        for lang in self.languages_of(languages):
            reads = (self.files.get((lang, flow)), self.files.get((lang, COMMON)))
            found[lang] = tuple(read.source for read in reads if read is not None and read.source is not None)
        return found

    def _merge(self, lang: str, flow: str) -> Entries:
        layers = [defaults(lang)]
        for stem in (COMMON, flow):
            read = self.files.get((lang, stem))
            if read is not None and read.source is not None and isinstance(read.source.data, dict):
                layers.append(read.source.data)
        entries: dict[str, Any] = {}
        for layer in layers:
            tables = {name: {**_table(entries, name), **_table(layer, name)} for name in TABLES}
            entries.update(layer)
            entries.update({name: table for name, table in tables.items() if table})
        return entries


def base_of(lang: str) -> str:
    """
    >>> base_of("pt-BR"), base_of("pt")
    ('pt', 'pt')
    """
    return lang.partition("-")[0]


@cache
def defaults(lang: str) -> Entries:
    """The wordings that Flowbot ships in a language; none for one that it does not know."""
    file = files(__package__).joinpath("defaults", f"{lang}.yaml")
    if "/" in lang or not file.is_file():
        return {}
    source = read_yaml(f"{lang}.yaml", file.read_bytes()).source
    return source.data if source is not None and isinstance(source.data, dict) else {}


def _table(entries: Entries, name: str) -> Mapping[str, Any]:
    table = entries.get(name)
    return table if isinstance(table, dict) else {}
