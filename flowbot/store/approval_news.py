"""News about templates -> what to keep, and what clients' systems are told.

The hooks go out first and the facts are kept after: whoever dies in between is repeated, finds the same difference
again, and makes hooks of the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import codec, ids
from ..model.hook import Hook
from ..model.inbound import TemplateStatus
from ..model.project import Channel
from ..model.template import UNKNOWN, Approval
from . import approvals, hooks
from .approvals import CATEGORY, QUALITY, STATUS, Fact, Table
from .call import Call
from .client import Store

TOLD = {"APPROVED": "approved", "REJECTED": "rejected", "PAUSED": "paused", "DISABLED": "disabled"}
_SAME = {"reinstated": "APPROVED", "unpaused": "APPROVED", "unarchived": "APPROVED"}
_NO_STATUS = ("flagged", "locked", "unlocked", "quality", "components", "category", "")
_CATEGORIES = ("new_category", "new", "message_template_category")
SECOND = 1000  # ms
_SHORT = 500  # characters of a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of ours, at one provider's."""

    account: str
    holder: str
    gateway: str
    channels: tuple[str, ...] = ()  # of ours that share it


def of(channel: Channel, others: Iterable[Channel]) -> Account:
    """The provider's account behind a channel, with those of the account's other channels that share it."""
    shared = {one.name for one in others if one.account == channel.account and one.holder == channel.holder}
    names = tuple(sorted({channel.name, *shared}))
    return Account(account=channel.account, holder=channel.holder, gateway=channel.gateway, channels=names)


def settle(store: Store, where: Account, facts: Iterable[Fact]) -> int:
    """Tell and keep what is news; how many facts changed."""
    found = list(facts)
    if not found:
        return 0
    before = store.run(approvals.read(where.account, where.holder))
    store.all(emits(where, before, found, store.partitions))
    return store.run(approvals.note(where.account, where.holder, found))


def emits(where: Account, before: Table, facts: Iterable[Fact], partitions: int) -> list[Call[int]]:
    """The hooks about statuses that are other than they were, as calls; to be run before the facts are kept."""
    partition = ids.partition_of(where.account, partitions)
    made = _hooks(where, before, facts, partition)
    return [hooks.emit(partition, one.id, one.type, codec.encode(one)) for one in made]


def facts_of(item: TemplateStatus, now: int) -> Iterator[Fact]:
    """What a webhook's word about a template says. A whole second counts to its end: a list that was asked for
    within it may be older."""
    at = item.at or now
    at += SECOND - 1 if at % SECOND == 0 else 0

    def fact(kind: str, value: Mapping[str, str]) -> Fact:
        return Fact(kind=kind, name=item.name, language=item.language, at=at, value=value)

    if item.event not in _NO_STATUS:
        status = _SAME.get(item.event, item.event.upper())
        why = item.reason if status != "APPROVED" else ""
        yield fact(STATUS, {"status": status, "reason": why[:_SHORT], "provider_id": item.provider_id})
    for kind, names in ((CATEGORY, _CATEGORIES), (QUALITY, ("new_quality_score",))):
        found = next((str(item.facts[name]).lower() for name in names if item.facts.get(name)), "")
        if found:
            yield fact(kind, {kind: found})


def facts_of_list(listed: Iterable[Approval], at: int) -> Iterator[Fact]:
    """What a provider's own list says at a time."""
    for one in listed:
        status = {"status": one.status, "reason": one.reason[:_SHORT], "provider_id": one.provider_id}
        for kind, value in ((STATUS, status), (CATEGORY, {CATEGORY: one.category}), (QUALITY, {QUALITY: one.quality})):
            if any(value.values()):
                yield Fact(kind=kind, name=one.name, language=one.language, at=at, value=value)


def _hooks(where: Account, before: Table, facts: Iterable[Fact], partition: int) -> Iterator[Hook]:
    for one in facts:
        status, known = one.value.get("status", ""), before.approvals.get((one.name, one.language))
        if one.kind != STATUS or status not in TOLD:
            continue
        if known is not None and (known.status == status or known.at > one.at):
            continue
        kind = "template." + TOLD[status]
        about: dict[str, Any] = {"account": where.account, "gateway": where.gateway, "channels": list(where.channels)}
        about |= {"name": one.name, "language": one.language, "status": status}
        about |= {"before": known.status if known is not None else UNKNOWN, "reason": one.value.get("reason") or None}
        id = ids.make("ev", partition, where.account, where.holder, one.name, one.language, status, one.at)
        yield Hook(id=id, type=kind, account=where.account, contact_id="", at=one.at, data=about)
