"""Providers' statuses: applied to our messages, forward only; kept for a day when they come before we know whose they
are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..errors import ParseError
from ..model import codec, ids
from ..model.inbound import Receipt
from . import keys
from .call import Call, Part, as_text
from .client import Store
from .scripts import fcall

KEPT = 8 * 24 * 3600 * 1000  # ms that we remember whose a provider's id is
PARKED = 24 * 3600 * 1000
PARKED_MOST = 16  # statuses of one message


def settle(store: Store, channel_key: str, receipts: Iterable[Receipt]) -> list[str]:
    """Takes in a webhook's statuses, in their order: the message's state after each, "parked", "ignored", "gone".

    A status with our own id goes straight to its message; another by the provider's id, once the sender has noted it.
    StoreUnavailable: none may be thought stored; the provider repeats them, which does no harm.
    """
    receipts = list(receipts)
    parks = [receipt for receipt in receipts if not ours(receipt, store.partitions)]
    found = dict(zip(map(id, parks), store.all([park(channel_key, r) for r in parks]), strict=True))
    calls: list[Call[str] | None] = []
    for receipt in receipts:
        message = found.get(id(receipt), receipt.our_id)
        calls.append(apply(channel_key, message, receipt) if message else None)
    states = iter(store.all([call for call in calls if call]))
    return [next(states) if call else "parked" for call in calls]


def guess(store: Store, channel_key: str, found: Sequence[tuple[Receipt, str]], *, now: int = 0) -> None:
    """Statuses that were parked, each with the contact that they are about: when just one message to that contact has
    had no answer, and can have none any more, they are that one's. For providers that give back nothing of ours.
    """
    names = store.all([_guess(store, channel_key, receipt, contact, now) for receipt, contact in found])
    for (receipt, _), message in zip(found, names, strict=True):
        if message:
            parked = store.run(point(channel_key, receipt.provider_id, message))
            store.all([apply(channel_key, message, _taken(one)) for one in parked])
            store.run(unpark(channel_key, receipt.provider_id))


def _guess(store: Store, channel_key: str, receipt: Receipt, contact: str, now: int) -> Call[str]:
    partition = ids.partition_of(contact, store.partitions)
    args: list[Part] = [keys.tag(partition), contact, channel_key, receipt.provider_id, receipt.at, now]
    return fcall("guess_message", [keys.in_flight(partition)], args, read=as_text)


def _taken(receipt: Receipt) -> Receipt:
    """Whatever a provider says of a message, but that it failed, says that it has it."""
    return receipt if receipt.status in ("delivered", "read", "played", "failed") else replace(receipt, status="sent")


def ours(receipt: Receipt, partitions: int) -> bool:
    """Whether the status names a message of ours by our own id.

    >>> ours(Receipt(provider_id="w", status="read", our_id="ms_3_abc"), 64)
    True
    >>> ours(Receipt(provider_id="w", status="read", our_id="x"), 64)
    False
    """
    try:
        kind, partition, _ = ids.split(receipt.our_id)
    except ValueError:
        return False
    return kind == "ms" and 0 <= partition < partitions


def apply(channel_key: str, message_id: str, receipt: Receipt, *, now: int = 0) -> Call[str]:
    """Applies one status that a channel's provider reported; the message's state after it, "gone" or "ignored".

    A message of another channel ignores it: a tenant could else settle what belongs to another.
    """
    partition = ids.split(message_id)[1]
    error = receipt.errors[0] if receipt.errors else {}
    args: list[Part] = [keys.tag(partition), message_id, receipt.status, receipt.at, receipt.provider_id]
    args += [str(error.get("code", "")), str(error.get("title", ""))[:200], now, channel_key]
    return fcall("apply_receipt", [keys.message(partition, message_id)], args, read=as_text, repeatable=True)


def park(channel_key: str, receipt: Receipt) -> Call[str]:
    """The message's id when the provider's id is known; else the status is kept for a day, and the answer is ""."""
    names = [keys.provider_id(channel_key, receipt.provider_id), keys.parked_receipts(channel_key, receipt.provider_id)]
    return fcall("park_receipt", names, [codec.encode(_bare(receipt)), PARKED, PARKED_MOST], read=as_text)


def whose(channel_key: str, provider_id: str) -> Call[str]:
    """The message that the provider calls so; "" when we know of none."""
    key = keys.provider_id(channel_key, provider_id)
    return Call(parts=("GET", key), slot=key, read=_text, repeatable=True)


def point(channel_key: str, provider_id: str, message_id: str) -> Call[list[Receipt]]:
    """Notes whose the provider's id is; the statuses that came before. They stay until `unpark`."""
    names = [keys.provider_id(channel_key, provider_id), keys.parked_receipts(channel_key, provider_id)]

    def read(reply: Any) -> list[Receipt]:
        return [replace(one, provider_id=provider_id) for one in _receipts(reply)]

    return fcall("point_receipt", names, [message_id, KEPT], read=read, repeatable=True)


def unpark(channel_key: str, provider_id: str) -> Call[int]:
    """The parked statuses have been applied."""
    key = keys.parked_receipts(channel_key, provider_id)
    return Call(parts=("DEL", key), slot=key, read=int, repeatable=True)


def spend_pair(channel_key: str, message_id: str, *, interval: int, burst: int, now: int = 0) -> Call[int]:
    """The provider found its contact's messages too many: the burst of the pair limit counts as used up. 1, or 0 when
    the message is not the channel's.
    """
    partition = ids.split(message_id)[1]
    args: list[Part] = [keys.tag(partition), channel_key, interval, burst, now]
    return fcall("spend_pair", [keys.message(partition, message_id)], args, read=int, repeatable=True)


def _text(reply: bytes | None) -> str:
    return as_text(reply) if reply else ""


def _bare(receipt: Receipt) -> Receipt:
    """Without what is personal: parked statuses lie outside the contact's partition, and a provider's id may hold the
    number.
    """
    told = [{name: str(error.get(name, ""))[:200] for name in ("code", "title")} for error in receipt.errors[:1]]
    return Receipt(provider_id="", status=receipt.status, at=receipt.at, errors=tuple(told))


def _receipts(reply: Any) -> list[Receipt]:
    found = []
    for raw in reply:
        try:
            found.append(codec.decode(Receipt, raw))
        except ParseError:
            continue
    return found
