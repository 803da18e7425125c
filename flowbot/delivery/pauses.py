"""A provider asks for quiet, in an answer to a send or in a status: the channel is left alone for all senders."""

from __future__ import annotations

import logging

from ..store import rates
from ..store.call import Call
from ..store.rates import Pause
from .retry import Verdict

# ms: the first pause, and the longest
LENGTHS = {"channel": (1_000, 60_000), "hold": (60_000, 900_000)}
logger = logging.getLogger(__name__)


def pause(channel_key: str, verdict: Verdict) -> Call[Pause] | None:
    """The call that pauses the channel as the verdict wants; None when it wants no such thing."""
    if verdict.pause not in LENGTHS:
        return None
    base, cap = LENGTHS[verdict.pause]
    return rates.pause(channel_key, verdict.pause, least=verdict.wait, base=base, cap=cap)


def tell(channel_key: str, verdict: Verdict, paused: Pause) -> None:
    """A log line for a new pause: a held channel needs a person."""
    if not paused.new:
        return
    held = verdict.pause == "hold"
    extra = {"channel": channel_key, "code": verdict.code, "reason": verdict.reason, "ms": paused.ms}
    logger.log(
        logging.CRITICAL if held else logging.WARNING, "channel.held" if held else "channel.throttled", extra=extra
    )
