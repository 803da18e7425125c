"""Words that are missing, unused, or say something else in another language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...model.problem import Problem, suggest
from ..content import TABLES
from .case import Case, names_in, texts_of


def untranslated(case: Case) -> Iterable[Problem]:
    """A language of the flow that lacks entries which the fall-back language has."""
    needed = [key for key in _needed(case) if key in case.entries.get(case.fallback, {})]
    for lang in case.flow.languages[1:]:
        lacks = [key for key in needed if not _has(case, lang, key)]
        if not lacks:
            continue
        named = ", ".join(lacks[:5]) + (f" and {len(lacks) - 5} more" if len(lacks) > 5 else "")
        source = case.own.get(lang)
        message = f"not translated to {lang}: {named}"
        hint = f"contacts who speak {lang} get these in {case.fallback}"
        if source is not None:
            yield source.problem((), "C406", message, hint=hint, level="warning")
        else:
            hint += f"; write {case.content_file(lang)}"
            yield case.source.problem(("languages",), "C406", message, hint=hint, level="warning")


def unused(case: Case) -> Iterable[Problem]:
    """An entry of the flow's own file that no step names."""
    named = {*case.flow.entries, *case.shipped, *TABLES}
    for source in case.own.values():
        for key in source.data if isinstance(source.data, dict) else ():
            if key not in named:
                hint = suggest(key, sorted(case.flow.entries - set(source.data))) or "remove it"
                yield source.problem((key,), "C407", f"no step uses '{key}'", hint=hint, level="warning")


def placeholders(case: Case) -> Iterable[Problem]:
    """An entry that reads other names than the same entry in the fall-back language."""
    first = case.entries.get(case.fallback, {})
    for lang in case.flow.languages[1:]:
        for key in sorted(case.flow.entries):
            source = case.place_of(lang, key)
            if source is None or key not in first:
                continue
            here, there = _names(source.data[key]), _names(first[key])
            if here == there:
                continue
            parts = []
            if there - here:
                parts.append(f"lacks {', '.join(sorted(there - here))}")
            if here - there:
                parts.append(f"has {', '.join(sorted(here - there))}")
            message = f"'{key}' {' and '.join(parts)}, unlike in {case.fallback}"
            yield source.problem((key,), "C408", message, hint="a translation should name the same", level="warning")


def _needed(case: Case) -> list[str]:
    return sorted(case.flow.entries)


def _has(case: Case, lang: str, key: str) -> bool:
    base = lang.partition("-")[0]
    return any(key in case.entries.get(one, {}) for one in (lang, base))


def _names(entry: Any) -> set[str]:
    return {name for _, text in texts_of(entry) for name in names_in(text)}
