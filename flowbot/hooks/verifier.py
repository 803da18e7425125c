"""`verify` by a service of the client's: its files are looked at here first, then a signed request asks for a verdict.

The verdict is the answer, or with 202 comes later to the address that the request names (web/verdicts.py).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from ..delivery import retry, verdict
from ..delivery.client import exchange
from ..delivery.failure import Failure
from ..delivery.links import Links
from ..errors import ParseError
from ..media.faults import faults
from ..model import codec
from ..model.gateway import HttpResponse
from ..model.inbound import Media
from ..model.project import Channel
from ..model.verifier import Verifier
from . import media
from .attempt import Again, Answered, Attempt, Awaited, Outcome
from .parts import Parts

FAULTS = {"gone": "gone", "too_big": "large"}  # of a file that is not to be had, as those of its bytes are called
CAP = 256 * 1024  # bytes of an answer that are read
SECONDS = 30.0  # for one request
LINKS = (15 * 60, 24 * 3600)  # seconds that a file's address lives, at least and at most
LATE = 7 * 24 * 3600  # seconds in which who is late is told so
SURE = ("gone", "too_big", "redirects")  # what does not change when it is tried again
logger = logging.getLogger(__name__)


async def make(parts: Parts, attempt: Attempt) -> Outcome:
    """The body is `{verifier, kind, with, media, checks, …}`."""
    call = attempt.call
    project = parts.project()
    account, channel = project.accounts.get(call.account), project.channel(call.account, call.channel)
    verifier = account.verifiers.get(str(call.body.get("verifier"))) if account else None
    if verifier is None or channel is None:
        return Answered(outcome="error", reason="unknown")
    if verifier.missing or parts.links is None:
        return Answered(outcome="error", reason="off")
    files = await _files(parts, attempt, channel, parts.links)
    if not isinstance(files, dict):
        return files
    return await _ask(parts, attempt, verifier, files, parts.links)


async def _files(parts: Parts, attempt: Attempt, channel: Channel, links: Links) -> dict[str, dict[str, Any]] | Outcome:
    """Each file with its address; or a verdict of our own, when it is worth nobody's time."""
    call = attempt.call
    until = time.time() + min(max(LINKS[0], attempt.left / 1000), LINKS[1])
    found, wrong = {}, []
    for name, plain in dict(call.body.get("media") or {}).items():
        one = codec.from_plain(Media, plain)
        got = await media.fetch(parts, channel, call.contact_id, one)
        if got.facts is None:
            if got.reason in FAULTS:
                wrong.append(f"{name}.{FAULTS[got.reason]}")
                continue
            wait = retry.CALL_WAITS[0] if attempt.number <= len(retry.CALL_WAITS) else attempt.left
            if got.reason not in SURE and wait + 500 < attempt.left:
                return Again(wait=wait, reason=got.reason)
            return Answered(outcome="error", reason="media")
        wrong += [f"{name}.{fault}" for fault in faults(got.facts, call.body.get("checks") or {})]
        found[name] = _shown(got, one, links.file(got.path, until), until)
    if wrong:
        result: dict[str, Any] = {"status": "unclear", "score": None, "reasons": wrong, "data": {}}
        return Answered(outcome="ok", result=result, reason="checked_here")
    return found


def _shown(got: media.Got, one: Media, url: str, until: float) -> dict[str, Any]:
    facts = got.facts
    assert facts is not None
    shown: dict[str, Any] = {"url": url, "expires_at": verdict.iso(int(until) * 1000), "kind": one.kind}
    shown |= {"mime": facts.mime, "size": facts.size}
    if facts.width:
        shown |= {"width": facts.width, "height": facts.height}
    return shown


async def _ask(
    parts: Parts, attempt: Attempt, verifier: Verifier, files: Mapping[str, Mapping[str, Any]], links: Links
) -> Outcome:
    call = attempt.call
    reply_to = links.verdict(call.id, call.until / 1000 + LATE)
    request = verdict.request_of(verifier, call, files, reply_to, time.time_ns() // 1_000_000)
    began = time.monotonic()
    seconds = min(SECONDS, attempt.left / 1000)
    answer = await exchange(parts.caller(), request, seconds=seconds, cap=CAP)
    spent = round((time.monotonic() - began) * 1000)
    # Looking at the same twice is harmless, and the verifier knows it by its webhook-id.
    wait = retry.call_wait(answer, "PUT", attempt.number, left=attempt.left - spent, jitter=parts.jitter())
    found = _read(answer)
    _log(attempt, verifier, answer, spent, "again" if wait is not None else found)
    return Again(wait=wait) if wait is not None else found


def _read(answer: HttpResponse | Failure) -> Answered | Awaited:
    if isinstance(answer, Failure):
        return Answered(outcome="error", reason=answer.reason)
    if answer.status == 202:
        return Awaited()
    if not 200 <= answer.status < 300:
        return Answered(outcome="error", reason="status")
    try:
        return Answered(outcome="ok", result=verdict.read(answer.body))
    except ParseError:
        return Answered(outcome="error", reason="no_verdict")


def _log(
    attempt: Attempt, verifier: Verifier, answer: HttpResponse | Failure, spent: int, found: Answered | Awaited | str
) -> None:
    """Names, times and numbers; never an address, a file or what is said of somebody."""
    failed = isinstance(found, Answered) and found.outcome == "error"
    extra = {
        "account": attempt.call.account,
        "step": attempt.call.step,
        "path": verifier.name,
        "attempt": attempt.number,
        "status": answer.status if isinstance(answer, HttpResponse) else 0,
        "ms": spent,
        "reason": found.reason if isinstance(found, Answered) else None,
    }
    word = found if isinstance(found, str) else "failed" if failed else "made"
    logger.log(logging.WARNING if failed or word == "again" else logging.INFO, "verifier." + word, extra=extra)
