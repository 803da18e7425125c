"""Cutting texts where a reader would pause: at a paragraph, a line, a sentence, a word; inside a word only in need."""

from __future__ import annotations

import re
import unicodedata

_SENTENCE = re.compile(r"[.!?…。！？।](?=\s)")
_JOINER = "\u200d"


def pages(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters, in order, without empty ones.

    >>> pages("One two. Three four.", 12)
    ['One two.', 'Three four.']
    """
    found = []
    text = text.strip()
    while len(text) > limit:
        at = _break_before(text, limit)
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*found, text] if text else found


def tail(text: str, limit: int) -> tuple[str, str]:
    """The text before, and its longest ending of at most `limit` characters that starts at a pause.

    >>> tail("A long story.\\n\\nDo you agree?", 15)
    ('A long story.', 'Do you agree?')
    """
    text = text.strip()
    if len(text) <= limit:
        return "", text
    start = len(text) - limit
    for pattern in (r"\n\s*\n\s*", r"\n\s*", r"(?<=[.!?…。！？।])\s+", r"\s+"):
        found = re.compile(pattern).search(text, start - 1)
        if found and found.end() < len(text):
            return text[: found.start()].rstrip(), text[found.end() :]
    start = _whole(text, start, forward=True)
    return text[:start], text[start:]


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis: never longer than `limit`.

    >>> cut("Cédula de ciudadanía", 10), cut("Cédula", 10)
    ('Cédula de…', 'Cédula')
    """
    if len(text) <= limit:
        return text
    return text[: _whole(text, limit - 1)].rstrip() + "…"


def _break_before(text: str, limit: int) -> int:
    """Where to break: a pause in the page's second half is good, else the next weaker kind of pause."""
    window = text[: limit + 1]
    for mark in ("\n\n", "\n"):
        at = window.rfind(mark, limit // 2)
        if at > 0:
            return at
    sentences = [found.end() for found in _SENTENCE.finditer(window) if found.end() >= limit // 2]
    if sentences:
        return sentences[-1]
    at = max(window.rfind(" "), window.rfind("\n"), window.rfind("\t"))
    return at if at > 0 else _whole(text, limit)


def _whole(text: str, at: int, *, forward: bool = False) -> int:
    """The nearest place that does not tear a letter from its marks or an emoji apart."""
    step, here = (1 if forward else -1), at
    while 0 < here < len(text) and _torn(text, here) and abs(here - at) < 16:
        here += step
    return here if 0 < here < len(text) else at


def _torn(text: str, at: int) -> bool:
    after, before = text[at], text[at - 1]
    return (
        unicodedata.category(after) in ("Mn", "Mc", "Me")
        or after == _JOINER
        or before == _JOINER
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )
