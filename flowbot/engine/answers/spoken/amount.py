"""Amounts of money as people write them: 20000, $ 20.000, 20.000 COP, US$ 12.50, 20 mil, 1,5 millones de pesos."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from babel import Locale, UnknownLocaleError, numbers
from babel.core import get_global

from ...folding import fold, squeeze, words
from ...locale import locale_of
from ..asked import Asked
from .figures import parse as figures
from .vocabulary import vocabulary

_FIGURES = re.compile(r"[+-]?\d[\d.,\s'’]*(?<=\d)")
_LANGUAGES = ("en", "es", "pt", "hi", "fr")
_FILLERS = frozenset({"de", "of", "d", "et", "y", "e"})
UNKNOWN = "XXX"  # what banks write for no currency: amounts then have figures alone
_DOLLAR = "$"  # so many currencies write it that it names none


class OtherCurrency(Exception):
    """The amount is of another currency than the one that is asked for."""


def parse(text: str, asked: Asked, currency: str) -> int | float | None:
    """The amount in this currency; None for what is none. OtherCurrency when the text names another.

    >>> asked = Asked(lang="es", country="CO")
    >>> [parse(text, asked, "COP") for text in ("$ 20.000", "20000,50", "COP 1.500", "mil pesos", "20 pesos", "1,2345")]
    [20000, 20000.5, 1500, None, 20, None]
    """
    text = fold(text[:60])
    found = _FIGURES.search(text)
    if found is None:
        return None
    beside = f"{text[: found.start()]} {text[found.end() :]}"
    value = figures(found[0], asked.lang, asked.country, decimals=decimals_of(currency))
    times = _multiple(beside, asked, currency)
    if value is None or times is None:
        return None
    value = round(value * times, 4)
    return int(value) if value == int(value) else value


def decimals_of(currency: str) -> int:
    """How many decimals an amount may have; two where cash has fewer, for accounts do.

    >>> decimals_of("COP"), decimals_of("KWD"), decimals_of("JPY")
    (2, 3, 2)
    """
    return max(2, numbers.get_currency_precision(currency))


def currency_of(country: str) -> str:
    """The currency of a country; "" when nobody knows one.

    >>> currency_of("CO"), currency_of("")
    ('COP', '')
    """
    found = numbers.get_territory_currencies(country.upper()) if country else []
    return found[0] if found else ""


def _multiple(beside: str, asked: Asked, currency: str) -> int | None:
    """What the words beside the figures make of them; None when one of them means nothing."""
    meanings = vocabulary(asked, "number_words")
    times, rest = 1, []
    for word in words(beside):
        meaning = meanings.get(word, "")
        if meaning.isdigit() and int(meaning) >= 1000:
            times *= int(meaning)
        elif word not in _FILLERS:
            rest.append(word)
    signs = re.sub(r"[\s.\-/]|\w", "", beside)
    named = " ".join(rest)
    own = names_of(currency, asked.lang)
    if (not named or named in own) and (not signs or signs == _DOLLAR or signs in own):
        return times if times <= 10**9 else None
    if currency != UNKNOWN and _names_another(named, signs, asked.lang):
        raise OtherCurrency
    return None


def _names_another(named: str, signs: str, lang: str) -> bool:
    """Whether code, name or sign is that of any other currency that people here may mean."""
    if len(named) == 3 and numbers.is_currency(named.upper()):
        return True
    return any(named in names_of(code, lang) or (signs and signs in names_of(code, lang)) for code in _COMMON)


# Those that are named beside a country's own.
_COMMON = (
    "USD",
    "EUR",
    "GBP",
    "BRL",
    "MXN",
    "ARS",
    "CLP",
    "COP",
    "PEN",
    "INR",
    "CHF",
    "JPY",
    "CNY",
    "CAD",
    "AUD",
    "XOF",
)


_SLANG = {"INR": ("rs", "re"), "USD": ("dls", "dlls", "bucks"), "PKR": ("rs",), "NPR": ("rs",)}
_NOUN_FIRST = ("es", "pt", "fr")  # peso colombiano, but Colombian peso


@lru_cache(maxsize=512)
def names_of(currency: str, lang: str) -> Set[str]:
    """Everything that names the currency, folded: its code, signs, names, and their first and last words.

    >>> {"pesos", "cop", "pesos colombianos"} <= names_of("COP", "es"), "dolares" in names_of("COP", "es")
    (True, False)
    """
    found = {currency.lower(), *_signs(currency), *_SLANG.get(currency, ())}
    for spoken in dict.fromkeys((lang, *_LANGUAGES)):
        locale = locale_of(spoken)
        for form in {numbers.get_currency_name(currency, count, locale) for count in (None, 1, 2, 1_000_000)}:
            parts = words(form)
            if parts:
                found |= {squeeze(form), parts[0] if locale.language in _NOUN_FIRST else parts[-1]}
    return frozenset(found)


def _signs(currency: str) -> set[str]:
    """As the currency is written in the languages here, and where it is at home."""
    homes = [
        territory
        for territory, listed in get_global("territory_currencies").items()
        if any(code == currency and end is None for code, _, end, _ in listed)
    ]
    found = set()
    for name in (*_LANGUAGES, *(f"und_{territory}" for territory in homes[:8])):
        try:
            sign = fold(numbers.get_currency_symbol(currency, Locale.parse(name)))
        except (ValueError, UnknownLocaleError):
            continue
        found |= {sign, "".join(words(sign)), re.sub(r"[\w\s.]", "", sign)} - {""}
    return found - {_DOLLAR}
