"""The words of a project: content/<language>/<flow>.yaml over common.yaml over the shipped defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from ..engine.content import Content, Mistake, laid
from .yaml import Read, read_yaml

if TYPE_CHECKING:
    from .entries import Look

COMMON = "common"
Entries = Mapping[str, Any]
Pair = tuple[str, str]  # language and stem of a content file
T = TypeVar("T")


class Contents:
    """All content files: (language, stem) -> what came of the file."""

    __slots__ = ("_beneath", "_by_stem", "_mistakes", "_wanted", "files", "languages", "looks")

    def __init__(self, files: Mapping[Pair, Read], before: Contents | None = None) -> None:
        """What was found out `before` about files that have not changed is kept."""
        self.files = files
        self.looks: dict[Pair, Look] = _kept(before.looks, files, before.files) if before else {}
        self.languages = sorted({lang for lang, _ in files})
        self._by_stem: dict[str, list[Read]] = {}
        self._mistakes: dict[Pair, tuple[Mistake, ...]] = _kept(before._mistakes, files, before.files) if before else {}
        self._beneath: dict[tuple[str, bool], Entries] = {}  # language, with the shipped -> what lies beneath a flow's
        self._wanted: dict[tuple[str, ...], tuple[str, ...]] = {}
        for (_, stem), read in files.items():
            self._by_stem.setdefault(stem, []).append(read)

    def languages_of(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The wanted languages, their bases, the regional variants that have files (es -> es-MX), and English, in
        which the engine's own wordings always exist."""
        wanted = tuple(wanted)
        found = self._wanted.get(wanted)
        if found is None:
            found = self._wanted[wanted] = self._languages_of(wanted)
        return found

    def _languages_of(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
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
        """Language -> key -> entry, the shipped words beneath the project's own."""
        return {
            lang: laid(self._base(lang, shipped=True), self._written(lang, flow))
            for lang in self.languages_of(languages)
        }

    def own(self, flow: str, languages: Iterable[str]) -> dict[str, Entries]:
        """The same without the shipped words: what the project's authors wrote, for the compiler."""
        return {lang: laid(self._base(lang), self._written(lang, flow)) for lang in self.languages_of(languages)}

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

    def _base(self, lang: str, *, shipped: bool = False) -> Entries:
        found = self._beneath.get((lang, shipped))
        if found is None:
            found = laid(laid({}, defaults(lang)) if shipped else {}, self._written(lang, COMMON))
            self._beneath[lang, shipped] = found
        return found

    def _written(self, lang: str, stem: str) -> Entries:
        read = self.files.get((lang, stem))
        data = read.source.data if read is not None and read.source is not None else None
        return data if isinstance(data, dict) else {}


def _kept(found: Mapping[Pair, T], files: Mapping[Pair, Read], before: Mapping[Pair, Read]) -> dict[Pair, T]:
    return {pair: one for pair, one in found.items() if files.get(pair) is before.get(pair)}


def shipped(languages: Iterable[str]) -> dict[str, Entries]:
    """Language -> the wordings that Flowbot ships in it."""
    return {lang: defaults(lang) for lang in languages}


@cache
def shipped_keys() -> frozenset[str]:
    """The keys of all that the engine itself says."""
    return frozenset(defaults("en"))


@cache
def all_shipped() -> dict[str, Entries]:
    """The same of every language that there is."""
    names = sorted(file.name for file in files(__package__).joinpath("defaults").iterdir())
    return shipped(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


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
