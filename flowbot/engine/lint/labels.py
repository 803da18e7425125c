"""Texts and labels that WhatsApp cuts, splits or shows in another way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...errors import FlowbotError
from ...model.gateway import Limits
from ...model.problem import Path, Problem, Source
from ...steps.ask import Ask
from ..entry import Label, Wording
from .case import Case

LIMITS = Limits()


def titles(case: Case) -> Iterable[Problem]:
    """Choice labels that are longer than a button or a row of a list takes."""
    for lang, source, key, ids in _questions(case):
        labels = [(id, label) for id, label in _labels(case, key, lang).items() if id in ids]
        in_list = len(ids) > LIMITS.buttons or any(
            len(text) > LIMITS.button_title for _, label in labels for text in _constants(label.title)
        )
        for id, label in labels:
            path = (key, "choices", id)
            for text in _constants(label.title):
                if in_list and len(text) > LIMITS.list_title:
                    yield _long(source, path, "C411", "this label", text, LIMITS.list_title, "a list's row")
                elif len(text) > LIMITS.button_title and len(ids) <= LIMITS.buttons:
                    message = f"this label has {len(text)} characters; a button shows {LIMITS.button_title}"
                    hint = "shorten it, or the choices go out as a list"
                    yield source.problem(path, "C411", message, hint=hint, level="warning", on_value=True)
            for text in _constants(label.description) if label.description else ():
                if len(text) > LIMITS.list_description:
                    place = (*path, "description")
                    yield _long(
                        source, place, "C411", "this description", text, LIMITS.list_description, "a list's row"
                    )


def many(case: Case) -> Iterable[Problem]:
    """Questions with more choices than a list holds."""
    for step in case.flow.steps.values():
        ids = step.main.choices if isinstance(step.main, Ask) else ()
        if len(ids) > LIMITS.list_rows:
            message = f"{len(ids)} choices go out as numbered text: a list holds {LIMITS.list_rows}"
            yield case.source.problem(("steps", step.id, "choices"), "C412", message, level="note")


def unlabeled(case: Case) -> Iterable[Problem]:
    """Choices without words, and words for choices that no question has."""
    asked: dict[str, set[str]] = {}
    for step in case.flow.steps.values():
        if isinstance(step.main, Ask) and step.main.choices:
            asked.setdefault(step.main.key, set()).update(step.main.choices)
    for key, ids in asked.items():
        written = {id for lang in case.entries for id in _labels(case, key, lang)}
        source = case.place_of(case.fallback, key)
        if source is None:
            continue
        if lacks := sorted(ids - written):
            hint = f"write choices: {{{lacks[0]}: …}} below it"
            message = f"'{key}' has no words for the choice {', '.join(lacks)}"
            yield source.problem((key,), "C409", message, hint=hint, level="warning")
        for lang in case.entries:
            place = case.place_of(lang, key)
            choices = place.data[key].get("choices") if place and isinstance(place.data[key], dict) else None
            for id in choices if place and isinstance(choices, dict) else ():
                if id not in ids:
                    message = f"the question has no choice '{id}'"
                    yield place.problem((key, "choices", id), "C410", message, level="warning")  # type: ignore[union-attr]


def bodies(case: Case) -> Iterable[Problem]:
    """Texts that go out in several messages because of their length."""
    asked = {key for _, _, key, _ in _questions(case)}
    for lang in case.flow.languages:
        for key in sorted(case.flow.entries):
            source = case.place_of(lang, key)
            if source is None:
                continue
            limit = LIMITS.button_body if key in asked else LIMITS.text
            for path, text in _bodies(source.data[key], (key,)):
                if len(text.strip()) > limit and "{" not in text:
                    message = f"this text has {len(text.strip())} characters; one message takes {limit}"
                    hint = "shorten it, or it goes out in several messages"
                    yield source.problem(path, "C414", message, hint=hint, level="warning")
            yield from _small(source, key)


def _small(source: Source, key: str) -> Iterator[Problem]:
    entry = source.data[key]
    if not isinstance(entry, dict):
        return
    for name, limit in (("footer", LIMITS.footer), ("button", LIMITS.list_button)):
        text = entry.get(name)
        if isinstance(text, str) and "{" not in text and len(text) > limit:
            yield _long(source, (key, name), "C411", f"this {name}", text, limit, "WhatsApp")


def _bodies(entry: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts of an entry that become the body of a message."""
    if isinstance(entry, str):
        yield path, entry
    elif isinstance(entry, list):
        for index, item in enumerate(entry):
            yield from _bodies(item, (*path, index))
    elif isinstance(entry, dict):
        for name in ("text", "any", "zero", "one", "two", "few", "many", "other"):
            if name in entry and not (name == "text" and len(path) > 12):
                yield from _bodies(entry[name], (*path, name))


def _questions(case: Case) -> Iterator[tuple[str, Source, str, tuple[str, ...]]]:
    for step in case.flow.steps.values():
        if not isinstance(step.main, Ask) or not step.main.choices:
            continue
        key, ids = step.main.key, step.main.choices
        for lang in case.flow.languages:
            source = case.place_of(lang, key)
            if source is not None:
                yield lang, source, key, ids


def _labels(case: Case, key: str, lang: str) -> dict[str, Label]:
    try:
        entry = case.flow.content.lookup(key, lang)
    except FlowbotError:
        return {}
    return dict(entry.labels) if entry else {}


def _constants(wording: Wording) -> list[str]:
    return [text.source.strip() for text in wording.forms.values() if text.is_constant]


def _long(source: Source, path: Path, code: str, what: str, text: str, limit: int, where: str) -> Problem:
    message = f"{what} has {len(text)} characters; {where} shows {limit}"
    return source.problem(path, code, message, hint="shorten it, or it is cut", level="warning", on_value=True)
