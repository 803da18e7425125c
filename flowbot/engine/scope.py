"""The names that texts and conditions may read, as plain mappings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..model.contact import Contact
from ..model.project import Account
from .office import Office
from .timezone import zone

if TYPE_CHECKING:
    from .live import Live


def moment(now: int, live: Live, contact: Contact, account: Account) -> datetime:
    """The time as the flow sees it."""
    return datetime.fromtimestamp(now / 1000, where(live, contact, account))


def where(live: Live, contact: Contact, account: Account) -> tzinfo:
    """The flow's own time zone, else the contact's, else the account's."""
    return zone(live.flow_.settings.timezone, contact.timezone, account.timezone)


@lru_cache(maxsize=8192)
def _utc(ms: int) -> datetime:
    """All turns of a process read its beginning."""
    return datetime.fromtimestamp(ms / 1000, zone("UTC"))


def contact_names(contact: Contact) -> dict[str, Any]:
    return {
        **contact.fields,
        "id": contact.id,
        "name": contact.name,
        "phone": "+" + contact.number if contact.number else "",
        "number": contact.number,
        "user_id": contact.bsuid,
        "language": contact.language,
        "timezone": contact.timezone,
        "country": contact.country,
        "labels": contact.labels,
        "groups": contact.groups,
    }


def process_names(live: Live) -> dict[str, Any]:
    return {
        "id": live.id,
        "flow": live.flow,
        "version": live.flow_version,
        "state": live.state,
        "step": live.step,
        "started_at": _utc(live.started_at),
        "started_by": live.started_by,
        "account_id": live.account_id,
    }


def channel_names(account: Account, name: str) -> dict[str, Any]:
    channel = account.channels.get(name)
    if channel is None:
        return {"name": name, "number": "", "gateway": ""}
    return {"name": name, "number": channel.number, "gateway": channel.gateway}


def build(live: Live, contact: Contact, account: Account, channel: str, now: int) -> dict[str, Any]:
    """All names, by root. What a step found stands under its id."""
    results: Mapping[str, Any] = live.results
    here = where(live, contact, account)
    return {
        **results,
        "contact": contact_names(contact),
        "answers": live.answers,
        "inputs": live.inputs,
        "vars": live.vars,
        "process": process_names(live),
        "channel": channel_names(account, channel),
        "account": {"name": account.name, "title": account.title, "timezone": account.timezone},
        "config": account.config,
        "office": Office(account.office, now, zone(account.timezone), here),
        "now": datetime.fromtimestamp(now / 1000, here),
        "lang": live.lang,
    }
