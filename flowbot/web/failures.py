"""What failed statuses say beyond their message: the channel is throttled or held, a contact has had too many.

The same codes come as answers to a send, and mean the same there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from ..delivery import pauses, reports
from ..delivery.retry import Verdict, judge
from ..errors import StoreError
from ..gateways import GATEWAYS
from ..model.inbound import Receipt
from ..model.project import Channel
from ..store import approvals, outbox, receipts
from ..store.client import Store

FRESH = 10 * 60_000  # ms; an older failure says nothing about now


def heed(store: Store, channel: Channel, found: Iterable[Receipt], now: int) -> None:
    """Pauses what the failures among a channel's statuses ask to pause. Best effort: the statuses are stored."""
    wanted: dict[str, Verdict] = {}
    of_template = False
    for receipt in found:
        if receipt.status != "failed":
            continue
        answer = GATEWAYS[channel.gateway].read_failure(receipt)
        of_template = of_template or answer.kind in ("perm-tmpl", "hold-tmpl")
        verdict = judge(answer)
        if verdict.contact:
            _report(store, channel, receipt, verdict)
        if receipt.at and now - receipt.at > FRESH:
            continue
        wanted.setdefault(verdict.pause, verdict)
        if verdict.pause == "recipient" and receipts.ours(receipt, store.partitions):
            _spend(store, channel, receipt.our_id)
    for verdict in wanted.values():
        call = pauses.pause(channel.key, verdict)
        paused = store.run_all([call])[0] if call else None
        if paused is not None and not isinstance(paused, StoreError):
            pauses.tell(channel.key, verdict, paused)
    if of_template and channel.approves:  # what we know of it is not so any more: its provider should be asked
        store.run_all([approvals.want(channel.account, channel.holder, now)])


def _report(store: Store, channel: Channel, receipt: Receipt, verdict: Verdict) -> None:
    """What it says of the contact goes into the contact's inbox; nothing when we know not whose message it was."""
    with contextlib.suppress(StoreError):
        ours = receipts.ours(receipt, store.partitions)
        message_id = receipt.our_id if ours else store.run(receipts.whose(channel.key, receipt.provider_id))
        record = store.run(outbox.read(message_id)) if message_id else {}
        if record.get("ch") != channel.key or not record.get("contact"):
            return
        contact_id = record["contact"]
        counting = reports.doubt(contact_id, message_id, verdict)
        doubts = store.run(counting) if counting else 0
        call = reports.report(
            contact_id, channel.key, message_id, verdict, doubts=doubts, at=receipt.at, to=receipt.recipient
        )
        if call:
            store.run(call)


def _spend(store: Store, channel: Channel, message_id: str) -> None:
    interval = round(channel.pair_interval * 1000)
    store.run_all([receipts.spend_pair(channel.key, message_id, interval=interval, burst=channel.pair_burst)])
