"""What one attempt means and what follows: pure, so that every case is a line in a test.

A message may be sent again only when it is sure that the provider did not take it. `safe`: no byte left, or a throttle;
`definite`: the provider said yes or no; `ambiguous`: it may have been taken, and only a status tells.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model.gateway import HttpResponse, Refused, Sent
from .failure import Failure

SECOND = 1000
WAITS = {  # after a provider's trouble, by its kind; then the message has failed
    "retry": (2 * SECOND, 8 * SECOND, 30 * SECOND),
    "outage": (2 * SECOND, 8 * SECOND, 30 * SECOND, 60 * SECOND, 120 * SECOND, *(300 * SECOND,) * 11),  # an hour
}
CONNECT_WAITS = (1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 15 * SECOND, 30 * SECOND)
TEMPLATE_WAIT = 300 * SECOND  # between two looks whether a template is paused no longer
RECIPIENT_CAP = 300 * SECOND
HOOK_WAITS = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)  # seconds
CALL_WAITS = (500, 1500, 4000)  # ms between attempts at a call of a flow, while its time lasts
HARMLESS = ("GET", "PUT", "DELETE")  # methods that do the same when they are repeated
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
    contact: str = ""  # what it says of the contact: unreachable, doubtful, stopped, stopped_marketing


def judge(
    answer: Sent | Refused | Failure, *, tries: int = 0, slows: int = 0, drops: int = 0, patient: bool = False
) -> Verdict:
    """The verdict on one attempt; the counters say how often before the provider had trouble (tries), throttled us
    (slows), or could not be reached (drops); a `patient` message waits for its template where that is held.

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
    if answer.kind == "hold-tmpl" and patient:
        return Verdict(certainty="safe", outcome="again", wait=TEMPLATE_WAIT, code=code, reason=answer.title)
    waits = WAITS.get(answer.kind, ())
    if tries < len(waits):
        wait = max(waits[tries], int(answer.retry_after * SECOND))
        return Verdict(
            certainty="definite",
            outcome="again",
            wait=wait,
            counts="tries",
            code=code,
            reason=answer.title or answer.kind,
        )
    why = answer.title or answer.kind
    return Verdict(certainty="definite", outcome="failed", code=code, reason=why, contact=answer.contact)


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


def call_wait(
    answer: HttpResponse | Failure, method: str, attempt: int, *, left: int, jitter: float = 0.0
) -> int | None:
    """Milliseconds until a flow's call is tried again after the `attempt`-th (from 1), of the `left` ms that it has.

    None when the answer stands. What the service did not take is repeated; what it may have done only where twice is
    the same as once.

    >>> call_wait(Failure(certainty="safe", reason="connect"), "POST", 1, left=30_000)
    500
    >>> broken = HttpResponse(status=502)
    >>> call_wait(broken, "GET", 2, left=30_000), call_wait(broken, "POST", 1, left=30_000)
    (1500, None)
    """
    if attempt > len(CALL_WAITS):
        return None
    asked = 0
    if isinstance(answer, Failure):
        lost = answer.certainty == "ambiguous" and answer.reason in ("disconnected", "protocol")
        passing = answer.certainty == "safe" or (lost and method in HARMLESS)
    else:
        passing = answer.status in (429, 503) or (answer.status in (502, 504) and method in HARMLESS)
        stated = answer.headers.get("retry-after", "")
        asked = int(stated) * SECOND if stated.isascii() and stated.isdigit() and len(stated) < 6 else 0
    wait = max(int(CALL_WAITS[attempt - 1] * (1 + 0.2 * jitter)), asked)
    return wait if passing and wait + 500 < left else None
