"""Turns what is due into claimed messages: replies before bulk, no more than the rate and our own room allow."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..errors import StoreError
from ..model.project import Channel
from ..store import outbox
from ..store.call import Call
from ..store.outbox import Claimed, Claims, Look
from .parts import Parts
from .tokens import Tokens

REPLIES = outbox.LANES[0]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """One lane of a channel and the partitions where something of it may go now."""

    lane: str
    channel_key: str
    partitions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What a claim came to."""

    claimed: tuple[Claimed, ...] = ()
    ended: int = 0  # messages that were to be sent no more
    more: frozenset[int] = frozenset()  # partitions that have something left


def ready(looks: Mapping[int, Look]) -> list[Ready]:
    """What is due in the partitions looked at, replies first; the partitions begin elsewhere each time."""
    found: dict[tuple[str, str], list[int]] = {}
    for partition, look in looks.items():
        for lane, channel, at in look.due:
            if at <= look.now:
                found.setdefault((lane, channel), []).append(partition)
    order = sorted(found, key=lambda key: outbox.LANES.index(key[0]) if key[0] in outbox.LANES else 9)
    return [Ready(lane=lane, channel_key=key, partitions=tuple(found[lane, key])) for lane, key in order]


def shares(tokens: int, partitions: Iterable[int], start: int) -> Iterator[tuple[int, int]]:
    """Splits tokens among partitions, beginning at another one each time.

    >>> list(shares(5, [3, 8], 1)), list(shares(1, [3, 8], 0))
    ([(8, 3), (3, 2)], [(3, 1)])
    """
    ring = list(partitions)
    start %= len(ring)
    ring = (ring[start:] + ring[:start])[:tokens]
    each, more = divmod(tokens, len(ring))
    for place, partition in enumerate(ring):
        yield partition, each + (place < more)


NEWER = 5_000  # ms until what an older sender could not read is claimed again


class Claimer:
    def __init__(self, parts: Parts, tokens: Tokens) -> None:
        self._parts = parts
        self._tokens = tokens
        self._turn = 0
        self._absent: dict[str, float] = {}  # channel -> monotonic time of the last complaint

    def channel(self, key: str) -> Channel | None:
        """The channel when it can send; complains once a minute when it can't."""
        account, _, name = key.partition("/")
        channel = self._parts.project().channel(account, name)
        if channel is not None and not channel.missing:
            return channel
        now = time.monotonic()
        if now - self._absent.get(key, -60.0) >= 60.0:
            self._absent[key] = now
            reason = "a secret is not set" if channel else "not in the project"
            logger.error("channel.off", extra={"channel": key, "reason": reason})
        return None

    async def claim(self, what: Ready, channel: Channel, room: int) -> Haul:
        """What may be sent now; nothing is known to have gone where there are no tokens."""
        tokens = await self._tokens.take(channel, room, bulk=what.lane != REPLIES)
        if tokens <= 0:
            return Haul(more=frozenset(what.partitions))
        self._turn += 1
        plan = list(shares(tokens, what.partitions, self._turn))
        answers = await self._parts.store.run_all([self._call(what, channel, p, count) for p, count in plan])
        claimed: list[Claimed] = []
        newer: list[tuple[str, int]] = []
        more, ended = {*what.partitions} - {p for p, _ in plan}, 0
        for (partition, _), answer in zip(plan, answers, strict=True):
            if isinstance(answer, StoreError):
                logger.warning("claim.failed", extra={"partition": partition, "error": answer.code})
                continue
            claimed += answer.claimed
            newer += answer.newer
            ended += len(answer.ended)
            self._log_ended(answer, channel)
            if 0 <= answer.next_at <= answer.now:
                more.add(partition)
        self._tokens.give_back(channel, tokens - len(claimed))
        if newer:
            await self._put_back(newer, channel)
        return Haul(claimed=tuple(claimed), ended=ended, more=frozenset(more))

    async def _put_back(self, newer: list[tuple[str, int]], channel: Channel) -> None:
        """During an upgrade: a sender of the newer release will have them."""
        why = "written by a newer release"
        calls = [outbox.record(id, attempt, "again", reason=why, wait=NEWER) for id, attempt in newer]
        await self._parts.store.run_all(calls)
        logger.warning("message.newer", extra={"channel": channel.key, "count": len(newer)})

    def _call(self, what: Ready, channel: Channel, partition: int, tokens: int) -> Call[Claims]:
        return outbox.claim(
            partition,
            what.lane,
            what.channel_key,
            tokens=tokens,
            hold=self._parts.timing.deadline,
            pair_interval=round(channel.pair_interval * 1000),
            waits=round(channel.waits * 1000),
            pair_burst=channel.pair_burst,
        )

    def _log_ended(self, answer: Claims, channel: Channel) -> None:
        for message, state in answer.ended:
            logger.info("message." + state, extra={"message_id": message, "channel": channel.key})
