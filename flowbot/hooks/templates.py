"""What providers say of templates, asked for now and then: webhooks may be lost, and some providers send none."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterator, Mapping

from ..delivery.hand_in import Desk
from ..delivery.pull import SOON, due, pull
from ..errors import StoreError
from ..library.templates import readable
from ..model.gateway import Refused
from ..model.project import Account, Channel
from ..model.template import Template
from ..store import approvals, own_templates
from .parts import Parts

LEASE = 120_000  # ms that one process has for one question
logger = logging.getLogger(__name__)


async def keep_asking(parts: Parts, stop: asyncio.Event) -> None:
    """Until stopped; at once at the start, for what was never told."""
    while not stop.is_set():
        try:
            await ask_all(parts)
        except StoreError as error:
            logger.warning("templates.store", extra={"error": error.code, "reason": str(error)})
        except Exception as error:  # an answer that nobody thought of: the other work goes on
            logger.error("templates.broken", exc_info=error, extra={"error": type(error).__name__})
        try:
            await asyncio.wait_for(stop.wait(), parts.refresh * random.uniform(0.8, 1.2))
        except TimeoutError:
            continue


async def ask_all(parts: Parts) -> None:
    """One look at every provider's account that is in use."""
    files = parts.templates()
    for account, channel in _asked(parts):
        own = own_templates.made(await parts.store.run(own_templates.every(account.name)), readable)[1]
        templates = {**own, **files}
        if templates:
            await _see_to(parts, account, channel, templates)


async def _see_to(parts: Parts, account: Account, channel: Channel, templates: Mapping[str, Template]) -> None:
    key = (account.name, channel.holder)
    if not await _wanted(parts, key) or not await parts.store.run(approvals.lease(*key, LEASE)):
        return
    about = {"account": account.name, "channel": channel.name}
    try:
        if not await _wanted(parts, key):  # another has just asked
            return
        found = await pull(parts.store, parts.caller(), account, channel, templates, int(time.time() * 1000))
        if isinstance(found, Refused):
            logger.warning("templates.refused", extra={**about, "code": found.code, "kind": found.kind})
            return
        logger.info("templates.pulled", extra={**about, "count": found.changed})
        await _hand_in(parts, account, channel, templates)
    finally:
        await parts.store.run(approvals.release(*key))


async def _wanted(parts: Parts, key: tuple[str, str]) -> bool:
    """Whether it is time to ask, or something waits to be handed in and was not tried just now."""
    table, now = await parts.store.run(approvals.read(*key)), int(time.time() * 1000)
    waits = bool(await parts.store.run(approvals.queued(*key))) and not (table.why and now - table.tried_at < SOON)
    return waits or due(table, now)


async def _hand_in(parts: Parts, account: Account, channel: Channel, templates: Mapping[str, Template]) -> None:
    key = (account.name, channel.holder)
    desk = Desk(
        store=parts.store,
        client=parts.caller(),
        account=account,
        channel=channel,
        media=parts.media,
        link=parts.link,
    )
    for name in await parts.store.run(approvals.queued(*key)):
        template = templates.get(name)
        table = await parts.store.run(approvals.read(*key))
        if template is None or await desk.hand_in(template, table, int(time.time() * 1000)):
            await parts.store.run(approvals.unqueue(*key, name))
        logger.info("templates.handed_in", extra={"account": account.name, "channel": channel.name, "template": name})


def _asked(parts: Parts) -> Iterator[tuple[Account, Channel]]:
    for account in parts.project().accounts.values():
        for channel in account.holders.values():
            yield account, channel
