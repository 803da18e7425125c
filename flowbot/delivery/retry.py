"""What one attempt means and what follows: pure, so that every case is a line in a test.

A message may be sent again only when it is sure that the provider did not take it. `safe`: no byte left, or a throttle;
`definite`: the provider said yes or no; `ambiguous`: it may have been taken, and only a status tells.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model.gateway import Refused, Sent
from .client import Failure

SECOND = 1000
RETRY_WAITS = (2 * SECOND, 8 * SECOND, 30 * SECOND)  # after a provider's passing trouble; then it has failed
CONNECT_WAITS = (1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 15 * SECOND, 30 * SECOND)
RECIPIENT_CAP = 300 * SECOND
HOOK_WAITS = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)  # seconds
HOOK_GIVE_UP = 5 * 24 * 3600 * SECOND  # ms of nothing but failures: the endpoint is switched off
HOOK_WAIT_CAP = 24 * 3600 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """certainty: safe, definite, ambiguous; outcome: sent, again, failed, leave; pause: recipient, channel, hold."""

    certainty: str
    outcome: str
    wait: int = 0  # ms until it may be tried again, or that the pause lasts at least; 0: as the pause says
    pause: str = ""
    counts: str = ""  # the counter of the message that rises: tries, slows, drops
    provider_id: str = ""
    code: str = ""
    reason: str = ""


def judge(answer: Sent | Refused | Failure, *, tries: int = 0, slows: int = 0, drops: int = 0) -> Verdict:
    """The verdict on one attempt; the counters say how often before the provider had trouble (tries), throttled us
    (slows), or could not be reached (drops).

    >>> judge(Sent(provider_id="x")).outcome, judge(Failure(certainty="ambiguous", reason="timeout")).outcome
    ('sent', 'leave')
    >>> judge(Refused(kind="slow", scope="recipient"), slows=2).wait
    16000
    """
    if isinstance(answer, Sent):
        return Verdict(certainty="definite", outcome="sent", provider_id=answer.provider_id)
    if isinstance(answer, Failure):
        return _judge_failure(answer, drops)
    code = "" if answer.code is None else str(answer.code)
    if answer.kind == "unclear":
        return Verdict(certainty="ambiguous", outcome="leave", code=code, reason=answer.title or "unclear")
    if answer.kind == "slow":
        return _judge_throttle(answer, code, slows)
    if answer.kind == "hold":
        return Verdict(certainty="safe", outcome="again", pause="hold", code=code, reason=answer.title or "hold")
    if answer.kind == "retry" and tries < len(RETRY_WAITS):
        wait = max(RETRY_WAITS[tries], int(answer.retry_after * SECOND))
        return Verdict(
            certainty="definite", outcome="again", wait=wait, counts="tries", code=code, reason=answer.title or "retry"
        )
    return Verdict(certainty="definite", outcome="failed", code=code, reason=answer.title or answer.kind)


def _judge_failure(failure: Failure, drops: int) -> Verdict:
    if failure.certainty == "ambiguous":
        return Verdict(certainty="ambiguous", outcome="leave", reason=failure.reason)
    if failure.certainty == "forbidden":
        return Verdict(certainty="definite", outcome="failed", code="address_forbidden", reason=failure.reason)
    wait = CONNECT_WAITS[min(drops, len(CONNECT_WAITS) - 1)]
    return Verdict(certainty="safe", outcome="again", wait=wait, counts="drops", reason=failure.reason)


def _judge_throttle(answer: Refused, code: str, slows: int) -> Verdict:
    asked = int(answer.retry_after * SECOND)
    if answer.scope == "recipient":
        wait = min(max(asked, 4 ** min(slows, 8) * SECOND), RECIPIENT_CAP)
        pause = "recipient"
    else:
        wait, pause = asked, "channel"
    return Verdict(
        certainty="safe", outcome="again", wait=wait, pause=pause, counts="slows", code=code, reason=answer.title
    )


def hook_wait(attempt: int, *, retry_after: float = 0.0, jitter: float = 0.0) -> int | None:
    """Milliseconds until the next attempt after the `attempt`-th (from 1) failed; None when there is none left.

    `jitter` lies between -1 and 1; `retry_after` (seconds) is what the endpoint asked for.

    >>> hook_wait(1), hook_wait(1, retry_after=60), hook_wait(8)
    (5000, 60000, None)
    """
    if attempt > len(HOOK_WAITS):
        return None
    planned = int(HOOK_WAITS[attempt - 1] * SECOND * (1 + 0.2 * jitter))
    return min(max(planned, int(retry_after * SECOND)), HOOK_WAIT_CAP)
