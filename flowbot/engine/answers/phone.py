"""`expect: phone`: a phone number, kept as `+57…`. `with: {country: CO}` is for numbers without a country code."""

from __future__ import annotations

from collections.abc import Mapping

import phonenumbers

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, a_text, said

BOUNDS: Mapping[str, Bound] = {"country": a_text}


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    country = str(asked.bounds.get("country") or asked.country)
    found = parse(said(inbound) or _card(inbound), country)
    return Answer(value=found) if found else Refused(code="phone")


def parse(text: str, country: str = "") -> str:
    """The number as E.164; "" when it is none that could be called.

    >>> parse("300 111 2233", "CO"), parse("+57 (300) 111-2233"), parse("12345", "CO"), parse("300 111 2233")
    ('+573001112233', '+573001112233', '', '')
    """
    if not text or len(text) > 40:
        return ""
    try:
        found = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(found):
        return ""
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _card(inbound: Inbound) -> str:
    """The first number of a contact card that was sent instead of typing it."""
    for card in inbound.contacts if inbound.kind == "contacts" else ():
        for phone in card.get("phones") or ():
            number = phone.get("phone") or phone.get("wa_id") if isinstance(phone, Mapping) else None
            if isinstance(number, str) and number:
                return number if number.startswith("+") or " " in number else "+" + number
    return ""
