"""Which of the offered choices a typed answer means.

Every mode first takes what equals exactly one choice by its label, id or an alias, and then the choice's number. Case,
accents, punctuation and outer spaces never matter, except to tell apart choices that differ in nothing else (A+, A-).
An answer that could mean two choices means none: asking again is better than guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..model.quick import quick
from .folding import fold, squeeze, words

MODES = ("close", "exact", "any_word", "all_words", "phrase", "starts_with")
_CLOSE_FROM = 4  # letters


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A choice as one contact sees it."""

    id: str
    title: str
    description: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.title, self.id, *self.aliases)


def choose(text: str, options: Sequence[Option], mode: str = "close") -> str | None:
    """The id of the one choice that the text means; None when it means none or several.

    >>> yes_no = (Option(id="yes", title="Sí, acepto"), Option(id="no", title="No acepto", aliases=("nunca",)))
    >>> [choose(text, yes_no) for text in ("si acepto", "2", "NUNCA!", "no azepto", "acepto", "")]
    ['yes', 'no', 'no', 'no', None, None]
    >>> choose("no, gracias, nunca", yes_no, "any_word")
    'no'
    """
    if not text or len(text) > 1000:
        return None
    for same in (fold, squeeze):
        found = _only(option.id for option in options if same(text) in {same(name) for name in option.names})
        if found:
            return found
    number = _numbered(text, options)
    return number or _LOOSE[mode](words(text), options)


def _numbered(text: str, options: Sequence[Option]) -> str | None:
    """By position, unless the labels are numbers themselves."""
    digits = squeeze(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
        return None
    if any(squeeze(name).isdigit() for option in options for name in (option.title, option.id)):
        return None
    return options[int(digits) - 1].id if 1 <= int(digits) <= len(options) else None


def _close(answer: tuple[str, ...], options: Sequence[Option]) -> str | None:
    typed = " ".join(answer)
    if len(typed) < _CLOSE_FROM:
        return None
    allowed = len(typed) // 4
    return _only(
        option.id
        for option in options
        if any(distance(typed, squeeze(name), allowed) <= allowed for name in option.names)
    )


def _any_word(answer: tuple[str, ...], options: Sequence[Option]) -> str | None:
    """The choice with the most words in the answer."""
    said = set(answer)
    return _best(options, lambda name: len(said.intersection(words(name))))


def _all_words(answer: tuple[str, ...], options: Sequence[Option]) -> str | None:
    said = set(answer)
    return _best(options, lambda name: len(words(name)) if words(name) and said.issuperset(words(name)) else 0)


def _phrase(answer: tuple[str, ...], options: Sequence[Option]) -> str | None:
    padded = f" {' '.join(answer)} "
    return _best(options, lambda name: len(words(name)) if words(name) and f" {squeeze(name)} " in padded else 0)


def _starts_with(answer: tuple[str, ...], options: Sequence[Option]) -> str | None:
    return _best(
        options, lambda name: len(words(name)) if words(name) and answer[: len(words(name))] == words(name) else 0
    )


def _exact(answer: tuple[str, ...], options: Sequence[Option]) -> str | None:
    return None


_LOOSE: dict[str, Callable[[tuple[str, ...], Sequence[Option]], str | None]] = {
    "close": _close,
    "exact": _exact,
    "any_word": _any_word,
    "all_words": _all_words,
    "phrase": _phrase,
    "starts_with": _starts_with,
}


def _best(options: Sequence[Option], score: Callable[[str], int]) -> str | None:
    """The choice whose best name scores above every other choice's."""
    scores = {option.id: max(map(score, option.names)) for option in options}
    highest = max(scores.values(), default=0)
    return _only(id for id, reached in scores.items() if reached == highest) if highest else None


def _only(ids: Iterable[str]) -> str | None:
    found = set(ids)
    return found.pop() if len(found) == 1 else None


def distance(one: str, other: str, limit: int) -> int:
    """How many letters must be put in, taken out, replaced or swapped with the next; above `limit` just more than it.

    >>> distance("passport", "pasaport", 2), distance("cedula", "cédula", 2), distance("form", "from", 1)
    (1, 1, 1)
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, rival in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != rival))
            if older and j > 1 and char == other[j - 2] and one[i - 2] == rival:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
