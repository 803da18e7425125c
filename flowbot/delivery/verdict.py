"""What a verifier is asked, and the verdict it gives: pure. docs/clients.md shows both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from ..errors import ParseError
from ..model.gateway import HttpRequest
from ..model.queued_call import QueuedCall
from ..model.verifier import Verifier
from . import signing
from .answer import object_of

STATUSES = ("verified", "rejected", "unclear")
MOST_REASONS, LONGEST_REASON = 20, 200


def request_of(
    verifier: Verifier, call: QueuedCall, media: Mapping[str, Mapping[str, Any]], reply_to: str, now: int
) -> HttpRequest:
    """The signed request; `media` are the files with their addresses, `now` (ms UTC) is the attempt's time.

    The same call has the same `webhook-id`, however often it is made.
    """
    asked = call.body
    data = {
        "id": call.id,
        "kind": asked.get("kind"),
        "verifier": verifier.name,
        "account": call.account,
        "channel": call.channel,
        "process_id": call.process_id,
        "step": call.step,
        **{name: asked[name] for name in ("flow", "account_id", "language", "country", "threshold") if asked.get(name)},
        "with": dict(asked.get("with") or {}),
        "media": {name: dict(one) for name, one in media.items()},
        "reply_to": reply_to,
        "due_at": iso(call.until),
    }
    body = orjson.dumps({"type": "verification.requested", "timestamp": iso(call.at), "data": data})
    headers = signing.standard_headers(call.id, now, body, signing.secrets_of(verifier.secret))
    return HttpRequest(
        method="POST",
        url=verifier.url,
        headers={**headers, "accept": "application/json", "idempotency-key": call.idempotency_key},
        body=body,
    )


def read(body: bytes) -> dict[str, Any]:
    """`{status, score, reasons, data}`; ParseError, in words for who wrote it, when it is no verdict.

    >>> read(b'{"status": "verified", "score": 0.93}')
    {'status': 'verified', 'score': 0.93, 'reasons': [], 'data': {}}
    """
    found = object_of(body)
    if isinstance(found, str):
        raise ParseError(f"a verdict is a JSON object ({found})")
    status, score = found.get("status"), found.get("score")
    reasons, data = found.get("reasons", []), found.get("data", {})
    if status not in STATUSES:
        raise ParseError(f"`status` is one of {', '.join(STATUSES)}")
    if score is not None and not _is_number(score):
        raise ParseError("`score` is a number")
    if not isinstance(reasons, list) or not all(isinstance(one, str) for one in reasons):
        raise ParseError("`reasons` is a list of texts")
    if not isinstance(data, dict):
        raise ParseError("`data` is an object")
    short = [one[:LONGEST_REASON] for one in reasons[:MOST_REASONS]]
    return {"status": status, "score": score, "reasons": short, "data": data}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def iso(ms: int) -> str:
    """
    >>> iso(1_795_271_400_000)
    '2026-11-21T14:30:00Z'
    """
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")
