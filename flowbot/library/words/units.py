"""A content entry as the texts a translator sees, each under the name of its field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from babel import Locale

from ...engine.content import TABLES
from ...engine.entry import PLURALS
from ...engine.locale import locale_of
from ...model.problem import Path

Units = Mapping[str, tuple[Path, str]]  # name -> path below the entry's file as it is written, text


def units(entries: Mapping[str, Any]) -> dict[str, tuple[Path, str]]:
    """Every text that is said, by name; media, places and words to understand are not a translator's.

    >>> units({"a": "Hi", "b": {"text": {"one": "x", "other": "y"}, "choices": {"ok": {"title": "OK"}}}}).keys()
    dict_keys(['a.text', 'b.text.one', 'b.text.other', 'b.choices.ok.title'])
    """
    found: dict[str, tuple[Path, str]] = {}
    for key, entry in entries.items():
        if key in TABLES:
            continue
        for name, path, text in _entry(entry):
            if text.strip():
                found.setdefault(f"{key}{name}", ((key, *path), text))
    return found


def wanted(source: Iterable[str], target: Iterable[str], lang: str) -> list[str]:
    """The names to translate: the source's, with the plural forms that the language has in place of the source's."""
    here = list(target)
    names: dict[str, None] = {}
    for name in source:
        stem, _, last = name.rpartition(".")
        if last in PLURALS:
            names |= dict.fromkeys(f"{stem}.{form}" for form in forms(lang))
        elif plural := [one for one in here if one.rpartition(".")[0] == name and one.rpartition(".")[2] in PLURALS]:
            names |= dict.fromkeys(plural)  # the translator chose forms where the source has none
        else:
            names[name] = None
    return list(names)


def forms(lang: str) -> tuple[str, ...]:
    """CLDR's plural forms of a language, `other` last.

    >>> forms("hi"), forms("ru")
    (('one', 'other'), ('one', 'few', 'many', 'other'))
    """
    locale: Locale = locale_of(lang)
    order = ("zero", "one", "two", "few", "many")
    return (*(form for form in order if form in locale.plural_form.tags), "other")


def origin(name: str, source: Units) -> str:
    """The source's text for this name; for a plural form that the source lacks, its `other`, or the text itself."""
    stem, _, last = name.rpartition(".")
    tries = (name, f"{stem}.other", stem) if last in PLURALS else (name, f"{name}.other")
    return next((source[one][1] for one in tries if one in source), "")


def _entry(entry: Any) -> Iterator[tuple[str, Path, str]]:
    if isinstance(entry, list):
        for at, item in enumerate(entry):
            yield from _bubble(item, f"[{at}]", (at,))
    else:
        yield from _bubble(entry, "", ())


def _bubble(item: Any, name: str, path: Path) -> Iterator[tuple[str, Path, str]]:
    if not isinstance(item, dict) or (item and PLURALS.issuperset(item)):
        yield from _wording(item, f"{name}.text", path)
        return
    for field in ("text", "footer", "button"):
        if field in item:
            yield from _wording(item[field], f"{name}.{field}", (*path, field))
    for at, inner in enumerate(item["any"] if isinstance(item.get("any"), list) else ()):
        yield from _bubble(inner, f"{name}.any[{at}]", (*path, "any", at))
    choices = item.get("choices")
    for id, label in choices.items() if isinstance(choices, dict) else ():
        here, below = f"{name}.choices.{id}", (*path, "choices", id)
        if not isinstance(label, dict):
            yield from _wording(label, f"{here}.title", below)
            continue
        for field in ("title", "description"):
            if field in label:
                yield from _wording(label[field], f"{here}.{field}", (*below, field))


def _wording(value: Any, name: str, path: Path) -> Iterator[tuple[str, Path, str]]:
    if isinstance(value, dict):
        yield from ((f"{name}.{form}", (*path, form), str(text)) for form, text in value.items())
    elif value is not None and not isinstance(value, list):
        yield name, path, str(value).lower() if isinstance(value, bool) else str(value)
