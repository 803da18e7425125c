"""Whom a client means by `to`: a phone number, with or without its country code, or a business-scoped user id."""

from __future__ import annotations

import phonenumbers

from ..model.contact import Identity
from ..model.number import canonical
from .meta_values import bsuid

NO_NUMBER = "is no phone number: write it with its country code, like +573001112233"


def read_recipient(to: str, country: str) -> Identity | None:
    """The identity; None when it is neither. A number without `+` is one of `country`, or nobody's: what is no number
    there is not taken for one abroad, nor for one that cannot be.

    >>> read_recipient("+57 300 111 2233", "").number, read_recipient("300 111 2233", "CO").number
    ('573001112233', '573001112233')
    >>> read_recipient("573001112233", "CO").number, read_recipient("15550100001", "CO")
    ('573001112233', None)
    >>> read_recipient("US.Abc1", "").bsuid, read_recipient("300 111 2233", ""), read_recipient("nobody", "CO")
    ('US.Abc1', None, None)
    """
    scoped = bsuid(to)
    if scoped:
        return Identity(bsuid=scoped)
    if len(to) > 40:
        return None
    parsed = _parse(to, country)
    if parsed is None and to.lstrip().startswith("+"):
        digits = "".join(filter(str.isdigit, to))
        known = canonical(digits)  # WhatsApp has spellings that no telephone knows, like +52 1 …
        parsed = _parse("+" + known, country) if known != digits else None
    if parsed is None:
        return None
    return Identity(number=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+"))


def _parse(to: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(to, country or None)
    except phonenumbers.NumberParseException:
        return None
    whole = to.lstrip().startswith("+")
    sound = phonenumbers.is_possible_number(parsed) if whole else phonenumbers.is_valid_number(parsed)
    return parsed if sound and not parsed.extension else None
