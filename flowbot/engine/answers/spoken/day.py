"""Days as people write them.

Read are: 2026-11-21, 21/11/2026 (or month first, as the contact's country does), 21/11, 21 de noviembre, Nov 21 2026,
the second of May, today, tomorrow and the like, in three days, two weeks ago, and names of weekdays: the next one, the
last one when only the past counts, or the one that is the 24th.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from ...folding import squeeze, words
from ...locale import locale_of
from ..asked import Asked
from .vocabulary import counted, marked, vocabulary

RELATIVE = {"day_before_yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1, "day_after_tomorrow": 2}
_UNITS = {"day": 1, "week": 7, "month": 0, "year": 0}
_FARTHEST = 9999  # units of a distance
_IDLE = ("filler", "day", "in")  # words that matter for distances only: the day of Monday, in May
_SHORT = re.compile(r"\W*\d{1,2}\D+\d{1,2}(\D+(\d\d|\d{4}))?\W*")
_ORDINAL = re.compile(r"([0-9]{1,2})(st|nd|rd|th|er|ro|o|a)")


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
    figures = counted(parts, asked)
    for read in (parts, figures) if figures != parts else (parts,):
        found = _relative(read, asked, past) or _weekday(read, asked, past) or _calendar(text, read, asked, past)
        if found:
            return found
    return None


def _relative(parts: tuple[str, ...], asked: Asked, past: bool) -> date | None:
    """Today and the like, and so many days, weeks, months or years from today."""
    if asked.today is None:
        return None
    named = _named(" ".join(parts), asked, past)
    if named is not None:
        return asked.today + timedelta(days=named)
    meanings = vocabulary(asked, "date_words")
    told = [(phrase, meaning) for phrase, meaning in marked(parts, meanings) if meaning != "filler"]
    units = [meaning for _, meaning in told if meaning in _UNITS]
    figures = [phrase for phrase, meaning in told if not meaning]
    ways = {meaning for _, meaning in told} - set(_UNITS) - {""}
    if len(units) != 1 or len(figures) > 1 or ways not in ({"in"}, {"ago"}):
        return None
    figure = "".join(figures) or "1"  # in a week
    count = int(figure) if re.fullmatch(r"[0-9]{1,4}", figure) else _FARTHEST
    return _away(asked.today, -count if ways == {"ago"} else count, units[0]) if count < _FARTHEST else None


def _named(typed: str, asked: Asked, past: bool) -> int | None:
    """Days from today; of a word that means two (कल is yesterday and tomorrow) the one that fits."""
    table = asked.content.table("date_words", asked.lang) if asked.content else {}
    found = [days for name, days in RELATIVE.items() if typed in map(squeeze, table.get(name, ()))]
    return (found[0] if past else found[-1]) if found else None


def _away(day: date, count: int, unit: str) -> date | None:
    """
    >>> str(_away(date(2026, 1, 31), 1, "month")), str(_away(date(2026, 1, 31), -2, "week"))
    ('2026-02-28', '2026-01-17')
    """
    try:
        if _UNITS[unit]:
            return day + timedelta(days=count * _UNITS[unit])
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return _valid(year, month, min(day.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None


def _weekday(parts: tuple[str, ...], asked: Asked, past: bool) -> date | None:
    """The next such day, today not counted, or the last; words like `next` beside it don't matter."""
    names = _names(asked.lang, "days")
    meanings = vocabulary(asked, "date_words")
    kept = [(phrase, meaning) for phrase, meaning in marked(parts, meanings) if meaning not in _IDLE]
    rest = " ".join(phrase for phrase, meaning in kept if meaning != "last")
    if asked.today is None:
        return None
    if rest in names:
        back = past or any(meaning == "last" for _, meaning in kept)
        shift = (asked.today.weekday() - names[rest] - 1) % 7 + 1 if back else 0
        return asked.today + timedelta(days=-shift if back else (names[rest] - asked.today.weekday() - 1) % 7 + 1)
    name, _, number = rest.rpartition(" ")
    number = _ordinal(number)
    return _that(asked.today, names[name], int(number), past) if name in names and number.isdigit() else None


def _that(today: date, weekday: int, day: int, past: bool) -> date | None:
    """The nearest month in which the day is such a weekday: Tuesday the 24th."""
    for months in range(0, 14):
        number = today.year * 12 + today.month - 1 + (-months if past else months)
        found = _valid(number // 12, number % 12 + 1, day)
        if found and found.weekday() == weekday and (found <= today if past else found >= today):
            return found
    return None


def _calendar(text: str, parts: tuple[str, ...], asked: Asked, past: bool) -> date | None:
    months, days = month_names(asked.lang), _names(asked.lang, "days")
    meanings = vocabulary(asked, "date_words")
    past = past or "last" in map(meanings.get, parts)
    kept = [_ordinal(part) for part in parts if meanings.get(part) not in (*_IDLE, "last") and part not in days]
    named = [at for at, part in enumerate(kept) if part in months]
    if len(named) == 1:
        numbers = kept[: named[0]] + kept[named[0] + 1 :]
        ordered = _day_and_year(numbers)
        return placed(ordered[1], months[kept[named[0]]], ordered[0], asked, past) if ordered else None
    if named or not all(part.isdigit() for part in kept):
        return None
    if len(kept) == 3 and len(kept[0]) == 4:
        return placed(int(kept[0]), int(kept[1]), int(kept[2]), asked, past)
    if len(kept) not in (2, 3) or not _SHORT.fullmatch(text.strip()):
        return None
    year = full_year(kept[2], asked) if len(kept) == 3 else None
    first, second = int(kept[0]), int(kept[1])
    month, day = (first, second) if _month_first(asked) else (second, first)
    return placed(year, month, day, asked, past)


def _day_and_year(numbers: list[str]) -> tuple[int, int | None] | None:
    """Day and year of `21 2026` or `2026 21`."""
    if not 1 <= len(numbers) <= 2 or not all(number.isdigit() for number in numbers):
        return None
    short = [int(number) for number in numbers if len(number) < 3]
    long = [int(number) for number in numbers if len(number) == 4]
    if len(short) != 1 or len(long) != len(numbers) - 1:
        return None
    return short[0], long[0] if long else None


def full_year(digits: str, asked: Asked) -> int:
    """A year of two digits lies at most ten years ahead."""
    year = int(digits)
    if len(digits) == 4:
        return year
    now = asked.today.year if asked.today else 2000
    year += now - now % 100
    return year - 100 if year > now + 10 else year


def placed(year: int | None, month: int, day: int, asked: Asked, past: bool) -> date | None:
    """That day; one without a year is the coming one, or with `past` the last."""
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
    found = _ORDINAL.fullmatch(part)
    return found[1] if found else part


def _month_first(asked: Asked) -> bool:
    """As the short date of the country has it: 11/21 in the United States, 21/11 nearly everywhere else."""
    if asked.lang.partition("-")[0] == "en" and not asked.country and "-" not in asked.lang:
        return False
    pattern = locale_of(asked.lang, asked.country).date_formats["short"].pattern
    return bool(pattern.find("M") < pattern.find("d") and "y" not in pattern[: pattern.find("M")])


def month_names(lang: str) -> dict[str, int]:
    """Folded names of months, whole and short."""
    return _names(lang, "months")


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
