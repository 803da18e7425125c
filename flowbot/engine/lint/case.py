"""What a rule of the linter looks at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import ExpressionError
from ...model.gateway import Limits
from ...model.problem import Path, Problem, Source
from ..expressions import compile_text
from ..flow import Flow
from ..locale import root
from ..workbench import Read
from .doubt import NONE, Doubt
from .measures import Measure, measure

COMMON = "common"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One flow with its file and its words."""

    flow: Flow
    source: Source
    merged: Callable[[], Mapping[str, Mapping[str, Any]]]  # gives `entries`
    spoken: tuple[str, ...]  # the languages that its words may be in
    own: Mapping[str, Source] = field(default_factory=dict)  # language -> the flow's content file
    common: Mapping[str, Source] = field(default_factory=dict)  # language -> common.yaml
    shipped: frozenset[str] = frozenset()  # keys that Flowbot has words for
    led_to: bool = False  # another flow jumps to it or runs it
    gateways: Mapping[str, Limits] = field(default_factory=dict)  # those that carry it, by name
    reads: tuple[Read, ...] = ()  # what its expressions and values read
    shared: Collection[str] = ()  # content keys that several places of it name
    doubt: Doubt = NONE  # what of it has mistakes
    known_ways: dict[str, frozenset[str]] = field(default_factory=dict)  # kept by `graph.ways`
    _measures: dict[str, Measure] = field(default_factory=dict)
    _entries: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _texts: dict[tuple[str, str], tuple[tuple[Source, Path, str], ...]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that the flow speaks, with their bases and regions, as far as there may be words in them."""
        roots = {root(lang) for lang in self.flow.languages}
        return tuple(lang for lang in self.spoken if root(lang) in roots)

    @property
    def fallback(self) -> str:
        return self.flow.languages[0]

    @property
    def entries(self) -> Mapping[str, Mapping[str, Any]]:
        """language -> key -> entry, as authors wrote them, over the shipped ones; put together for who asks."""
        if not self._entries:
            self._entries.update(self.merged())
        return self._entries

    def content_file(self, lang: str) -> str:
        return f"content/{lang}/{self.flow.id}.yaml"

    def measure(self, name: str) -> Measure:
        """The narrowest limit of this name over all gateways that carry the flow."""
        found = self._measures.get(name)
        if found is None:
            found = self._measures[name] = measure(name, self.gateways)
        return found

    def place_of(self, lang: str, key: str) -> Source | None:
        """The file in which this language's entry stands; None for a shipped one or none."""
        for files in (self.own, self.common):
            source = files.get(lang)
            if source is not None and isinstance(source.data, dict) and key in source.data:
                return source
        return None

    def texts(self, lang: str, key: str) -> tuple[tuple[Source, Path, str], ...]:
        """All texts of this language's entry, each with its file and path; none of an entry that is in no file."""
        found = self._texts.get((lang, key))
        if found is None:
            source = self.place_of(lang, key)
            listed = texts_of(source.data[key], (key,)) if source is not None else ()
            found = self._texts[lang, key] = tuple((source, path, text) for path, text in listed if source is not None)
        return found


Rule = Callable[[Case], Iterable[Problem]]


def texts_of(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text below, with its path; without recursion, however deep it lies."""
    if isinstance(data, str):  # as most are
        yield path, data
        return
    stack: list[tuple[Path, Any]] = [(path, data)]
    while stack:
        here, item = stack.pop()
        if isinstance(item, str):
            yield here, item
        elif isinstance(item, (dict, Mapping)):  # nearly always a dict, which is told sooner
            stack += [((*here, key), inner) for key, inner in reversed(list(item.items()))]
        elif isinstance(item, (list, tuple)):
            stack += [((*here, index), item[index]) for index in range(len(item) - 1, -1, -1)]


def names_in(text: str) -> tuple[str, ...]:
    """The dotted names that a text with `{{ }}` reads; () when it cannot be parsed, which another rule says."""
    if "{{" not in text and "{%" not in text:
        return ()
    try:
        return compile_text(text).names
    except ExpressionError:
        return ()
