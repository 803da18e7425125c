"""Filters that write moments, numbers and names as people of the contact's language and country do.

They read these from the scope: `lang`, `contact`, `account`, and the time zone of `now`. What does not fit gives null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import phonenumbers
from babel import dates, numbers
from jinja2 import pass_context
from jinja2.runtime import Context

from ..errors import ExpressionError
from ..model.duration import parse_duration
from .compare import moment, number
from .locale import locale_of, plural_form
from .plain import plain

# WhatsApp has no way to escape its marks; these look the same and format nothing.
_LOOKALIKES = str.maketrans({"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"})


# -- moments ----------------------------------------------------------------------------------------------------------


def plus(value: Any, duration: str) -> Any:
    """`now | plus('2d')`: a date stays a date when the duration is whole days.

    >>> plus("2026-11-30", "2d"), plus("2026-11-21T08:00:00+00:00", "30m"), plus("soon", "2d")
    ('2026-12-02', '2026-11-21T08:30:00+00:00', None)
    """
    return _shift(value, duration, 1)


def minus(value: Any, duration: str) -> Any:
    """
    >>> minus("2026-12-01", "1w")
    '2026-11-24'
    """
    return _shift(value, duration, -1)


def _shift(value: Any, duration: str, sign: int) -> str | None:
    try:
        step = timedelta(milliseconds=parse_duration(duration)) * sign
    except ValueError as error:
        raise ExpressionError(str(error)) from None
    found = moment(value)
    if found is None:
        return None
    if not isinstance(found, datetime) and step % timedelta(days=1):
        found = datetime(found.year, found.month, found.day)  # noqa: DTZ001  # a day of the author's has no zone
    try:
        return (found + step).isoformat()
    except OverflowError:
        return None


@pass_context
def as_date(context: Context, value: Any, style: str = "long") -> str | None:
    """`visit_on | date`, `| date('short')`, `| date('EEEE d MMMM')`: a date in the contact's language."""
    found = _local(context, value)
    if found is None:
        return None
    try:
        return dates.format_date(found, _style(style), locale=_locale(context))
    except (ValueError, AttributeError, KeyError):
        raise ExpressionError(f"not a date style: {style!r}") from None


@pass_context
def as_time(context: Context, value: Any, style: str = "short") -> str | None:
    """`now | time`: the time of day in the contact's language and zone."""
    found = _local(context, value)
    if not isinstance(found, datetime):
        return None
    try:
        return dates.format_time(found, _style(style), locale=_locale(context))
    except (ValueError, AttributeError, KeyError):
        raise ExpressionError(f"not a time style: {style!r}") from None


@pass_context
def weekday(context: Context, value: Any, style: str = "wide") -> str | None:
    """`visit_on | weekday`: the day's name in the contact's language."""
    found = _local(context, value)
    pattern = "EEE" if style in ("short", "abbreviated") else "EEEE"
    return None if found is None else dates.format_date(found, pattern, locale=_locale(context))


def _style(style: str) -> str:
    if not isinstance(style, str) or len(style) > 40:
        raise ExpressionError("a date or time style is short, medium, long, full or a pattern")
    return style


def _local(context: Context, value: Any) -> date | datetime | None:
    found = moment(value)
    zone = _zone(context)
    if isinstance(found, datetime) and found.tzinfo is not None and zone is not None:
        return found.astimezone(zone)
    return found


# -- numbers and people -----------------------------------------------------------------------------------------------


@pass_context
def as_number(context: Context, value: Any, digits: int | None = None) -> str | None:
    """`1234.5 | number` is 1.234,5 in Colombia; `| number(2)` fixes the decimals."""
    found = number(value)
    if found is None:
        return None
    pattern = None if digits is None else "#,##0" + ("." + "0" * min(max(int(digits), 0), 10) if digits else "")
    return numbers.format_decimal(Decimal(str(found)), format=pattern, locale=_locale(context))


@pass_context
def money(context: Context, value: Any, currency: str = "") -> str | None:
    """`price | money('COP')`; without a currency the country's own."""
    found = number(value)
    code = (currency or _currency(_country(context))).upper()
    if code and not numbers.is_currency(code):
        raise ExpressionError(f"not a currency: {currency!r}")
    return (
        numbers.format_currency(Decimal(str(found)), code, locale=_locale(context))
        if found is not None and code
        else None
    )


@pass_context
def plural(context: Context, count: Any, *forms: str, **named: str) -> str:
    """`n | plural('visita', 'visitas')`, or by CLDR's names: `n | plural(one='visita', other='visitas')`."""
    found = number(count)
    name = plural_form(str(context.get("lang", "en")), found)
    if named:
        return named.get(name, named.get("other", ""))
    if not forms:
        raise ExpressionError("plural wants its forms: n | plural('visit', 'visits')")
    return forms[0] if name == "one" else forms[-1]


@pass_context
def phone(context: Context, value: Any) -> str | None:
    """A number as people write it: `+57 300 1112233`; unchanged when it is none."""
    text = plain(value)
    if not text:
        return None
    try:
        found = phonenumbers.parse(text if text.startswith("+") else "+" + text)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def mask(value: Any, shown: int = 4) -> str:
    """All but the last characters hidden, and never less than half.

    >>> mask("1020304050"), mask("1234"), mask("ab", 0), mask(None)
    ('••••••4050', '••34', '••', '')
    """
    text = plain(value)
    shown = min(max(shown, 0), len(text) // 2)
    return "•" * (len(text) - shown) + text[len(text) - shown :]


def urlencode(value: Any) -> str:
    """
    >>> urlencode("a b&c/ñ")
    'a%20b%26c%2F%C3%B1'
    """
    return quote(plain(value), safe="")


def wa(value: Any) -> str:
    """WhatsApp's marks made harmless, where they would format: at a word's edge.

    >>> wa("*free* a_b ~no~ x*y")
    '∗free∗ a_b ∼no∼ x*y'
    """
    text = plain(value)
    inner = " " + text + " "
    return "".join(
        char if inner[at].isalnum() and inner[at + 2].isalnum() else char.translate(_LOOKALIKES)
        for at, char in enumerate(text)
    )


# -- what the scope says ----------------------------------------------------------------------------------------------


def _locale(context: Context) -> Any:
    return locale_of(str(context.get("lang") or "en"), _country(context))


def _country(context: Context) -> str:
    for name, member in (("contact", "country"), ("account", "default_country")):
        owner = context.get(name)
        found = owner.get(member) if isinstance(owner, Mapping) else None
        if isinstance(found, str) and found:
            return found.upper()
    return ""


def _zone(context: Context) -> tzinfo | None:
    """The contact's: that of `now`."""
    now = moment(context.get("now"))
    return now.tzinfo if isinstance(now, datetime) else None


def _currency(country: str) -> str:
    found = numbers.get_territory_currencies(country) if country else []
    return found[0] if found else ""
