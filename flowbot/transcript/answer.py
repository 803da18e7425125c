"""What the outside world says in a virtual chat, read as the hooks process reads it for real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from ..errors import InvalidRequest
from ..model.effect import RequestCall
from ..model.gateway import HttpResponse
from ..model.outbound import Outbound
from ..steps.verification.verifier import OUTCOMES as VERDICTS

if TYPE_CHECKING:
    from ..testing import Chat, Said

MOCKED = "mocked"  # the reason of an error that nobody gave one
OUTCOMES = {
    "call": ("ok", "error"),
    "verify": VERDICTS,
    "code.open": ("verified", "expired"),
}  # what an open call may come to, said in a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    outcome: str
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    message: Outbound | None = None  # what reaches the contact in this chat meanwhile
    elsewhere: str = ""  # what reaches the contact outside of it: a text message, an e-mail


def name_of(call: RequestCall) -> str:
    """What a test's `mock` calls it; "" for what cannot be mocked."""
    if call.kind == "code.issue":
        return f"verify.{call.body['verify']}"
    if call.kind == "code.open":
        return f"link.{call.body['verify']}"
    if call.kind == "verify":
        return f"verify.{call.body['verifier']}"
    return f"call.{call.body['integration']}.{call.body['action']}" if call.kind == "call" else ""


def answer_of(call: RequestCall, said: Any) -> Answer:
    """What the call comes to, by an outcome's word or by what is answered.

    >>> saving = RequestCall(id="1", kind="call", step="s", visit=1, limit=9, body={})
    >>> answer_of(saving, {"id": 7}).result, answer_of(saving, {"status": 503}).result
    ({'status': 200, 'id': 7}, {'status': 503, 'error': 'status'})
    >>> looking = RequestCall(id="2", kind="verify", step="s", visit=1, limit=9, body={"threshold": 0.8})
    >>> answer_of(looking, "verified").result["score"], answer_of(looking, "expired").outcome
    (0.8, 'expired')
    """
    if call.kind == "call":
        return _of_service(said)
    if call.kind == "verify":
        return _of_verifier(said, call.body.get("threshold"))
    if isinstance(said, Mapping):
        rest = {key: item for key, item in said.items() if key != "status"}
        return Answer(outcome=str(said.get("status", "ok")), result=rest, reason=str(said.get("reason", "")))
    return Answer(outcome=str(said), reason=MOCKED if said == "error" else "")


def told(kind: str, outcome: str, result: Mapping[str, Any], reason: str, **_: Any) -> Any:
    """An answer as `mock` writes it: what `answer_of` reads.

    >>> told("call", "ok", {"status": 200, "id": 7}, ""), told("call", "error", {"status": 0}, "connect")
    ({'status': 200, 'id': 7}, {'error': 'connect'})
    >>> told("call", "error", {"status": 404, "error": "status"}, "status"), told("verify", "error", {}, "off")
    ({'status': 404}, {'status': 'error', 'reason': 'off'})
    """
    found = {name: value for name, value in result.items() if value not in (None, [], {}) and name != "error"}
    if outcome == "ok" or reason == "status":
        return found or outcome
    return {"status": outcome, "reason": reason} if kind == "verify" else {"error": reason or outcome}


def give(chat: Chat, what: Mapping[str, Any]) -> list[Said]:
    """Give an answer to the call of that name, `{call.crm.save: {id: 7}}`; what the bot says to it."""
    ((name, said),) = what.items()
    call = next((one for one in chat.calls.values() if name_of(one) == name), None)
    if call is None:
        raise InvalidRequest(f"{name} is not asked")
    found = answer_of(call, said)
    return chat.answer(call.id, found.outcome, found.result, reason=found.reason)


def _of_service(said: Any) -> Answer:
    """`{status: 404}` is the HTTP status, `{error: timeout}` a service that gave no answer at all."""
    from ..delivery.integration import read  # httpx with it: only who mocks a call waits for that

    if said == "error" or (isinstance(said, Mapping) and set(said) == {"error"}):
        why = str(said["error"]) if isinstance(said, Mapping) else MOCKED
        return Answer(outcome="error", result={"status": 0, "error": why}, reason=why)
    fields = {key: item for key, item in said.items() if key != "status"} if isinstance(said, Mapping) else {}
    status = said.get("status", 200) if isinstance(said, Mapping) else 200
    body = orjson.dumps(fields, default=str, option=orjson.OPT_NON_STR_KEYS)
    outcome, result, reason = read(HttpResponse(status=int(status), body=body))
    return Answer(outcome=outcome, result=result, reason=reason)


def _of_verifier(said: Any, threshold: Any) -> Answer:
    """A verdict without a score just reaches the threshold that is asked for."""
    from ..delivery.verdict import read

    fields = dict(said) if isinstance(said, Mapping) else {"status": said}
    status, reason = fields.get("status"), str(fields.pop("reason", ""))
    if status in ("expired", "error"):
        return Answer(outcome=str(status), reason=reason or (MOCKED if status == "error" else "timeout"))
    if status == "verified" and threshold is not None:
        fields.setdefault("score", threshold)
    return Answer(outcome="ok", result=read(orjson.dumps(fields, default=str)), reason=reason)
