"""POST /v1/verdicts/<token>: a verifier says later what it found, to the address that our request named.

404 an address that is none of ours · 403 the signature is missing or wrong · 400 no verdict · 409 nothing waits for it
any more · 200 taken, or known already · 503 it could not be stored.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..delivery import signing, verdict
from ..errors import Conflict, NotFound, ParseError
from ..model.event import CallAnswered
from ..model.queued_call import QueuedCall
from ..store import calls
from .answer import Answer, as_json, problem

if TYPE_CHECKING:
    from ..wiring import Parts

logger = logging.getLogger(__name__)


def take(parts: Parts, token: str, headers: dict[str, str], body: bytes, now: float) -> Answer:
    """The answer to one call; `now` in seconds UTC."""
    from ..wiring import links_of

    links = links_of(parts.settings)
    id = links.call_of(token, now) if links else ""
    if not id:
        raise NotFound("There is no such address for a verdict, or it has run out.")
    call = parts.store.run(calls.get(id))
    if call is None:
        return _late(parts, id)
    about = {"account": call.account, "call": call.id, "step": call.step}
    if not signing.is_signed(headers, body, _secrets(parts, call), now):
        logger.warning("verdict.signature_wrong", extra=about)
        return problem(403, "signature", "The signature is missing or wrong: sign as hooks are, with your secret.")
    try:
        found = verdict.read(body)
    except ParseError as error:
        logger.warning("verdict.unreadable", extra=about)
        return problem(400, "verdict", str(error))
    what = CallAnswered(call=call.id, kind=call.kind, visit=call.visit, outcome="ok", result=found)
    word = parts.ledger.run(calls.answer(call, what, remember=calls.REMEMBERED))
    if word == "gone":
        return _late(parts, id)
    logger.info("verdict.taken", extra={**about, "state": word})
    return as_json({"status": "taken" if word == "ok" else "known"})


def _late(parts: Parts, id: str) -> Answer:
    """Who says it twice is fine; who says it when nobody waits is told so."""
    if parts.store.run(calls.was_answered(id)):
        return as_json({"status": "known"})
    raise Conflict("Nothing waits for this verdict: its time is over, or the contact went on.", code="nothing_waits")


def _secrets(parts: Parts, call: QueuedCall) -> tuple[str, ...]:
    account = parts.library.project.accounts.get(call.account)
    verifier = account.verifiers.get(str(call.body.get("verifier"))) if account and call.kind == "verify" else None
    return signing.secrets_of(verifier.secret) if verifier and not verifier.missing else ()
