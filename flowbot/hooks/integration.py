"""A `call` of a flow: the request to the client's service, and what came of it."""

from __future__ import annotations

import logging
import time

from ..delivery import retry
from ..delivery.client import exchange
from ..delivery.failure import Failure
from ..delivery.integration import read, request_of
from ..errors import InvalidRequest
from ..model.gateway import HttpResponse
from ..model.integration import Action, Integration
from .attempt import Again, Answered, Attempt, Outcome
from .parts import Parts

CAP = 256 * 1024  # bytes of an answer that are read
logger = logging.getLogger(__name__)


async def make(parts: Parts, attempt: Attempt) -> Outcome:
    """The body is `{integration, action, with}`."""
    call = attempt.call
    account = parts.project().accounts.get(call.account)
    integration = account.integrations.get(str(call.body.get("integration"))) if account else None
    action = integration.actions.get(str(call.body.get("action"))) if integration else None
    if integration is None or action is None:
        return _without("unknown")
    if integration.missing:
        return _without("off")
    answer = await send(parts, attempt, integration, action)
    if isinstance(answer, Again):
        return answer
    outcome, result, reason = read(answer)
    return Answered(outcome=outcome, result=result, reason=reason)


async def send(
    parts: Parts,
    attempt: Attempt,
    integration: Integration,
    action: Action,
    values: dict[str, object] | None = None,
    *,
    key: str = "",
) -> HttpResponse | Failure | Again:
    """The answer that stands, or when to try again; `values` when they are not the call's own `with`, and the `key`
    by which the service knows a repetition when it is not the visit's.
    """
    call = attempt.call
    given = values if values is not None else dict(call.body.get("with") or {})
    began = time.monotonic()
    try:
        request = request_of(integration, action, given, key or call.idempotency_key)
    except InvalidRequest:
        answer: HttpResponse | Failure = Failure(certainty="forbidden", reason="request")
    else:
        seconds = min(action.timeout, attempt.left) / 1000
        answer = await exchange(parts.caller(), request, seconds=seconds, cap=CAP)
    spent = round((time.monotonic() - began) * 1000)
    wait = retry.call_wait(answer, action.method, attempt.number, left=attempt.left - spent, jitter=parts.jitter())
    _log(attempt, integration, action, answer, spent, again=wait is not None)
    if wait is not None:
        return Again(wait=wait, reason=answer.reason if isinstance(answer, Failure) else "status")
    return answer


def _log(
    attempt: Attempt,
    integration: Integration,
    action: Action,
    answer: HttpResponse | Failure,
    spent: int,
    *,
    again: bool,
) -> None:
    """Names, times and numbers; never an address with its values, a header or a body."""
    status = answer.status if isinstance(answer, HttpResponse) else 0
    fine = 200 <= status < 300
    extra = {
        "account": attempt.call.account,
        "step": attempt.call.step,
        "path": f"{integration.name}.{action.name}",
        "method": action.method,
        "attempt": attempt.number,
        "status": status,
        "ms": spent,
        "reason": answer.reason if isinstance(answer, Failure) else None,
    }
    word = "call.made" if fine else "call.again" if again else "call.failed"
    logger.log(logging.INFO if fine else logging.WARNING, word, extra=extra)


def _without(reason: str) -> Answered:
    """Nothing was sent."""
    return Answered(outcome="error", result={"status": 0, "error": reason}, reason=reason)
