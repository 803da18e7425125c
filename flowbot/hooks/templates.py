"""What providers say of templates, asked for now and then: webhooks may be lost, and some providers send none."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterator

from ..delivery.pull import due, holders, pull
from ..errors import StoreError
from ..model.gateway import Refused
from ..model.project import Account, Channel
from ..store import approvals
from .parts import Parts

LEASE = 120_000  # ms that one process has for one question
logger = logging.getLogger(__name__)


async def keep_asking(parts: Parts, stop: asyncio.Event) -> None:
    """Until stopped; at once at the start, for what was never told."""
    while not stop.is_set():
        try:
            await ask_all(parts)
        except StoreError as error:
            logger.warning("templates.store", extra={"error": error.code})
        except Exception as error:  # an answer that nobody thought of: the other work goes on
            logger.error("templates.broken", exc_info=error, extra={"error": type(error).__name__})
        try:
            await asyncio.wait_for(stop.wait(), parts.refresh * random.uniform(0.8, 1.2))
        except TimeoutError:
            continue


async def ask_all(parts: Parts) -> None:
    """One look at every provider's account that is in use."""
    names = parts.templates()
    if not names:
        return
    for account, channel in _asked(parts):
        key = (account.name, channel.holder)
        now = int(time.time() * 1000)
        if not due(await parts.store.run(approvals.read(*key)), now):
            continue
        if not await parts.store.run(approvals.lease(*key, LEASE)):
            continue
        try:
            if not due(await parts.store.run(approvals.read(*key)), now):  # another has just asked
                continue
            found = await pull(parts.store, parts.caller(), account, channel, names, now)
        finally:
            await parts.store.run(approvals.release(*key))
        about = {"account": account.name, "channel": channel.name}
        if isinstance(found, Refused):
            logger.warning("templates.refused", extra={**about, "code": found.code, "kind": found.kind})
        else:
            logger.info("templates.pulled", extra={**about, "count": found.changed})


def _asked(parts: Parts) -> Iterator[tuple[Account, Channel]]:
    for account in parts.project().accounts.values():
        for channel in holders(account).values():
            yield account, channel
