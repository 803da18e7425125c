"""Shows a contact that we are at it: an inbound that has waited for about a second is marked as read, with the typing
sign, once. Best effort: nothing is stored, nothing is tried again.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

from ..delivery.client import exchange
from ..errors import ParseError
from ..gateways import GATEWAYS
from ..model import event
from ..model.gateway import HttpRequest
from ..model.project import Channel, Project
from ..store.outbox import Late
from ..store.reads import Read
from .parts import Parts

REMEMBERED = 10_000
TOO_OLD = 20_000  # ms; the sign would say nothing any more
logger = logging.getLogger(__name__)


class Nudges:
    """Which late inbounds were shown as read already."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._asked: Project | None = None  # of which project `_wanted` was found out
        self._wanted = False
        self._done: OrderedDict[tuple[int, str], None] = OrderedDict()

    def request(self, partition: int, late: Late, now: int) -> tuple[Channel, HttpRequest] | None:
        """The request for one late entry; None when there is nothing to show, or it was shown before."""
        key = (partition, late.id)
        if key in self._done or now - late.at > TOO_OLD:
            return None
        self._done[key] = None
        if len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        account, _, name = late.channel.partition("/")
        channel = self._parts.project().channel(account, name)
        if channel is None or channel.missing:
            return None
        try:
            found = event.from_bytes(late.event)
        except ParseError:
            return None
        if not isinstance(found, event.MessageReceived) or found.inbound.group:
            return None
        request = GATEWAYS[channel.gateway].build_mark_read(found.inbound.id, channel, typing=True)
        return (channel, request) if request else None

    def wanted(self) -> bool:
        """Whether a provider wants to hear of every message that was processed."""
        project = self._parts.project()
        if self._asked is not project:
            channels = (one for account in project.accounts.values() for one in account.channels.values())
            self._wanted = any(GATEWAYS[one.gateway].LIMITS.consumed for one in channels)
            self._asked = project
        return self._wanted

    def read(self, read: Read) -> tuple[Channel, HttpRequest] | None:
        """The request that tells of one; None when its channel is gone or off."""
        account, _, name = read.channel_key.partition("/")
        channel = self._parts.project().channel(account, name)
        if channel is None or channel.missing:
            return None
        request = GATEWAYS[channel.gateway].build_mark_read(read.provider_id, channel, to=read.to)
        return (channel, request) if request else None

    async def show(self, channel: Channel, request: HttpRequest) -> None:
        answer = await exchange(self._parts.client(channel), request, seconds=5.0, cap=1 << 16)
        logger.debug("inbound.shown", extra={"channel": channel.key, "status": getattr(answer, "status", 0)})
