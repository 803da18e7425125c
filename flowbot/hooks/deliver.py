"""One delivery: the signed bytes, the attempt, what became of it."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import orjson

from .. import crash
from ..delivery import retry, signing
from ..delivery.client import exchange
from ..delivery.failure import Failure
from ..delivery.status_callback import status_callback
from ..errors import NewerRelease, StoreError, StoreUnavailable
from ..model.gateway import HttpRequest, HttpResponse
from ..model.hook import Hook
from ..model.project import Endpoint
from ..store import hooks
from ..store.hooks import Delivery
from .address import read_hook
from .parts import Parts

ANSWER_CAP = 256 * 1024  # bytes of an answer that we read; nobody is shown them
logger = logging.getLogger(__name__)


async def deliver(parts: Parts, delivery: Delivery, endpoint: Endpoint) -> None:
    """Posts the hook once and records the outcome; what is not delivered comes back when its time has come."""
    body = await parts.store.run(hooks.body(delivery.partition, delivery.hook))
    try:
        hook = read_hook(delivery.type, body) if body else None
    except NewerRelease:  # its lease ends, and the hooks process of that release has it
        logger.warning("hook.newer", extra={"kind": delivery.type})
        return
    if hook is None:
        await _record(parts, delivery, endpoint, "gone", error="its body is no longer kept")
        return
    began = time.monotonic()
    request = build(hook, delivery.id, endpoint, now=time.time_ns() // 1_000_000)
    answer = await exchange(parts.client(), request, seconds=parts.seconds, cap=ANSWER_CAP)
    crash.point("hooks.after_post")
    outcome, wait, error = judge(answer, delivery.turn, jitter=parts.jitter(), now=time.time())
    status = answer.status if isinstance(answer, HttpResponse) else 0
    spent = round((time.monotonic() - began) * 1000)
    await _record(parts, delivery, endpoint, outcome, wait=wait, status=status, ms=spent, error=error)
    crash.point("hooks.after_record")


def build(hook: Hook, delivery_id: str, endpoint: Endpoint, *, now: int) -> HttpRequest:
    """The signed request; `now` (ms UTC) is the attempt's time."""
    secrets = signing.secrets_of(endpoint.secret)
    if endpoint.format == "jwt":
        token = signing.jwt(delivery_id, now, hook.type, hook.data, secrets[0])
        headers = {"content-type": "application/jwt", "webhook-id": delivery_id}
        return HttpRequest(method="POST", url=endpoint.url, headers=headers, body=token)
    told = status_callback(hook.type, hook.data, endpoint.url, secrets[0]) if endpoint.format == "twilio" else None
    if told is not None:
        return HttpRequest(
            method="POST", url=endpoint.url, headers={**told[1], "webhook-id": delivery_id}, body=told[0]
        )
    body = orjson.dumps({"type": hook.type, "timestamp": iso(hook.at), "data": hook.data})
    headers = signing.standard_headers(delivery_id, now, body, secrets)
    return HttpRequest(method="POST", url=endpoint.url, headers=headers, body=body)


def judge(
    answer: HttpResponse | Failure, attempt: int, *, jitter: float = 0.0, now: float = 0.0
) -> tuple[str, int, str]:
    """Outcome, ms to wait, and why, for the log; `now` in seconds UTC.

    >>> judge(HttpResponse(status=204), 1), judge(HttpResponse(status=410), 1), judge(HttpResponse(status=500), 1)
    (('delivered', 0, ''), ('disable', 0, 'HTTP 410'), ('again', 5000, 'HTTP 500'))
    """
    if isinstance(answer, HttpResponse) and 200 <= answer.status < 300:
        return "delivered", 0, ""
    if isinstance(answer, HttpResponse):
        if answer.status == 410:
            return "disable", 0, "HTTP 410"
        error, asked = f"HTTP {answer.status}", _retry_after(answer.headers.get("retry-after", ""), now)
    elif answer.reason == "too_big":
        error, asked = "the answer is too big", 0.0
    else:
        error, asked = answer.reason, 0.0
    wait = retry.hook_wait(attempt, retry_after=asked, jitter=jitter)
    return ("failed", 0, error) if wait is None else ("again", wait, error)


def iso(ms: int) -> str:
    """
    >>> iso(1763730000000)
    '2025-11-21T13:00:00Z'
    """
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds").replace("+00:00", "Z")


def _retry_after(text: str, now: float) -> float:
    """Seconds, from a number or a date."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 8:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now) if text else 0.0
    except (ValueError, TypeError):
        return 0.0


async def _record(
    parts: Parts,
    delivery: Delivery,
    endpoint: Endpoint,
    outcome: str,
    *,
    wait: int = 0,
    status: int = 0,
    ms: int = 0,
    error: str = "",
) -> None:
    extra = {
        "endpoint": endpoint.key,
        "delivery": delivery.id,
        "kind": delivery.type,
        "attempt": delivery.attempt,
        "status": status,
        "ms": ms,
    }
    level = {"delivered": logging.INFO, "again": logging.WARNING}.get(outcome, logging.ERROR)
    logger.log(level, "hook." + outcome, extra={**extra, "reason": error})
    call = hooks.record(
        endpoint.key, delivery, outcome, wait=wait, status=status, ms=ms, error=error, give_up=retry.HOOK_GIVE_UP
    )
    for _ in range(40):
        try:
            state = await parts.store.run(call)
        except StoreUnavailable:
            await asyncio.sleep(0.25)  # unrecorded it would be posted twice
            continue
        except StoreError as broken:
            logger.error("hook.unrecorded", extra={"endpoint": endpoint.key, "error": broken.code})
            return
        if state == "disabled":
            logger.critical("endpoint.disabled", extra={"endpoint": endpoint.key, "reason": error})
        return
