"""Names that texts read and nothing provides, and texts that steps name and nobody wrote."""

from __future__ import annotations

from collections.abc import Iterable

from ...model.problem import Path, Problem, Source, suggest
from .case import Case, names_in, texts_of


def unknown_in_content(case: Case) -> Iterable[Problem]:
    """A text of the flow that reads a name which no step, input or contact field provides."""
    for lang in case.spoken:
        for key in case.flow.entries:
            source = case.place_of(lang, key)
            if source is not None and not (isinstance(source.data[key], str) and "{" not in source.data[key]):
                for where, path, text in case.texts(lang, key):
                    yield from _unknown(case, where, path, text)


def unknown_in_place(case: Case) -> Iterable[Problem]:
    """The same for a text that stands in the flow itself."""
    for key, path in case.flow.places.items():
        for at, text in texts_of(case.source.value(path), path):
            if text != key:
                yield from _unknown(case, case.source, at, text)


def _unknown(case: Case, source: Source, path: Path, text: str) -> Iterable[Problem]:
    for name in names_in(text):
        if wrong := case.flow.names.unknown(name):
            yield source.problem(path, "E302", wrong[0], hint=wrong[1], on_value=True, about=name)
        elif empty := case.flow.names.empty(name):
            yield source.problem(path, "E306", empty[0], hint=empty[1], level="warning", on_value=True, about=name)


def missing(case: Case) -> Iterable[Problem]:
    """A key that a step names and no file of the fall-back language has."""
    for key, path in case.flow.places.items():
        if not case.flow.content.has(key):
            written = [one for lang in case.flow.content.chain(case.fallback) for one in case.entries.get(lang, {})]
            hint = suggest(key, written) or f"write it in {case.content_file(case.fallback)}"
            yield case.source.problem(path, "C405", f"there are no words for '{key}'", hint=hint, on_value=True)
