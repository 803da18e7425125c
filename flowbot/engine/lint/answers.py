"""What is read of answers: compared with what they never are, or before the question was asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import ExpressionError
from ...model.problem import Path, Problem, Source, suggest
from ..answered import askers
from ..comparisons import compared
from ..folding import fold
from . import graph
from .case import Case, names_in, texts_of


def never_equal(case: Case) -> Iterable[Problem]:
    """An answer of a question with choices, compared with what is none of them."""
    closed = {f"answers.{name}": choices for name, choices in _closed(case)}
    for source, path, text, bare in _texts(case) if closed else ():
        if "answers." in text and any(name in text for name in closed):
            yield from _compared(closed, source, path, text, bare)


def unasked(case: Case) -> Iterable[Problem]:
    """An answer read at a step to which no way leads from its question."""
    ways = graph.ways(case)
    heard = graph.reached(ways, graph.outside(case))
    unsure = {id for id in case.doubt.steps if case.flow.steps[id].main is None}
    unsure |= {text.removeprefix("answers.") for id in unsure for text in case.doubt.words[id]}
    asked = {name: pairs for name, pairs in askers(case.flow.steps).items() if name not in unsure}
    known: dict[str, frozenset[str]] = {}
    for source, path, step, names in _reads(case):
        for name in names:
            answer = name.removeprefix("answers.").partition(".")[0]
            if not name.startswith("answers.") or answer not in asked:
                continue
            if answer not in known:
                begin = {way for one, _ in asked[answer] for way in (one.id, *ways[one.id])}
                known[answer] = heard | graph.reached(ways, begin)
            if step not in known[answer]:
                message = f"'{name}' is empty here: no way leads from its question to '{step}'"
                hint = f"ask '{asked[answer][0][0].id}' before it"
                yield source.problem(path, "E304", message, hint=hint, level="warning", on_value=True, about=name)


def _closed(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, pairs in askers(case.flow.steps).items():
        if all(ask.choices and not ask.free for _, ask in pairs):
            yield name, tuple(dict.fromkeys(id for _, ask in pairs for id in ask.choices))


def _compared(
    closed: dict[str, tuple[str, ...]], source: Source, path: Path, text: str, bare: bool
) -> Iterator[Problem]:
    try:
        pairs = compared(text, bare)
    except ExpressionError:
        return  # said elsewhere
    for name, value in pairs:
        choices = closed.get(name)
        if choices is not None and fold(value) not in {fold(id) for id in choices}:
            hint = suggest(value, choices) or f"it is one of: {', '.join(choices[:12])}"
            message = f"'{name}' is never '{value}': its question has no such choice"
            yield source.problem(path, "E303", message, hint=hint, level="warning", on_value=True, about=value)


def _texts(case: Case) -> Iterator[tuple[Source, Path, str, bool]]:
    """Every expression and text of the flow: file, path, text, whether it is bare."""
    for read in case.reads:
        for path, text in texts_of(case.source.value(read.path), read.path):
            yield case.source, path, text, read.bare
    for key, path in case.flow.places.items():
        yield from ((case.source, path, text, False) for _, text in texts_of(case.source.value(path)) if "{" in text)
        for lang in case.flow.languages:
            yield from ((place, here, text, False) for place, here, text in case.texts(lang, key))


def _reads(case: Case) -> Iterator[tuple[Source, Path, str, Iterable[str]]]:
    """File, path, step and names of what steps read themselves, and in texts that stand in them."""
    for read in case.reads:
        if read.path[0] == "steps":
            yield case.source, read.path, str(read.path[1]), read.names
    for key, path in case.flow.places.items():
        if path[0] == "steps" and case.place_of(case.fallback, key) is None and key not in case.shipped:
            yield case.source, path, str(path[1]), case.flow.content.names(key, case.fallback)
        for lang in case.flow.languages if path[0] == "steps" and key not in case.shared else ():
            for place, here, text in case.texts(lang, key):
                yield place, here, str(path[1]), names_in(text)
