"""`expect: phone`: a phone number, kept as `+57…`. `with: {country: CO, countries: [CO, VE], mobile: true}`

`country` is for numbers without a country code; numbers of other `countries` are refused, and with `mobile` those that
are known to be no mobile phone's. A contact card counts as its first number.
"""

from __future__ import annotations

from collections.abc import Mapping

import phonenumbers

from ...model.inbound import Inbound
from .asked import Answer, Asked, Bound, Refused, a_country, a_flag, countries, listed, said

BOUNDS: Mapping[str, Bound] = {"country": a_country, "countries": countries, "mobile": a_flag}
_FIXED = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.TOLL_FREE)


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    country = str(asked.bounds.get("country") or asked.country)
    found = parse(said(inbound) or _card(inbound), country)
    if not found:
        return Refused(code="phone")
    number = phonenumbers.parse(found)
    allowed = listed(asked.bounds.get("countries"))
    if allowed and phonenumbers.region_code_for_number(number) not in allowed:
        return Refused(code="phone.country", params={"countries": ", ".join(allowed)})
    if asked.bounds.get("mobile") is True and phonenumbers.number_type(number) in _FIXED:
        return Refused(code="phone.mobile")
    return Answer(value=found)


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
