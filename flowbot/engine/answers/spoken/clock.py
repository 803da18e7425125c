"""Times of day as people write them.

Read are: 8:30, 08.30, 8h30, 20h, 0830, 8 am, 8:30 p. m., las ocho y media, nueve menos cuarto, quarter to nine,
3 de la tarde, साढ़े आठ बजे, noon, midnight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...folding import words
from ..asked import Asked
from .vocabulary import marked, vocabulary

NAMES = frozenset(
    {"now", "noon", "midnight", "am", "pm", "night", "half", "quarter", "three_quarters", "less", "to", "filler"}
)
_PARTS = re.compile(r"[0-9]+|[^\W\d_]+[^\W\d]*", re.UNICODE)
_MINUTES = {"half": 30, "quarter": 15}


def parse(text: str, asked: Asked) -> tuple[str, ...]:
    """The time meant as `08:30`; two of them, that of the morning first, when nothing tells; () for what is none.

    >>> parse("8:30", Asked()), parse("20:15", Asked()), parse("0830", Asked()), parse("25:00", Asked())
    (('08:30', '20:30'), ('20:15',), ('08:30',), ())
    """
    tokens = _tokens(text[:60], asked)
    if not tokens:
        return ()
    marks = {meaning for _, meaning in tokens if not meaning.isdigit()}
    numbers = [int(meaning) for _, meaning in tokens if meaning.isdigit()]
    if not numbers:
        return _named(marks)
    found = _reading(tokens, numbers, marks)
    if found is None:
        return ()
    hour, minute = found
    half = marks & {"am", "pm", "night", "noon", "midnight"}
    if len(half) > 1 or not (0 <= hour <= 23 and 0 <= minute <= 59):
        return ()
    if half:
        told = _of_half(hour, half.pop())
        return (_shown(told, minute),) if told >= 0 else ()
    written = tokens[0][0]
    ambiguous = 1 <= hour <= 12 and not written.startswith("0")
    return (_shown(hour, minute), _shown((hour + 12) % 24, minute)) if ambiguous else (_shown(hour, minute),)


def _tokens(text: str, asked: Asked) -> list[tuple[str, str]]:
    """What counts of the text: each phrase with its number or its meaning; [] when something is neither."""
    parts: list[str] = []
    for part in words(text):
        whole = re.fullmatch(r"([0-9]{1,2})([0-9]{2})", part)
        parts += whole.groups() if whole and len(part) > 2 else _split(part)
    meanings: Mapping[str, str] = {**vocabulary(asked, "number_words"), **vocabulary(asked, "time_words")}
    found: list[tuple[str, str]] = []
    for phrase, meaning in marked(tuple(parts), meanings):
        meaning = meaning or (phrase if re.fullmatch(r"[0-9]{1,2}", phrase) else "")
        if not meaning or (meaning.isdigit() and int(meaning) > 59):
            return []
        if meaning != "filler":
            found.append((phrase, meaning))
    return found


def _split(part: str) -> list[str]:
    """
    >>> _split("8h30"), _split("mediodia")
    (['8', 'h', '30'], ['mediodia'])
    """
    return _PARTS.findall(part) if part[0].isdigit() else [part]


def _named(marks: set[str]) -> tuple[str, ...]:
    """Noon and midnight, perhaps and a half."""
    hour = {"noon": 12, "midnight": 0}
    named = [hour[mark] for mark in marks if mark in hour]
    minutes = [_MINUTES[mark] for mark in marks if mark in _MINUTES]
    if len(named) != 1 or len(minutes) > 1 or len(marks) != len(named) + len(minutes):
        return ()
    return (_shown(named[0], sum(minutes)),)


def _reading(tokens: Sequence[tuple[str, str]], numbers: list[int], marks: set[str]) -> tuple[int, int] | None:
    """Hour and minute; None for what is no time. Minutes `to` an hour stand before it, `less` after it."""
    if "three_quarters" in marks:
        return (numbers[0] - 1, 45) if len(numbers) == 1 else None
    minutes = [_MINUTES[mark] for mark in marks if mark in _MINUTES]
    back = "to" if "to" in marks else "less" if "less" in marks else ""
    if back:
        if len(numbers) + len(minutes) != 2:
            return None
        first = numbers[0] if len(numbers) == 2 else minutes[0]
        hour, off = (numbers[-1], first) if back == "to" else (numbers[0], (minutes or numbers[1:])[0])
        return ((hour - 1) % 24, 60 - off) if off else None
    if minutes:
        return (numbers[0], minutes[0]) if len(numbers) == 1 and len(minutes) == 1 else None
    if len(numbers) == 3 and numbers[1] in (20, 30, 40, 50) and numbers[2] < 10:
        return numbers[0], numbers[1] + numbers[2]  # eight thirty five
    if len(numbers) == 3 and all(phrase.isdigit() for phrase, _ in tokens):
        return numbers[0], numbers[1]  # seconds
    return (numbers[0], numbers[1] if len(numbers) == 2 else 0) if len(numbers) < 3 else None


def _of_half(hour: int, half: str) -> int:
    """The hour of the day; -1 when they don't go together. Nights have hours of both halves.

    >>> _of_half(8, "pm"), _of_half(12, "am"), _of_half(9, "night"), _of_half(2, "night"), _of_half(15, "am")
    (20, 0, 21, 2, -1)
    """
    if half == "night":
        half = "pm" if 6 <= hour <= 11 or hour > 12 else "am"
    if half == "noon":
        half = "pm"
    if half == "pm":
        return hour + 12 if hour < 12 else hour
    if half == "midnight":
        return 0 if hour in (0, 12) else -1
    return hour % 12 if hour <= 12 else -1


def _shown(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"
