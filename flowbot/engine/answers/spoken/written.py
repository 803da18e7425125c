"""Days in a form that the author asks for: DD/MM/YYYY, D.M.YY, YYYYMMDD, D MMMM YYYY."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import format_date

from ...folding import fold
from ...locale import locale_of
from ..asked import Asked
from .day import full_year, month_names, placed

_WORD = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"Y{4}|YY|M{1,4}|D{1,2}", re.IGNORECASE)
_SHAPES = {"D": r"(?P<D>\d{1,2})", "DD": r"(?P<D>\d\d)", "M": r"(?P<M>\d{1,2})", "MM": r"(?P<M>\d\d)"}
_SHAPES |= {"YY": r"(?P<Y>\d\d)", "YYYY": r"(?P<Y>\d{4})"}
_SHAPES |= dict.fromkeys(("MMM", "MMMM"), r"(?P<M>[^\W\d_]+)\.?")
_CLDR = {"D": "d", "M": "M", "Y": "y"}


def wrong_form(form: str) -> str:
    """What keeps it from being a form of a day; "" when nothing does.

    >>> wrong_form("D de MMMM de YYYY"), wrong_form("MM/YYYY"), wrong_form("DD/MM/YYY")
    ('', 'has no day', "has 'YYY', which is none of D, DD, M, MM, MMM, MMMM, YY, YYYY")
    """
    odd = [piece for is_part, piece in _parts(form) if not is_part and re.fullmatch("[dmyDMY]+", piece)]
    if odd or "%" in form:
        return f"has {odd[0] if odd else '%'!r}, which is none of D, DD, M, MM, MMM, MMMM, YY, YYYY"
    letters = [part[0].upper() for is_part, part in _parts(form) if is_part]
    for letter, what in (("D", "day"), ("M", "month"), ("Y", "year")):
        if letters.count(letter) > 1:
            return f"has the {what} twice"
        if letter not in letters and letter != "Y":
            return f"has no {what}"
    return ""


def in_form(text: str, form: str, asked: Asked, *, past: bool = False) -> date | None:
    """The day, when it is written so and there is one; without a year the coming one, or with `past` the last.

    >>> asked = Asked(lang="es", country="CO", today=date(2026, 11, 21))
    >>> [str(in_form(text, "DD/MM/YYYY", asked)) for text in ("01/12/2026", "1/12/2026", "2026-12-01", "31/02/2026")]
    ['2026-12-01', 'None', 'None', 'None']
    >>> str(in_form("1 de Diciembre", "D de MMMM", asked)), str(in_form("20261201", "YYYYMMDD", asked))
    ('2026-12-01', '2026-12-01')
    """
    found = _compiled(form).fullmatch(fold(_figures(text[:80])))
    if found is None or wrong_form(form):
        return None
    said = found.groupdict()
    month = int(said["M"]) if said["M"].isdigit() else month_names(asked.lang).get(said["M"], 0)
    year = full_year(said["Y"], asked) if said.get("Y") else None
    return placed(year, month, int(said["D"]), asked, past)


def shown(form: str, asked: Asked) -> str:
    """A day of this year written so, for who has to be told.

    >>> shown("D de MMMM de YYYY", Asked(lang="es", today=date(2026, 5, 1)))
    '21 de noviembre de 2026'
    """
    day = date(asked.today.year if asked.today else 2026, 11, 21)
    locale = locale_of(asked.lang)
    return "".join(_one(part, day, locale) if is_part else part for is_part, part in _parts(form))


def _one(part: str, day: date, locale: Locale) -> str:
    return format_date(day, _CLDR[part[0].upper()] * len(part), locale=locale)


def _parts(form: str) -> list[tuple[bool, str]]:
    """The pieces of a form: those that stand for day, month or year, and what is written as it is.

    >>> _parts("D de MMM")
    [(True, 'D'), (False, ' '), (False, 'de'), (False, ' '), (True, 'MMM')]
    """
    found: list[tuple[bool, str]] = []
    for piece in re.split(r"([^\W\d_]+)", form):
        named = _PART.findall(piece) if _WORD.fullmatch(piece) else []
        whole = "".join(named) == piece and all(_shape(part) for part in named)
        found += [(True, part) for part in named] if named and whole else [(False, piece)]
    return [(is_part, piece) for is_part, piece in found if piece]


def _shape(part: str) -> str:
    return _SHAPES.get(part.upper(), "")


@lru_cache(maxsize=256)
def _compiled(form: str) -> re.Pattern[str]:
    """Space where the form has some, or none; punctuation as it stands there."""
    parts = _parts(form) if not wrong_form(form) else []
    return re.compile("".join(_shape(part) if is_part else _literal(part) for is_part, part in parts))


def _literal(part: str) -> str:
    return r"\s+".join(map(re.escape, re.split(r"\s+", "".join(fold(char) or " " for char in part))))


def _figures(text: str) -> str:
    """Digits of any script as 0-9."""
    return "".join(str(unicodedata.decimal(one)) if unicodedata.category(one) == "Nd" else one for one in text)
