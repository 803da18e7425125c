"""Words that are heard as something else than they were written for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...model.problem import Path, Problem, Source
from ...steps.ask import Ask
from ..flow import Flow
from ..folding import squeeze
from ..starts import Starts
from .case import Case
from .labels import said_of
from .starts import start_words

_MEANS = {"opt_out": "opts out of all messages", "opt_in": "opts in again"}
Channels = Iterable[tuple[Starts, Iterable[Flow]]]  # what starts on a channel, and the flows that may be open on it


def consent_first(case: Case) -> Iterable[Problem]:
    """Words of a start, of `anytime`, of a choice or a command that opt out or in: these are heard first."""
    flow = case.flow
    for source, path, word, what in (*_starts(case), *_anytime(case), *_choices(case), *_commands(case)):
        if change := flow.consent.get(squeeze(word)):
            hint = "take another word; opt-out and opt-in words are `opt_out` and `opt_in` below `words` in common.yaml"
            message = f"'{word}' {_MEANS[change]}, before {what}"
            yield source.problem(path, "K503", message, hint=hint, level="warning", on_value=_is_text(path))


def twice(case: Case) -> Iterable[Problem]:
    """A word that stands under two names of `anytime`: only the first is ever meant."""
    seen: dict[str, str] = {}
    for source, path, word, name in _words(case):
        other = seen.setdefault(squeeze(word), name)
        if other != name:
            message = f"'{word}' means '{other}' already, and never '{name}'"
            hint = "give each its own words"
            yield source.problem(path, "K505", message, hint=hint, level="warning", on_value=_is_text(path))


def between(channels: Channels, flows: Mapping[str, tuple[Flow, Source]]) -> list[Problem]:
    """Start words that mean something in another flow, where the two share a channel."""
    found: dict[tuple[str, str], Problem] = {}
    for book, open_ in channels:
        for words, id in book.keywords.items():
            other = book.messages.get(words, id)
            if other != id and (words, id) not in found:
                message = f"'{words}' alone starts the flow '{other}': there it is the whole message"
                hint = "give the two flows words of their own"
                found[words, id] = _at_start(flows[id], words, "K506", message, hint, "warning")
        understood = _understood(open_)
        for words, id in {**book.keywords, **book.messages}.items():
            others = [other for other in understood.get(words, ()) if other != id]
            if others and (words, id) not in found:
                message = (
                    f"'{words}' starts nothing while {_listed(others)} is open: there it is understood at any time"
                )
                found[words, id] = _at_start(flows[id], words, "K504", message, "", "note")
    return list(found.values())


def _understood(flows: Iterable[Flow]) -> dict[str, list[str]]:
    """Folded word -> the flows that understand it at any time."""
    found: dict[str, list[str]] = {}
    for flow in flows:
        for word in flow.words:
            found.setdefault(word, []).append(flow.id)
    return found


def _is_text(path: Path) -> bool:
    """Whether the word itself stands there, and not a name that has words elsewhere."""
    return path[0] not in ("anytime", "steps")


def _listed(flows: list[str]) -> str:
    named = ", ".join(f"'{id}'" for id in flows[:3])
    return named + (f" or one of {len(flows) - 3} more" if len(flows) > 3 else "")


def _at_start(where: tuple[Flow, Source], words: str, code: str, message: str, hint: str, level: str) -> Problem:
    flow, source = where
    place = next((path for path, text in start_words(flow, source) if squeeze(text) == words), ("start",))
    return source.problem(place, code, message, hint=hint, level=level, on_value=True)


def _starts(case: Case) -> Iterator[tuple[Source, Path, str, str]]:
    for path, text in start_words(case.flow, case.source):
        yield case.source, path, text, "it starts this flow"


def _anytime(case: Case) -> Iterator[tuple[Source, Path, str, str]]:
    """Those of the flow that lead to no step of opting out."""
    for source, path, word, name in _words(case):
        if not _opts_out(case, name):
            yield source, path, word, f"it means '{name}'"


def _choices(case: Case) -> Iterator[tuple[Source, Path, str, str]]:
    for key, ids in {ask.key: ask.choices for _, ask in _asks(case)}.items():
        for lang in case.flow.languages if ids else ():
            if (source := case.place_of(lang, key)) is None:
                continue
            for id, words in said_of(case, lang, source, key, ids):
                for word in dict.fromkeys(words) if id in ids else ():
                    yield source, (key, "choices", id), word, "it is an answer here; a tap on the button is one"


def _commands(case: Case) -> Iterator[tuple[Source, Path, str, str]]:
    for step, ask in _asks(case):
        for name in ask.commands:
            words = [word for lang in case.flow.languages for word in case.flow.content.words(name, lang)]
            for word in words or [name]:
                yield case.source, ("steps", step, "commands", name), word, f"it is the command '{name}'"


def _asks(case: Case) -> Iterator[tuple[str, Ask]]:
    for step in case.flow.steps.values():
        if isinstance(step.main, Ask):
            yield step.id, step.main


def _words(case: Case) -> Iterator[tuple[Source, Path, str, str]]:
    """The words of `anytime`, each once: where it stands, the word, its name; shipped ones stand at the name."""
    said: set[tuple[str, str]] = set()
    for name in case.flow.anytime:
        for lang in case.flow.languages:
            for word in case.flow.content.words(name, lang) or (name,):
                if (name, squeeze(word)) not in said:
                    said.add((name, squeeze(word)))
                    yield *_place(case, lang, name, word), word, name


def _place(case: Case, lang: str, name: str, word: str) -> tuple[Source, Path]:
    for files in (case.own, case.common):
        table = files[lang].data.get("words") if lang in files and isinstance(files[lang].data, dict) else None
        listed = table.get(name) if isinstance(table, dict) else None
        if isinstance(listed, list) and word in listed:
            return files[lang], ("words", name, listed.index(word))
        if listed == word:
            return files[lang], ("words", name)
    return case.source, ("anytime", name)


def _opts_out(case: Case, name: str) -> bool:
    """Whether a word of `anytime` leads to a step that opts out, or to one that may."""
    flow, doubt = case.flow, case.doubt
    way = flow.ways.get(flow.anytime[name].trigger)
    if "anytime" in doubt.keys | doubt.adrift or (way and way.state in doubt.steps):
        return True
    step = flow.steps.get(way.state) if way else None
    return step is not None and any(act.word == "opt_out" for act in step.acts)
