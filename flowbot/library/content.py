"""The words of a project: content/<language>/<flow>.yaml over common.yaml over the shipped defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ..engine.content import TABLES, Content, Mistake
from .yaml import Read, read_yaml

COMMON = "common"
Entries = Mapping[str, Any]


class Contents:
    """All content files: (language, stem) -> what came of the file."""

    __slots__ = ("_beneath", "_by_stem", "_mistakes", "files", "languages")

    def __init__(self, files: Mapping[tuple[str, str], Read]) -> None:
        self.files = files
        self.languages = sorted({lang for lang, _ in files})
        self._by_stem: dict[str, list[Read]] = {}
        self._mistakes: dict[tuple[str, str], tuple[Mistake, ...]] = {}
        self._beneath: dict[str, Entries] = {}  # language -> what lies beneath every flow's own words
        for (_, stem), read in files.items():
            self._by_stem.setdefault(stem, []).append(read)

    def languages_of(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The wanted languages, their bases, the regional variants that have files (es -> es-MX), and English, in
        which the engine's own wordings always exist."""
        names: dict[str, None] = {}
        for lang in wanted:
            names.setdefault(lang)
            if "-" in lang:
                names.setdefault(base_of(lang))
        bases = {base_of(lang) for lang in names}
        for lang in self.languages:
            if base_of(lang) in bases:
                names.setdefault(lang)
        names.setdefault("en")
        return tuple(names)

    def merged(self, flow: str, languages: Iterable[str]) -> dict[str, Entries]:
        """Language -> key -> entry, as the flow's author wrote them, for the compiler."""
        return {lang: self._merge(lang, flow) for lang in self.languages_of(languages)}

    def reads(self, *stems: str) -> tuple[Read, ...]:
        """The files of these names in all languages."""
        return tuple(read for stem in stems for read in self._by_stem.get(stem, ()))

    def mistakes(self, lang: str, stem: str) -> tuple[Mistake, ...]:
        """What cannot be said of a file's entries."""
        found = self._mistakes.get((lang, stem))
        if found is None:
            entries = Content({lang: self._written(lang, stem)}, [lang])
            found = self._mistakes[lang, stem] = tuple(entries.mistakes())
        return found

    def _merge(self, lang: str, flow: str) -> Entries:
        if lang not in self._beneath:
            self._beneath[lang] = _laid(_laid({}, defaults(lang)), self._written(lang, COMMON))
        return _laid(self._beneath[lang], self._written(lang, flow))

    def _written(self, lang: str, stem: str) -> Entries:
        read = self.files.get((lang, stem))
        data = read.source.data if read is not None and read.source is not None else None
        return data if isinstance(data, dict) else {}


def base_of(lang: str) -> str:
    """
    >>> base_of("pt-BR"), base_of("pt")
    ('pt', 'pt')
    """
    return lang.replace("_", "-").partition("-")[0]


@cache
def defaults(lang: str) -> Entries:
    """The wordings that Flowbot ships in a language; none for one that it does not know."""
    file = files(__package__).joinpath("defaults", f"{lang}.yaml")
    if "/" in lang or not file.is_file():
        return {}
    source = read_yaml(f"{lang}.yaml", file.read_bytes()).source
    return source.data if source is not None and isinstance(source.data, dict) else {}


def _laid(beneath: Entries, layer: Entries) -> Entries:
    """The layer over what is beneath; tables of words are joined name by name."""
    entries = {**beneath, **layer}
    for name in TABLES:
        if name in layer:
            entries[name] = {**_table(beneath, name), **_table(layer, name)}
        if name in entries and not entries[name]:
            del entries[name]
    return entries


def _table(entries: Entries, name: str) -> dict[str, list[str]]:
    """The lists of words, as far as they are some; what else stands there is a problem of its file."""
    table = entries.get(name)
    found = {key: _words(listed) for key, listed in table.items()} if isinstance(table, dict) else {}
    return {key: words for key, words in found.items() if words}


def _words(listed: Any) -> list[str]:
    items = listed if isinstance(listed, list) else [listed]
    return [str(item) for item in items if isinstance(item, (str, int, float)) and not isinstance(item, bool)]
