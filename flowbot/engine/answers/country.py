"""`expect: country`: a country, kept as its code of two letters: CO. `with: {countries: [CO, MX, PE]}`

Read are its name in the flow's languages, with a typing error in it too, its codes of two and three letters, its flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from babel.core import get_global

from ...model.inbound import Inbound
from ..folding import squeeze
from ..locale import locale_of
from ..match import distance
from .asked import Answer, Asked, Bound, Refused, listed, said
from .asked import countries as _countries
from .spoken.vocabulary import vocabulary

BOUNDS: Mapping[str, Bound] = {"countries": _countries}
_NONE = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})
_FLAG = range(0x1F1E6, 0x1F200)
_CLOSE_FROM = 5  # letters
_LONGEST = 60


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    found = parse(said(inbound), asked)
    if not found:
        return Refused(code="country")
    allowed = listed(asked.bounds.get("countries"))
    if allowed and found not in allowed:
        own = locale_of(asked.lang).territories
        return Refused(code="country.other", params={"countries": ", ".join(own.get(code, code) for code in allowed)})
    return Answer(value=found)


def parse(text: str, asked: Asked) -> str:
    """The code of the country meant; "" when none is, or one of two.

    >>> asked = Asked(lang="es")
    >>> [parse(text, asked) for text in ("Perú", "col", "Estados Unidos", "🇲🇽", "Colonbia", "Germany", "Narnia")]
    ['PE', 'CO', 'US', 'MX', 'CO', 'DE', '']
    """
    flag = "".join(chr(ord(char) - _FLAG.start + 65) for char in text if ord(char) in _FLAG)
    typed = squeeze(text) if len(text) <= _LONGEST else ""
    spoken = vocabulary(asked, "country_words")
    languages = asked.content.languages if asked.content else ()
    tables = [names(lang) for lang in dict.fromkeys((asked.lang, *languages, "en"))]
    code = _coded(flag or text.strip().upper()) or spoken.get(typed) or ""
    for table in tables:
        code = code or table.get(typed, "")
    return code or _near(typed, tables)


def _coded(code: str) -> str:
    """
    >>> _coded("CO"), _coded("COL"), _coded("XYZ")
    ('CO', 'CO', '')
    """
    if len(code) == 3 and code.isalpha():
        alias: list[str] = get_global("territory_aliases").get(code) or [""]
        code = alias[0] if len(alias) == 1 else ""
    return code if code in _codes() else ""


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    known = map(str, locale_of("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha() and code not in _NONE)


@lru_cache(maxsize=64)
def names(lang: str) -> Mapping[str, str]:
    """Folded name in a language -> code."""
    known = locale_of(lang).territories
    return {squeeze(known[code]): code for code in sorted(_codes()) if code in known}


def _near(typed: str, tables: Iterable[Mapping[str, str]]) -> str:
    """The one country whose name lies within a quarter of the letters, as choices are matched."""
    if len(typed) < _CLOSE_FROM:
        return ""
    allowed = len(typed) // 4
    best: dict[str, int] = {}
    for table in tables:
        for name, code in table.items():
            if abs(len(name) - len(typed)) <= allowed:
                away = distance(typed, name, allowed)
                if away <= allowed:
                    best[code] = min(away, best.get(code, away))
    nearest = [code for code, away in best.items() if away == min(best.values())]
    return nearest[0] if len(nearest) == 1 else ""
