"""Words that are missing, unused, or say something else in another language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ...model.problem import Problem, suggest
from ..content import TABLES
from ..locale import base, is_language
from .case import Case, names_in, texts_of


def untranslated(case: Case) -> Iterable[Problem]:
    """A language of the flow that lacks entries which the fall-back language has."""
    needed = [key for key in _needed(case) if key in case.entries.get(case.fallback, {})]
    for lang in filter(is_language, case.flow.languages[1:]):
        lacks = [key for key in needed if not _written(case, lang, key)]
        labels = [name for key in needed if key not in lacks for name in _unlabeled(case, lang, key)]
        for names, level in ((lacks, "warning"), (labels, "note")):
            if names:
                yield _untranslated(case, lang, names, level)


def _untranslated(case: Case, lang: str, lacks: list[str], level: str) -> Problem:
    named = ", ".join(lacks[:5]) + (f" and {len(lacks) - 5} more" if len(lacks) > 5 else "")
    source = case.own.get(lang)
    message = f"not translated to {lang}: {named}"
    hint = f"contacts who speak {lang} get these in {case.fallback}"
    if source is not None:
        return source.problem((), "C406", message, hint=hint, level=level)
    hint += f"; write {case.content_file(lang)}"
    return case.source.problem(("languages",), "C406", message, hint=hint, level=level)


def unused(case: Case) -> Iterable[Problem]:
    """An entry of the flow's own file that no step names."""
    named = {*case.flow.entries, *case.shipped, *TABLES, *case.doubt.written, *case.doubt.steps}
    for source in case.own.values():
        for key in source.data if isinstance(source.data, dict) else ():
            if key not in named and not _may_be_of(key, case.doubt.steps):
                hint = suggest(key, sorted(case.flow.entries - set(source.data))) or "remove it"
                yield source.problem((key,), "C407", f"no step uses '{key}'", hint=hint, level="warning")


def _may_be_of(key: str, steps: Collection[str]) -> bool:
    """Whether it is called like the entries that belong to one of the steps by themselves, as <step>_wrong does."""
    return any(key.startswith((f"{step}_", f"{step}.")) for step in steps)


def placeholders(case: Case) -> Iterable[Problem]:
    """An entry that reads other names than the same entry in the fall-back language."""
    first = case.entries.get(case.fallback, {})
    for lang in case.flow.languages[1:]:
        for key in sorted(case.flow.entries):
            source = case.place_of(lang, key)
            if source is None or key not in first:
                continue
            here = {name for _, _, text in case.texts(lang, key) for name in names_in(text)}
            there = {name for _, text in texts_of(first[key]) for name in names_in(text)}
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


def _written(case: Case, lang: str, key: str) -> list[Any]:
    """The entry as the language has it, and as its base does."""
    return [case.entries[one][key] for one in (lang, base(lang)) if one and key in case.entries.get(one, {})]


def _unlabeled(case: Case, lang: str, key: str) -> list[str]:
    """The labels of its choices that the entry lacks in this language; names of things may stay as they are."""
    there = {id for entry in _written(case, lang, key) for id in _choices(entry)}
    return [f"{key}.choices.{id}" for id in _choices(case.entries[case.fallback][key]) if id not in there]


def _choices(entry: Any) -> tuple[str, ...]:
    """The ids of the choices that an entry has words for; those of its last bubble."""
    last = entry[-1] if isinstance(entry, list) and entry else entry
    found = last.get("choices") if isinstance(last, dict) else None
    return tuple(map(str, found)) if isinstance(found, dict) else ()
