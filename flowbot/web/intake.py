"""What a webhook brought, into the store: messages to their contacts' inboxes, receipts to their messages.

When `keep` returns, all of it is stored. When it raises, part of it may be: the provider sends the whole again, and
what was stored already counts as a duplicate then.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import crash
from ..errors import StoreError
from ..gateways import GATEWAYS
from ..model import event, ids
from ..model.event import ContactReported, MessageReceived
from ..model.inbound import ConsentTold, Inbound, Item, Receipt, Routed, TemplateStatus, Unsupported, moved_to
from ..model.project import Channel
from ..store import approval_news, identity, inbox, receipts
from ..store.call import Call
from .failures import heed
from .together import Together

if TYPE_CHECKING:
    from ..wiring import Parts

logger = logging.getLogger(__name__)
Arrived = tuple[Channel | None, Routed]


class Intake:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.ledger
        self._shares = parts.shares
        self._together = Together(parts.ledger)

    def keep(self, arrived: Iterable[Arrived], path: Channel) -> None:
        """Store all of it, pipelined; StoreError when any part could not be stored. `path` is the channel called.

        AccountBusy, and nothing is stored, when there are messages and one of their accounts has its share waiting.
        """
        messages: list[tuple[Channel, Inbound | ConsentTold]] = []
        statuses: dict[str, tuple[Channel, list[Receipt]]] = {}
        news: list[tuple[Channel, TemplateStatus]] = []
        for channel, routed in arrived:
            item = routed.item
            if channel is None:
                about = {"account": path.account, "channel": path.name, "kind": type(item).__name__}
                logger.warning("webhook.misrouted", extra=about)
            elif isinstance(item, ConsentTold) or (isinstance(item, Inbound) and item.kind != "group"):
                messages.append((channel, item))
            elif isinstance(item, Receipt):
                statuses.setdefault(channel.key, (channel, []))[1].append(item)
            elif isinstance(item, TemplateStatus):
                news.append((channel, item))
            else:
                _note(channel, item)
        for account, count in Counter(channel.account for channel, _ in messages).items():
            self._shares.admit(account, count)
        crash.point("web.before_store")
        if messages:
            self._push(messages)
        for channel, found in statuses.values():
            states = receipts.settle(self._store, channel.key, found)
            if GATEWAYS[channel.gateway].LIMITS.by_recipient:
                self._guess(channel, [one for one, state in zip(found, states, strict=True) if state == "parked"])
            heed(self._store, channel, found, int(time.time() * 1000))
        for channel, item in news:
            self._learn(channel, item)
        crash.point("web.after_store")

    def _learn(self, channel: Channel, item: TemplateStatus) -> None:
        """What a provider says of a template that the project has."""
        about = {"account": channel.account, "channel": channel.name, "state": item.event}
        if self._parts.library.known_template(item.name, channel.account) is None:
            logger.info("webhook.unused", extra={**about, "kind": "template"})
            return
        others = self._parts.library.account(channel.account).channels.values()
        where, now = approval_news.of(channel, others), int(time.time() * 1000)
        changed = approval_news.settle(self._store, where, approval_news.facts_of(item, now))
        logger.info("webhook.template", extra={**about, "template": item.name, "count": changed})

    def _guess(self, channel: Channel, parked: list[Receipt]) -> None:
        """Statuses of messages that we do not know by the provider's id: perhaps an answer to a send was lost."""
        about = [(one, identity.known(self._store, channel.account, one.recipient)) for one in parked if one.recipient]
        found = [(one, contact) for one, contact in about if contact]
        if found:
            receipts.guess(self._store, channel.key, found)

    def _push(self, messages: list[tuple[Channel, Inbound | ConsentTold]]) -> None:
        """All pushes in one go, in the order they came: the order within a contact is kept."""
        pairs = [(channel.account, item.sender) for channel, item in messages]
        contacts = identity.resolve_many(self._store, pairs)
        for (channel, item), contact_id in zip(messages, contacts, strict=True):
            moved = moved_to(item) if isinstance(item, Inbound) else None
            if moved is not None:
                identity.join(self._store, channel.account, contact_id, moved)
        live = self._parts.live
        calls = [
            self._call(channel, item, contact_id, live.keeps_secrets(channel.account))
            for (channel, item), contact_id in zip(messages, contacts, strict=True)
        ]
        for outcome in self._together.run_all(calls):
            if isinstance(outcome, StoreError):
                raise outcome

    def _call(self, channel: Channel, item: Inbound | ConsentTold, contact_id: str, sealed: bool) -> Call[bool]:
        said = MessageReceived(inbound=item) if isinstance(item, Inbound) else _told(item)
        return inbox.push(
            ids.partition_of(contact_id, self._store.partitions),
            contact_id,
            channel.key,
            event.to_bytes(said),
            dedupe_id=item.id if isinstance(item, Inbound) else said.id,
            at_ms=item.at,
            sealed=sealed,
        )


def _told(item: ConsentTold) -> ContactReported:
    """The provider gives such a call no id: what it says, and when, is the same when it comes again."""
    nonce = ids.digest(item.sender.number, item.sender.bsuid, item.change, item.topic, str(item.at))
    what = "stopped" if item.change == "out" else "resumed"
    return ContactReported(nonce=nonce, what=what, topic=item.topic, at=item.at, to=item.sender)


def _note(channel: Channel, item: Item) -> None:
    """What has no effect is at least seen: its kind, never its content."""
    about = {"account": channel.account, "channel": channel.name}
    if isinstance(item, Unsupported):
        level = logging.WARNING if item.what in ("error", "malformed") else logging.INFO
        logger.log(level, "webhook.unused", extra={**about, "kind": item.what, "reason": item.why})
    else:
        logger.info("webhook.unused", extra={**about, "kind": "group"})
