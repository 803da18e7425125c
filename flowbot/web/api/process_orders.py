"""What may be ordered for a process: another step, another result, an operator's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ...errors import Conflict, InvalidRequest, NotFound
from ...model.event import EventReceived, OperatorActed
from ...model.order import MoveOrdered, ResultOverridden
from ...steps.wait import Wait
from .. import processes as shown
from ..mistakes import Mistakes, unknown
from . import orders
from .caller import Caller, Doorkeeper
from .door import Blueprint

if TYPE_CHECKING:
    from ...wiring import Parts

MOVE = {"step": "document_type"}
OVERRIDE = {"status": "success", "reason": "checked_by_hand"}
RESUME = {"data": {"report": "R-17", "passed": True}}
ACT = {"action": "say", "text": "I am Maria: how can I help?", "operator": "maria"}
_word = validate.Length(min=1, max=200)


class ProcessAccepted(Schema):
    """It is stored, and done in its turn."""

    process_id = fields.String(required=True)
    accepted = fields.Boolean(required=True, metadata={"example": True})


class Move(Schema):
    step = fields.String(required=True, validate=_word, metadata={"example": "document_type"})


class Override(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["success", "failure"]))
    reason = fields.String(required=True, validate=_word, metadata={"example": "checked_by_hand"})
    result = fields.Dict(metadata={"description": "Takes the place of the old one."})


class Resume(Schema):
    data = fields.Dict(load_default=dict, metadata={"description": "What the flow reads."})


class Act(Schema):
    action = fields.String(required=True, validate=validate.OneOf(["say", "choose", "close", "cancel"]))
    text = fields.String(validate=validate.Length(min=1, max=4096), metadata={"description": "For `say`."})
    choice = fields.String(validate=_word, metadata={"description": "For `choose`: one of the step's buttons."})
    operator = fields.String(load_default="", validate=validate.Length(max=200), metadata={"example": "maria"})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def what_it_needs(self, _: Any, given: Any, **__: Any) -> None:
        action = given.get("action") if isinstance(given, dict) else None
        need = {"say": "text", "choose": "choice"}.get(action) if isinstance(action, str) else None
        if need and need not in given:
            raise ValidationError(f"is needed for {action}", need)


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("processes_orders", "/processes", "Orders for a process.", keeper)
    api.scope = "processes"

    def no_step(body: Mapping[str, Any], process_id: str, caller: Caller) -> Mistakes:
        record = shown.find(parts.store, caller.account, process_id)
        flow = parts.library.flow(record["flow"], record["flow_version"] or "")
        there = "step" not in body or body["step"] in flow.steps
        return [] if there else [("/step", unknown(body["step"], flow.steps))]

    @api.door(
        "POST",
        "/<process_id>/move",
        takes=Move,
        gives=ProcessAccepted,
        status=202,
        fails=(404,),
        example=MOVE,
        also=no_step,
    )
    def move(body: Mapping[str, Any], process_id: str, caller: Caller) -> Any:
        """Go on at another step

        From the contact's next message on: that message is not taken for an answer, the step is entered instead.
        It stands in the contact's history, with the key's name.
        """
        record = _open(parts, caller, process_id)
        wrong = no_step(body, process_id, caller)
        if wrong:
            raise InvalidRequest("The request has mistakes.", mistakes=wrong)
        order = MoveOrdered(
            nonce=orders.nonce(parts, caller), process_id=process_id, step=body["step"], by=caller.key.name
        )
        return _give(parts, record, order)

    @api.door(
        "POST",
        "/<process_id>/override",
        takes=Override,
        gives=ProcessAccepted,
        status=202,
        fails=(404,),
        example=OVERRIDE,
    )
    def override(body: Mapping[str, Any], process_id: str, caller: Caller) -> Any:
        """Give a finished process another result

        Its endpoints get `process.overridden`; what it was before stands in `overridden`. One that is under way cannot
        be overridden.
        """
        record = shown.find(parts.store, caller.account, process_id)
        if record.get("status") == "pending":
            raise Conflict("The process is under way: only a finished one can be overridden.", code="process_pending")
        made = orders.nonce(parts, caller)
        given = {"status": body["status"], "reason": body["reason"], "result": body.get("result")}
        return _give(parts, record, ResultOverridden(nonce=made, record=record, by=caller.key.name, **given))

    @api.door(
        "POST",
        "/<process_id>/resume",
        takes=Resume,
        gives=ProcessAccepted,
        status=202,
        fails=(404,),
        example=RESUME,
    )
    def resume(body: Mapping[str, Any], process_id: str, caller: Caller) -> Any:
        """Go on with what a wait is for

        A process at `wait: {event: …}` gets that event, and no other does; the flow reads `data` under the step's id.
        409 `nothing_waits`: it is at no such wait.
        """
        record = _open(parts, caller, process_id)
        live = shown.parked(parts.store, record)
        verb = parts.library.flow(live.flow, live.flow_version).steps[live.step].main if live is not None else None
        if not isinstance(verb, Wait) or not verb.event:
            raise Conflict("The process waits for no event: it is at no `wait: {event: …}`.", code="nothing_waits")
        nonce = orders.nonce(parts, caller)
        return _give(parts, record, EventReceived(nonce=nonce, name=verb.event, data=body["data"], only=process_id))

    def no_button(body: Mapping[str, Any], process_id: str, caller: Caller) -> Mistakes:
        wanted = body.get("choice")
        live = shown.handed_off(parts.store, shown.find(parts.store, caller.account, process_id))
        if body.get("action") != "choose" or not wanted or live is None:
            return []
        step = parts.library.flow(live.flow, live.flow_version).steps[live.step]
        buttons = getattr(step.main, "choices", ())
        there = ", ".join(buttons) or "none: `close` it"
        return [] if wanted in buttons else [("/choice", f"is no button of {live.step}: there are {there}")]

    @api.door(
        "POST",
        "/<process_id>/operator",
        takes=Act,
        gives=ProcessAccepted,
        status=202,
        fails=(404,),
        example=ACT,
        also=no_button,
    )
    def operator(body: Mapping[str, Any], process_id: str, caller: Caller) -> Any:
        """What an operator does in a handoff

        `say` writes to the contact, `choose` presses one of the step's buttons, `close` gives the conversation back to
        the flow, `cancel` takes the outcome `canceled`. 409 `not_handed_off`: no person has the conversation.
        """
        record = _open(parts, caller, process_id)
        if shown.handed_off(parts.store, record) is None:
            raise Conflict("No person has the conversation: it is at no handoff.", code="not_handed_off")
        wrong = no_button(body, process_id, caller)
        if wrong:
            raise InvalidRequest("The request has mistakes.", mistakes=wrong)
        words = {name: body.get(name, "") for name in ("text", "choice", "operator")}
        order = OperatorActed(nonce=orders.nonce(parts, caller), action=body["action"], **words)
        return _give(parts, record, order)

    return api


def _open(parts: Parts, caller: Caller, process_id: str) -> dict[str, Any]:
    record = shown.find(parts.store, caller.account, process_id)
    if record.get("status") != "pending":
        raise Conflict("The process has ended.", code="process_ended")
    return record


def _give(parts: Parts, record: Mapping[str, Any], order: Any) -> dict[str, Any]:
    if record["channel"] not in parts.library.account(record["account"]).channels:
        raise NotFound("The process's channel is no longer there.")
    orders.give(parts, record["contact"]["id"], f"{record['account']}/{record['channel']}", order)
    return {"process_id": record["process_id"], "accepted": True}
