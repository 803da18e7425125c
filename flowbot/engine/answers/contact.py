"""`expect: contact`: a contact card. `with: {country: CO}` is for its numbers without a country code.

Kept are its `name`, `phone` and `email`, and all of them under `phones` and `emails`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model.inbound import Inbound
from . import email, phone
from .asked import Answer, Asked, Bound, Refused, a_country

BOUNDS: Mapping[str, Bound] = {"country": a_country}
_MOST = 10  # numbers and addresses of one card


def read(inbound: Inbound, asked: Asked) -> Answer | Refused:
    """
    >>> from flowbot.model.contact import Identity
    >>> card = {"name": {"formatted_name": "Ana"}, "phones": [{"phone": "300 111 2233"}]}
    >>> card = {**card, "emails": [{"email": "a@b.co"}]}
    >>> read(Inbound(id="1", sender=Identity(), kind="contacts", contacts=(card,)), Asked(country="CO")).value
    {'name': 'Ana', 'phone': '+573001112233', 'email': 'a@b.co', 'phones': ['+573001112233'], 'emails': ['a@b.co']}
    """
    card = next(iter(inbound.contacts), None) if inbound.kind == "contacts" else None
    if card is None:
        return Refused(code="contact")
    name = _name(card.get("name"))
    country = str(asked.bounds.get("country") or asked.country)
    phones = [number for number in (_number(one, country) for one in _rows(card, "phones")) if number]
    emails = [
        address for address in (email.parse(str(one.get("email") or "")) for one in _rows(card, "emails")) if address
    ]
    if not name and not phones and not emails:
        return Refused(code="contact")
    first = {"phone": next(iter(phones), None), "email": next(iter(emails), None)}
    return Answer(value={"name": name, **first, "phones": phones, "emails": emails})


def _rows(card: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = card.get(key)
    return [one for one in rows if isinstance(one, Mapping)][:_MOST] if isinstance(rows, (list, tuple)) else []


def _name(named: Any) -> str:
    """
    >>> _name({"formatted_name": "Ana Paz"}), _name({"first_name": "Ana"}), _name(None)
    ('Ana Paz', 'Ana', '')
    """
    if not isinstance(named, Mapping):
        return ""
    whole = named.get("formatted_name") or " ".join(
        str(named[part]) for part in ("first_name", "last_name") if named.get(part)
    )
    return str(whole)[:200].strip()


def _number(row: Mapping[str, Any], country: str) -> str:
    """WhatsApp's own id of the number is one with its country code."""
    wa_id, written = str(row.get("wa_id") or ""), str(row.get("phone") or "")
    return phone.parse(written, country) or phone.parse("+" + wa_id.lstrip("+") if wa_id else "")
