"""`expect: money`: an amount, kept as a number. `with: {currency: COP, min: 1000, max: 500000}`

The currency is that of the contact's country unless it is given. Read are 20000, $ 20.000, 20.000 COP, 12,50, 20 mil;
an amount that names another currency is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import numbers

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, a_number, said
from .number import within
from .spoken.amount import UNKNOWN, OtherCurrency, currency_of, parse


def _a_currency(value: Any) -> str:
    good = isinstance(value, str) and value.isupper() and numbers.is_currency(value)
    return "" if good else f"should be a currency's code of three letters such as COP, not {value!r}"


BOUNDS: Mapping[str, Bound] = {"currency": _a_currency, "min": a_number, "max": a_number}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    given = str(asked.bounds.get("currency") or "").upper()
    currency = given if numbers.is_currency(given) else currency_of(asked.country)
    try:
        value = parse(said(inbound), asked, currency or UNKNOWN)
    except OtherCurrency:
        return Refused(code="money.currency", params={"currency": currency})
    if value is None:
        return Refused(code="money")
    if not currency:
        return within(value, asked) or Answer(value=value)
    return within(value, asked, "money", currency=currency) or Answer(value=value)
