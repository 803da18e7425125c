"""`expect: number`: a number with comma or point, and with thousands. `with: {min: 0, max: 200}`"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...model.inbound import Inbound
from ..compare import number as bound
from ..folding import fold
from ..locale import locale_of
from .asked import Answer, Asked, Bound, Refused, a_number, said

BOUNDS: Mapping[str, Bound] = {"min": a_number, "max": a_number}
_SHAPE = re.compile(r"[+-]?[0-9][0-9.,]*\Z", re.ASCII)
_GROUPS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\Z|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}\Z", re.ASCII)  # 1,234,567 or 12,34,567


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    value = parse(said(inbound), asked.lang, asked.country)
    if value is None:
        return Refused(code="number")
    return within(value, asked) or Answer(value=value)


def within(value: int | float, asked: Asked) -> Refused | None:
    """Why the bounds refuse it; None when they don't."""
    least, most = bound(asked.bounds.get("min")), bound(asked.bounds.get("max"))
    if least is not None and value < least:
        return Refused(code="number.small", params={"min": least})
    if most is not None and value > most:
        return Refused(code="number.large", params={"max": most})
    return None


def parse(text: str, lang: str = "en", country: str = "") -> int | float | None:
    """The number that a person of this language and country means; a lone 1.234 is decided by it.

    >>> parse("12"), parse("1,5"), parse("1.234", "es", "CO"), parse("1.234", "en"), parse("1,234.50", "en")
    (12, 1.5, 1234, 1.234, 1234.5)
    >>> parse("१२"), parse("1 000 000", "fr"), parse("2,50,000", "hi"), parse("12 kg"), parse("1.2.3")
    (12, 1000000, 250000, None, None)
    """
    digits = "".join(_digit(char) for char in fold(text)).replace("−", "-")
    digits = re.sub(r"(?<=[0-9])[\s'’](?=[0-9]{3}(?![0-9]))", "", digits)
    if not _SHAPE.match(digits) or len(digits) > 24:
        return None
    sign = -1 if digits.startswith("-") else 1
    whole, fraction = _parts(digits.lstrip("+-"), _thousands(lang, country))
    if not whole.isdigit() or (fraction and not fraction.isdigit()) or len(whole) > 15:
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
    if last == thousands and len(fraction) == 3 and len(whole) <= 3 and whole != "0":
        return whole + fraction, ""
    return (whole, fraction) if fraction else ("", "")


def _ungrouped(digits: str) -> str:
    commas = digits.replace(".", ",")
    return commas.replace(",", "") if _GROUPS.match(commas) or "," not in commas else ""


def _thousands(lang: str, country: str) -> str:
    symbols = locale_of(lang, country).number_symbols
    return str(symbols.get("latn", symbols).get("group", ","))


def _digit(char: str) -> str:
    return str(int(char)) if char.isdecimal() and not char.isascii() else char
