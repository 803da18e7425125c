"""What a rule's expressions and values may read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from ...model.contact import Contact
from ...model.project import Account
from ..office import Office
from ..scope import channel_names, contact_names
from ..timezone import zone

ROOTS = ("contact", "event", "subject", "account", "channel", "config", "office", "now", "lang")


def where(contact: Contact, account: Account) -> tzinfo:
    """The contact's own time zone, else the account's."""
    return zone(contact.timezone, account.timezone)


def names(
    contact: Contact,
    account: Account,
    channel: str,
    now: int,
    *,
    event: Mapping[str, Any],
    subject: Mapping[str, Any],
) -> dict[str, Any]:
    """`contact` is who gets it, `subject` whom the event is about: one and the same unless it goes to somebody else."""
    own = contact_names(contact)
    here = where(contact, account)
    return {
        "contact": own,
        "subject": subject or own,
        "event": event,
        "account": {"name": account.name, "title": account.title, "timezone": account.timezone},
        "channel": channel_names(account, channel),
        "config": account.config,
        "office": Office(account.office, now, zone(account.timezone), here),
        "now": datetime.fromtimestamp(now / 1000, here),
        "lang": contact.language,
    }
