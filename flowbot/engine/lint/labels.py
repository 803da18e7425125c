"""Texts and labels that a message cannot hold as they are, on any of the gateways that carry the flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...errors import ExpressionError, FlowbotError
from ...model.problem import Path, Problem, Source
from ...steps.ask import Ask
from ..content import titled
from ..entry import Entry, Label, Wording
from ..expressions import compile_text
from ..folding import squeeze
from .case import Case
from .measures import WHATSAPP, Measure

_WORDS = "; give it words, below `choices` of the question's entry"


def titles(case: Case) -> Iterable[Problem]:
    """Choice labels that are longer than a button or a row of a list takes."""
    narrow = min(case.measure("button_title").limit, case.measure("list_title").limit)
    for lang, source, key, ids in _questions(case):
        if len(ids) > WHATSAPP.list_rows or _are_short(source.data[key], narrow):
            continue
        labels = {id: label for id, label in labels_of(case, key, lang).items() if id in ids}
        listed = _is_list(case, key, lang, ids)
        place, limit = ("a list's row", "list_title") if listed else ("a button", "button_title")
        for id, label in labels.items():
            path = (key, "choices", id)
            hint = "" if listed else "; up to three choices are buttons: write `button` beside them for a list"
            yield from _long(source, path, "this label", label.title, case.measure(limit), place, hint)
            if label.description:
                most = case.measure("list_description")
                yield from _long(
                    source, (*path, "description"), "this description", label.description, most, "a list's row"
                )


def _are_short(entry: Any, most: int) -> bool:
    """Whether all its labels are, without compiling them."""
    plain = plain_labels(entry)
    return plain is not None and all(len(label) <= most for label in plain.values())


def plain_labels(entry: Any) -> Mapping[str, str] | None:
    """The labels of an entry all of which are texts as they stand, as most are; None when some are not."""
    if isinstance(entry, str):
        return {}
    choices = entry.get("choices") if isinstance(entry, dict) else None
    if not isinstance(choices, dict) or not all(isinstance(one, str) and "{" not in one for one in choices.values()):
        return None
    return choices


def made(case: Case) -> Iterable[Problem]:
    """Labels made from the ids of choices, where no language has words for them: as long, or the same, as others."""
    for step in case.flow.steps.values():
        ask = step.main
        if not isinstance(ask, Ask) or not ask.choices or len(ask.choices) > WHATSAPP.list_rows:
            continue
        wordless = _wordless(case, ask)
        if not wordless:
            continue
        written = {id: label for lang in case.languages[::-1] for id, label in labels_of(case, ask.key, lang).items()}
        listed = _is_list(case, ask.key, case.fallback, ask.choices)
        place, most = ("a list's row", "list_title") if listed else ("a button", "button_title")
        kept = {id: label for id, label in written.items() if id in ask.choices}
        seen = {squeeze(word): id for id, label in kept.items() for word in _constants(label.title)}
        for id in wordless:
            path: Path = ("steps", step.id, "choices", _at(case, step.id, id))
            title = titled(id)
            if len(title) > case.measure(most).limit:
                about = f"without words this choice is called '{title}', which"
                yield _problem(case.source, path, about, len(title), case.measure(most), place, "error", _WORDS)
            other = seen.setdefault(squeeze(title), id)
            if other != id:
                message = f"without words this choice is called '{title}', as '{other}' is: who types it gets that one"
                yield case.source.problem(path, "C416", message, hint=_WORDS[2:], level="warning", on_value=True)


def _wordless(case: Case, ask: Ask) -> list[str]:
    """The choices that no language of the flow has words for."""
    told = _worded(case, ask.key, case.languages)
    return [id for id in ask.choices if id not in told]


def _worded(case: Case, key: str, languages: Iterable[str]) -> set[str]:
    """The choices that any of the languages has words for."""
    if key in case.shipped:
        return {id for lang in languages for id in labels_of(case, key, lang)}
    found: set[str] = set()
    for lang in languages:
        source = case.place_of(lang, key)
        entry = source.data[key] if source is not None else None
        for bubble in entry if isinstance(entry, list) else (entry,):
            choices = bubble.get("choices") if isinstance(bubble, dict) else None
            found.update(map(str, choices) if isinstance(choices, dict) else ())
    return found


def _at(case: Case, step: str, id: str) -> str | int:
    """Where a choice stands below `choices`: at its id, or at its place in the list."""
    listed = case.source.value(("steps", step, "choices"))
    return listed.index(id) if isinstance(listed, list) and id in listed else id


def many(case: Case) -> Iterable[Problem]:
    """Questions with more choices than a list holds."""
    for step in case.flow.steps.values():
        ids = step.main.choices if isinstance(step.main, Ask) else ()
        if len(ids) > WHATSAPP.list_rows:
            message = f"{len(ids)} choices go out as numbered text: a list holds {WHATSAPP.list_rows}"
            yield case.source.problem(("steps", step.id, "choices"), "C412", message, level="note")


def alike(case: Case) -> Iterable[Problem]:
    """Choices of one question that are called the same."""
    for lang, source, key, ids in _questions(case):
        seen: dict[str, str] = {}
        for id, words in said_of(case, lang, source, key, ids):
            for word in dict.fromkeys(map(squeeze, words)):
                other = seen.setdefault(word, id)
                if other != id and {id, other} <= set(ids):
                    message = f"'{word}' means '{other}' too: who types it gets that one"
                    yield source.problem((key, "choices", id), "C416", message, level="warning")


def said_of(
    case: Case, lang: str, source: Source, key: str, ids: tuple[str, ...]
) -> Iterator[tuple[str, Iterable[str]]]:
    """Each choice with the words that mean it, of all languages that the contact's falls back to."""
    plain = plain_labels(source.data[key])
    if plain is not None and plain.keys() >= set(ids):
        yield from ((id, (title,)) for id, title in plain.items())
    else:
        for id, label in labels_of(case, key, lang).items():
            yield id, (*_constants(label.title), *label.aliases)


def unlabeled(case: Case) -> Iterable[Problem]:
    """Choices without words, and words for choices that no question has."""
    asked: dict[str, set[str]] = {}
    for ask in _asks(case):
        if ask.choices:
            asked.setdefault(ask.key, set()).update(ask.choices)
    for key, ids in asked.items():
        source = case.place_of(case.fallback, key)
        if source is None or key in case.doubt.asked:  # another question may have the others
            continue
        lacks = sorted(ids - _worded(case, key, case.spoken))
        if lacks and _entry(case, key, case.fallback) is not None:  # else it is broken, which is said elsewhere
            hint = f"write choices: {{{lacks[0]}: …}} below it"
            message = f"'{key}' has no words for the choice {', '.join(lacks)}"
            yield source.problem((key,), "C409", message, hint=hint, level="warning")
        for lang in case.spoken:
            place = case.place_of(lang, key)
            choices = place.data[key].get("choices") if place and isinstance(place.data[key], dict) else None
            for id in choices if place and isinstance(choices, dict) else ():
                if id not in ids:
                    message = f"the question has no choice '{id}'"
                    yield place.problem((key, "choices", id), "C410", message, level="warning")  # type: ignore[union-attr]


def bodies(case: Case) -> Iterable[Problem]:
    """Texts that no message holds, whatever their names hold; or that one gateway sends in several."""
    asked = {key: ids for _, _, key, ids in _questions(case)}
    least = min(case.measure(name).limit for name in ("text", "list_body", "button_body"))
    for lang in case.languages:
        for key in case.flow.entries:
            source = case.place_of(lang, key)
            entry = source.data[key] if source is not None else ""
            if source is None or (isinstance(entry, str) and len(entry) <= least and "{%" not in entry):
                continue
            long = [(path, text) for path, text in _bodies(entry, (key,)) if len(text) > least or "{%" in text]
            name = _body(case, key, lang, asked.get(key, ())) if long else ""
            for path, text in long:
                yield from _too_much(source, path, text, case.measure(name), getattr(WHATSAPP, name))
            yield from _small(case, source, key)


def in_place(case: Case) -> Iterable[Problem]:
    """The same of a text that stands in the flow itself."""
    written = case.flow.content.written(case.fallback)
    asked = {ask.key: ask.choices for ask in _asks(case)}
    for key, path in case.flow.places.items():
        text = written.get(key)
        if isinstance(text, str) and case.place_of(case.fallback, key) is None and key not in case.shipped:
            name = _body(case, key, case.fallback, asked.get(key, ()))
            yield from _too_much(case.source, path, text, case.measure(name), getattr(WHATSAPP, name))


def _body(case: Case, key: str, lang: str, ids: tuple[str, ...]) -> str:
    """The limit of an entry's text: that of a message with buttons, with a list, or of a plain one."""
    if not ids or len(ids) > WHATSAPP.list_rows:
        return "text"
    return "list_body" if _is_list(case, key, lang, ids) else "button_body"


def _is_list(case: Case, key: str, lang: str, ids: tuple[str, ...]) -> bool:
    """Whether the choices go out as a list; its author may mean one, even for a few: its button has words."""
    if len(ids) > WHATSAPP.buttons:
        return True
    entry = _entry(case, key, lang)
    return entry is not None and any(one.button for bubbles in entry.bubbles for one in bubbles)


def _too_much(source: Source, path: Path, text: str, most: Measure, usual: int) -> Iterator[Problem]:
    try:
        count = compile_text(text).least
    except ExpressionError:
        return  # said elsewhere
    if count > most.limit:
        about = "" if "{" not in text else "at least "
        message = f"this text has {about}{count:,} characters; one message{most.where} takes {most.limit:,}"
        hint = "shorten it, or make it a list of several bubbles"
        level = "error" if count > usual else "warning"
        yield source.problem(path, "C414", message, hint=hint, level=level)


def _small(case: Case, source: Source, key: str) -> Iterator[Problem]:
    """The footer, which moves into the text when it is too long, and the button of a list, which is cut."""
    entry = source.data[key]
    for name, limit in (("footer", "footer"), ("button", "list_button")) if isinstance(entry, dict) else ():
        text = entry.get(name)
        most = case.measure(limit)
        if isinstance(text, str) and "{" not in text and len(text) > most.limit:
            level = "warning" if name == "footer" else "error"
            yield _problem(source, (key, name), f"this {name}", len(text), most, "WhatsApp", level)


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


def _asks(case: Case) -> Iterator[Ask]:
    for step in case.flow.steps.values():
        if isinstance(step.main, Ask):
            yield step.main


def _questions(case: Case) -> Iterator[tuple[str, Source, str, tuple[str, ...]]]:
    """language, file, content key and choices of every question with choices whose words stand in a file."""
    asked: dict[str, tuple[str, ...]] = {}
    for ask in _asks(case):
        if ask.choices:
            asked.setdefault(ask.key, ask.choices)
    for again in case.flow.reengage:
        asked.setdefault(again.say, again.answers)
    for key, ids in asked.items():
        for lang in case.languages:
            source = case.place_of(lang, key)
            if source is not None:
                yield lang, source, key, ids


def labels_of(case: Case, key: str, lang: str) -> Mapping[str, Label]:
    """The words of a question's choices in a language; none when the entry is broken."""
    entry = _entry(case, key, lang)
    return entry.labels if entry else {}


def _entry(case: Case, key: str, lang: str) -> Entry | None:
    try:
        return case.flow.content.lookup(key, lang)
    except FlowbotError:
        return None


def _constants(wording: Wording) -> list[str]:
    return [text.source.strip() for text in wording.forms.values() if text.is_constant]


def _long(
    source: Source, path: Path, what: str, wording: Wording, most: Measure, place: str, hint: str = ""
) -> Iterator[Problem]:
    for text in wording.forms.values():
        if text.least > most.limit:
            yield _problem(source, path, what, text.least, most, place, "error", hint)


def _problem(
    source: Source, path: Path, what: str, count: int, most: Measure, place: str, level: str, hint: str = ""
) -> Problem:
    message = f"{what} has {count} characters; {place}{most.where} shows {most.limit}"
    return source.problem(path, "C411", message, hint=f"shorten it{hint}", level=level, on_value=True)
