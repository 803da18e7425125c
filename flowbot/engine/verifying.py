"""What a verifier is asked, and what its verdict comes to: by the least score, and by how often it was tried before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..model.event import CallAnswered
from ..model.project import Account
from ..steps.base import WAIT, Outcome
from ..steps.verification.verifier import OF_FILES, ByVerifier
from . import life

if TYPE_CHECKING:
    from .visit import Visit

FILES = ("image", "document", "video", "audio")
BELOW, NO_SCORE, USED_UP = "below_threshold", "no_score", "retries_used_up"  # reasons of ours


def submit(visit: Visit, verb: ByVerifier) -> Outcome:
    draft, live = visit.draft, visit.live
    verifier = draft.account.verifiers.get(verb.kind)
    values: Mapping[str, Any] = verb.values(visit.scope) or {}
    files = {name: value for name, value in values.items() if _is_file(value)}
    visit.found({"asked_at": life.iso(draft.now)})
    if verifier is None:
        return _refused(visit, verb, "unknown")
    if verb.kind in OF_FILES and not files:
        return _refused(visit, verb, "no_file")
    body = {
        "verifier": verb.kind,
        "kind": verb.kind,
        "flow": life.root(live.frozen()).flow,
        "account_id": live.account_id,
        "language": live.lang,
        "country": draft.contact.country,
        "threshold": _threshold(draft.account, verb),
        "with": {name: value for name, value in values.items() if name not in files and value is not None},
        "media": files,
        "checks": dict(verb.checks),
    }
    draft.trace("verifying", verb.kind)
    visit.arm_timeouts()
    visit.request("verify", body, limit=verifier.timeout)
    return WAIT


def verdict(visit: Visit, verb: ByVerifier, event: CallAnswered) -> Outcome:
    if event.outcome != "ok":
        status = event.outcome if event.outcome in verb.outcomes else "error"
        visit.judge({"kind": verb.kind, "status": status, "reason": event.reason})
        return status
    said, threshold = event.result, _threshold(visit.draft.account, verb)
    status, reasons = held(str(said.get("status")), said.get("score"), threshold)
    reasons = [*said.get("reasons", ()), *reasons]
    remaining = None if verb.retries is None else max(0, verb.retries - _earlier(visit, verb))
    if status == "unclear" and remaining == 0:
        status, reasons = "rejected", [*reasons, USED_UP]
    record = {"kind": verb.kind, "status": status, "score": said.get("score"), "threshold": threshold}
    visit.judge({**record, "reasons": reasons, "remaining": remaining})
    visit.found({**visit.noted, "data": dict(said.get("data") or {})})
    return status


def held(status: str, score: Any, threshold: float | None) -> tuple[str, list[str]]:
    """The status that a score leaves standing, and the reason when it is another.

    >>> held("verified", 0.9, 0.8), held("verified", 0.7, 0.8), held("verified", None, 0.8), held("unclear", 0.9, 0.8)
    (('verified', []), ('rejected', ['below_threshold']), ('unclear', ['no_score']), ('unclear', []))
    """
    if status != "verified" or threshold is None:
        return status, []
    if score is None:
        return "unclear", [NO_SCORE]
    return ("verified", []) if score >= threshold else ("rejected", [BELOW])


def _refused(visit: Visit, verb: ByVerifier, why: str) -> Outcome:
    visit.draft.trace("error", f"{verb.kind!r} cannot be verified: {why}")
    visit.judge({"kind": verb.kind, "status": "error", "reason": why})
    return "error"


def _threshold(account: Account, verb: ByVerifier) -> float | None:
    if verb.threshold is not None:
        return verb.threshold
    verifier = account.verifiers.get(verb.kind)
    return verifier.threshold if verifier else None


def _earlier(visit: Visit, verb: ByVerifier) -> int:
    """How often this step was judged before in this process."""
    live = visit.live
    return sum(one.get("step") == live.step and one.get("kind") == verb.kind for one in live.verifications)


def _is_file(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("kind") in FILES and bool(value.get("id") or value.get("url"))
