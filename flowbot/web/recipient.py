"""Whom a client means by `to`: a phone number, with or without its country code, or a business-scoped user id."""

from __future__ import annotations

import phonenumbers

from ..gateways.meta_values import bsuid
from ..model.contact import Identity


def read_recipient(to: str, country: str) -> Identity | None:
    """The identity; None when it is neither. A number without a country code is one of `country`.

    >>> read_recipient("+57 300 111 2233", "").number, read_recipient("300 111 2233", "CO").number
    ('573001112233', '573001112233')
    >>> read_recipient("US.Abc1", "").bsuid, read_recipient("300 111 2233", ""), read_recipient("nobody", "CO")
    ('US.Abc1', None, None)
    """
    scoped = bsuid(to)
    if scoped:
        return Identity(bsuid=scoped)
    if len(to) > 40:
        return None
    try:
        parsed = phonenumbers.parse(to, country or None)
    except phonenumbers.NumberParseException:
        return None
    if parsed.extension or not phonenumbers.is_possible_number(parsed):
        return None
    return Identity(number=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+"))
