"""`expect: date`: a day, kept as `2026-11-21`. `with: {min: today, max: "2026-12-31"}`

Read are: 2026-11-21, 21/11/2026 (or month first, as the contact's country does), 21/11, 21 de noviembre, Nov 21 2026,
today, tomorrow and the like, and names of weekdays: the next one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from ...model.inbound import Inbound
from ..compare import moment
from ..folding import squeeze, words
from ..locale import locale_of
from .asked import Answer, Asked, Bound, Refused, said

_RELATIVE = {"yesterday": -1, "today": 0, "tomorrow": 1, "day_after_tomorrow": 2}


def _a_day(value: Any) -> str:
    good = (isinstance(value, str) and value in _RELATIVE) or moment(value) is not None
    return "" if good else f"should be a day such as 2026-12-31, today or tomorrow, not {value!r}"


BOUNDS: Mapping[str, Bound] = {"min": _a_day, "max": _a_day}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    least, most = _bound("min", asked), _bound("max", asked)
    day = parse(said(inbound), asked, past=most is not None and asked.today is not None and most <= asked.today)
    if day is None:
        return Refused(code="date")
    if least is not None and day < least:
        return Refused(code="date.early", params={"min": least.isoformat()})
    if most is not None and day > most:
        return Refused(code="date.late", params={"max": most.isoformat()})
    return Answer(value=day.isoformat())


def parse(text: str, asked: Asked, *, past: bool = False) -> date | None:
    """The day meant; one without a year is the coming one, or with `past` the last.

    >>> asked = Asked(lang="es", country="CO", today=date(2026, 11, 21))
    >>> [str(parse(text, asked)) for text in ("2026-12-01", "1/12/26", "3 enero", "lunes", "31/2/2026", "pronto")]
    ['2026-12-01', '2026-12-01', '2027-01-03', '2026-11-23', 'None', 'None']
    """
    text = text[:80]
    parts = words(text)
    if not parts:
        return None
    return _relative(parts, asked) or _weekday(parts, asked) or _calendar(text, parts, asked, past)


def _bound(name: str, asked: Asked) -> date | None:
    value = asked.bounds.get(name)
    if isinstance(value, str) and value in _RELATIVE and asked.today:
        return asked.today + timedelta(days=_RELATIVE[value])
    found = moment(value)
    return date(found.year, found.month, found.day) if found else None


def _relative(parts: tuple[str, ...], asked: Asked) -> date | None:
    typed = " ".join(parts)
    if asked.today is None:
        return None
    for name, spoken in _table(asked).items():
        if name in _RELATIVE and typed in map(squeeze, spoken):
            return asked.today + timedelta(days=_RELATIVE[name])
    return None


def _weekday(parts: tuple[str, ...], asked: Asked) -> date | None:
    """The next such day, today not counted; words like `next` beside it don't matter."""
    names = _names(asked.lang, "days")
    fillers = {word for spoken in _table(asked).get("filler", ()) for word in words(spoken)}
    rest = " ".join(part for part in parts if part not in fillers)
    if asked.today is None or rest not in names:
        return None
    ahead = (names[rest] - asked.today.weekday() - 1) % 7 + 1
    return asked.today + timedelta(days=ahead)


def _calendar(text: str, parts: tuple[str, ...], asked: Asked, past: bool) -> date | None:
    months = _names(asked.lang, "months")
    fillers = {word for spoken in _table(asked).get("filler", ()) for word in words(spoken)}
    kept = [_ordinal(part) for part in parts if part not in fillers and part not in _names(asked.lang, "days")]
    named = [at for at, part in enumerate(kept) if part in months]
    if len(named) == 1:
        numbers = kept[: named[0]] + kept[named[0] + 1 :]
        ordered = _day_and_year(numbers)
        return _day(ordered[1], months[kept[named[0]]], ordered[0], asked, past) if ordered else None
    if named or not all(part.isdigit() for part in kept):
        return None
    if len(kept) == 3 and len(kept[0]) == 4:
        return _day(int(kept[0]), int(kept[1]), int(kept[2]), asked, past)
    if len(kept) not in (2, 3) or not re.fullmatch(r"\W*\d{1,2}\D+\d{1,2}(\D+(\d\d|\d{4}))?\W*", text.strip()):
        return None
    year = _year(kept[2], asked) if len(kept) == 3 else None
    first, second = int(kept[0]), int(kept[1])
    month, day = (first, second) if _month_first(asked) else (second, first)
    return _day(year, month, day, asked, past)


def _day_and_year(numbers: list[str]) -> tuple[int, int | None] | None:
    """Day and year of `21 2026` or `2026 21`."""
    if not 1 <= len(numbers) <= 2 or not all(number.isdigit() for number in numbers):
        return None
    short = [int(number) for number in numbers if len(number) < 3]
    long = [int(number) for number in numbers if len(number) == 4]
    if len(short) != 1 or len(long) != len(numbers) - 1:
        return None
    return short[0], long[0] if long else None


def _year(digits: str, asked: Asked) -> int:
    """A year of two digits lies at most ten years ahead."""
    year = int(digits)
    if len(digits) == 4:
        return year
    now = asked.today.year if asked.today else 2000
    year += now - now % 100
    return year - 100 if year > now + 10 else year


def _day(year: int | None, month: int, day: int, asked: Asked, past: bool) -> date | None:
    if year is not None:
        return _valid(year, month, day)
    if asked.today is None:
        return None
    years = range(asked.today.year, asked.today.year - 9, -1) if past else range(asked.today.year, asked.today.year + 9)
    for one in years:  # nine, for the 29th of February
        found = _valid(one, month, day)
        if found and (found <= asked.today if past else found >= asked.today):
            return found
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= 1850 else None
    except ValueError:
        return None


def _ordinal(part: str) -> str:
    """
    >>> _ordinal("1st"), _ordinal("1er"), _ordinal("1o"), _ordinal("may")
    ('1', '1', '1', 'may')
    """
    found = re.fullmatch(r"([0-9]{1,2})(st|nd|rd|th|er|ro|o|a)", part)
    return found[1] if found else part


def _month_first(asked: Asked) -> bool:
    """As the short date of the country has it: 11/21 in the United States, 21/11 nearly everywhere else."""
    if asked.lang.partition("-")[0] == "en" and not asked.country and "-" not in asked.lang:
        return False
    pattern = locale_of(asked.lang, asked.country).date_formats["short"].pattern
    return bool(pattern.find("M") < pattern.find("d") and "y" not in pattern[: pattern.find("M")])


def _table(asked: Asked) -> Mapping[str, tuple[str, ...]]:
    return asked.content.table("date_words", asked.lang) if asked.content else {}


@lru_cache(maxsize=128)
def _names(lang: str, what: str) -> dict[str, int]:
    """Folded names and short forms of months (1-12) or weekdays (0 is Monday); a form of two is left out."""
    table: dict[str, set[int]] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for position, name in getattr(locale_of(lang), what)[context][width].items():
                for form in _forms(name):
                    table.setdefault(form, set()).add(position)
    return {name: positions.pop() for name, positions in table.items() if len(positions) == 1}


def _forms(name: str) -> set[str]:
    """The name, its first word (segunda-feira), and its first three letters where those are Latin."""
    found = words(name)
    forms = {" ".join(found), found[0]}
    return forms | ({found[0][:3]} if found[0].isascii() and len(found[0]) > 3 else set())
