"""Numbers in figures, with comma or point, and with thousands."""

from __future__ import annotations

import re

from ...folding import fold
from ...locale import locale_of

_SHAPE = re.compile(r"[+-]?[0-9][0-9.,]*\Z", re.ASCII)
_GROUPS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\Z|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}\Z", re.ASCII)  # 1,234,567 or 12,34,567


def parse(text: str, lang: str = "en", country: str = "", *, decimals: int | None = None) -> int | float | None:
    """The number that a person of this language and country means; a lone 1.234 is decided by it.

    With `decimals`, as money has them, 1.234 can only be thousands, and more decimals make it no number.

    >>> parse("12"), parse("1,5"), parse("1.234", "es", "CO"), parse("1.234", "en"), parse("1,234.50", "en")
    (12, 1.5, 1234, 1.234, 1234.5)
    >>> parse("१२"), parse("1 000 000", "fr"), parse("2,50,000", "hi"), parse("12 kg"), parse("1.2.3")
    (12, 1000000, 250000, None, None)
    >>> parse("1.234", "en", decimals=2), parse("1.2345", "en", decimals=2)
    (1234, None)
    """
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    digits = "".join(_digit(char) for char in fold(text)).replace("−", "-")
    digits = re.sub(r"(?<=[0-9])[\s'’](?=[0-9]{3}(?![0-9]))", "", digits)
    if not _SHAPE.match(digits) or len(digits) > 24:
        return None
    sign = -1 if digits.startswith("-") else 1
    whole, fraction = _parts(digits.lstrip("+-"), _thousands(lang, country, decimals))
    if not whole.isdigit() or (fraction and not fraction.isdigit()) or len(whole) > 15:
        return None
    if decimals is not None and len(fraction) > decimals:
        return None
    return sign * float(f"{whole}.{fraction}") if fraction else sign * int(whole)


def _parts(digits: str, thousands: str) -> tuple[str, str]:
    """Whole part and decimals; a whole part that is no number when the marks make no sense."""
    marks = [char for char in digits if char in ".,"]
    if not marks:
        return digits, ""
    last = marks[-1]
    if len(set(marks)) == 2:
        whole, _, fraction = digits.rpartition(last)
        return (_ungrouped(whole), fraction) if marks.count(last) == 1 else ("", "")
    if len(marks) > 1:
        return _ungrouped(digits), ""
    whole, _, fraction = digits.partition(last)
    if last in thousands and len(fraction) == 3 and len(whole) <= 3 and whole != "0":
        return whole + fraction, ""
    return (whole, fraction) if fraction else ("", "")


def _ungrouped(digits: str) -> str:
    commas = digits.replace(".", ",")
    return commas.replace(",", "") if _GROUPS.match(commas) or "," not in commas else ""


def _thousands(lang: str, country: str, decimals: int | None) -> str:
    """The marks that may part thousands when one stands alone."""
    if decimals is not None and decimals < 3:
        return ".,"
    symbols = locale_of(lang, country).number_symbols
    return str(symbols.get("latn", symbols).get("group", ","))


def _digit(char: str) -> str:
    return str(int(char)) if char.isdecimal() and not char.isascii() else char
