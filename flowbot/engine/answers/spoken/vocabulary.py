"""Words of a language's table found in what was said."""

from __future__ import annotations

from collections.abc import Mapping

from ..asked import Asked

_LONGEST = 4  # words of one phrase


def vocabulary(asked: Asked, key: str) -> Mapping[str, str]:
    """Folded phrase -> what it means, in the contact's language."""
    return asked.content.meanings(key, asked.lang) if asked.content else {}


def marked(parts: tuple[str, ...], meanings: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each word, or phrase of several, with its meaning; "" for one that has none. Longer phrases go first.

    >>> marked(("a", "las", "8", "de", "la", "noche"), {"a las": "filler", "de la noche": "night", "de": "filler"})
    [('a las', 'filler'), ('8', ''), ('de la noche', 'night')]
    """
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(parts):
        for length in range(min(_LONGEST, len(parts) - at), 0, -1):
            phrase = " ".join(parts[at : at + length])
            meaning = meanings.get(phrase, "")
            if meaning or length == 1:
                found.append((phrase, meaning))
                at += length
                break
    return found


def counted(parts: tuple[str, ...], asked: Asked) -> tuple[str, ...]:
    """The words of which those that name a number are figures: `tres` is `3`.

    >>> counted(("dos", "de", "mayo"), Asked())
    ('dos', 'de', 'mayo')
    """
    return tuple(meaning or phrase for phrase, meaning in marked(parts, vocabulary(asked, "number_words")))
