"""Languages: which falls back to which, and Babel's knowledge of each."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError


def base(lang: str) -> str:
    """The language without its region: "" when it has none.

    >>> base("pt-BR"), base("pt_BR"), base("es")
    ('pt', 'pt', '')
    """
    head, mark, _ = lang.replace("_", "-").partition("-")
    return head if mark else ""


def root(lang: str) -> str:
    """What all regions of a language share.

    >>> root("pt-BR"), root("ES")
    ('pt', 'es')
    """
    return (base(lang) or lang).lower()


def is_language(lang: str) -> bool:
    """Whether it looks like a language's code.

    >>> is_language("pt-BR"), is_language("qu"), is_language("english"), is_language("")
    (True, True, False, False)
    """
    return re.fullmatch(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*", lang, re.ASCII) is not None


@lru_cache(maxsize=512)
def locale_of(lang: str, country: str = "") -> Locale:
    """Babel's locale of a language, in a country when both are known together; English for what nobody knows.

    >>> str(locale_of("es", "CO")), str(locale_of("pt-BR")), str(locale_of("xx")), str(locale_of("hi", "ZZ"))
    ('es_CO', 'pt_BR', 'en', 'hi_IN')
    """
    word = lang.replace("-", "_")
    tries = [word, word.partition("_")[0]]
    if country and "_" not in word:
        tries.insert(0, f"{word}_{country.upper()}")
    for one in tries:
        try:
            return Locale.parse(one)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse("en")


def plural_form(lang: str, count: object) -> str:
    """CLDR's word for a count: one, few, many, other …

    >>> plural_form("es", 1), plural_form("es", 2), plural_form("hi", 0), plural_form("en", "x")
    ('one', 'other', 'one', 'other')
    """
    if isinstance(count, bool) or not isinstance(count, (int, float)):
        return "other"
    return str(locale_of(lang).plural_form(count))
