"""Shows a contact that we are at it, while a call that their message asked for takes its time. Best effort."""

from __future__ import annotations

import asyncio
import logging

from ..delivery.client import exchange
from ..gateways import GATEWAYS
from ..model.gateway import HttpResponse
from ..model.queued_call import QueuedCall
from .parts import Parts

AFTER = 1.5  # seconds: what is quicker needs no sign
AGAIN = 20.0  # seconds: WhatsApp takes the sign away after 25
logger = logging.getLogger(__name__)


async def show(parts: Parts, call: QueuedCall) -> None:
    """Again and again, until it is cancelled."""
    await asyncio.sleep(AFTER)
    while True:
        channel = parts.project().channel(call.account, call.channel)
        if channel is None or channel.missing:
            return
        request = GATEWAYS[channel.gateway].build_mark_read(call.seen, channel, typing=True)
        if request is None:
            return
        answer = await exchange(parts.caller(), request, seconds=5.0, cap=1 << 16)
        status = answer.status if isinstance(answer, HttpResponse) else 0
        logger.debug("call.shown", extra={"channel": channel.key, "status": status})
        await asyncio.sleep(AGAIN)
