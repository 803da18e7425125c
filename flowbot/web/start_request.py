"""POST /v1/conversations: the request as a client writes it, checked as a whole, all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from ..engine.flow import Flow
from ..errors import InvalidRequest
from ..library.live import Live
from ..model.contact import Identity
from ..model.project import Account
from .mistakes import escape, flat, unclean
from .recipient import read_recipient

Mistakes = list[tuple[str, str]]
_NUMBERS = ("number", "integer", "money")
_LATER = (
    "is not known yet: templates come with a later release. Without one, a start is possible within 24 hours of the "
    "contact's last message on the channel."
)
_word = validate.Length(min=1, max=200)


class StartRequest(Schema):
    """`{flow, channel, to, inputs?, account_id?, step?, answers?, language?, if_open?}`"""

    class Meta:
        unknown = RAISE

    flow = fields.String(required=True, validate=_word)
    channel = fields.String(required=True, validate=_word)
    to = fields.String(required=True, validate=_word)
    inputs = fields.Dict(keys=fields.String(), load_default=dict)
    account_id = fields.String(load_default="", validate=validate.Length(max=200))
    step = fields.String(load_default="", validate=validate.Length(max=200))
    answers = fields.Dict(keys=fields.String(), load_default=dict)
    language = fields.String(load_default="", validate=validate.Length(max=35))
    if_open = fields.String(load_default="refuse", validate=validate.OneOf(["refuse", "supersede"]))


def read_start(body: Any, account: Account, live: Live) -> tuple[dict[str, Any], Identity]:
    """The checked request and whom it is for; InvalidRequest with every mistake."""
    try:
        given: dict[str, Any] = StartRequest().load(body)
    except ValidationError as error:
        raise InvalidRequest("The request has mistakes.", mistakes=list(flat(_told(error.messages)))) from None
    identity = read_recipient(given["to"], account.default_country)
    mistakes = [*unclean("", given), *_names(given, account, live)]
    if identity is None:
        mistakes.append(("/to", "is no phone number: write it with its country code, like +573001112233"))
    if mistakes or identity is None:
        raise InvalidRequest("The request has mistakes.", mistakes=mistakes)
    return given, identity


def _told(messages: Any) -> Any:
    """What is only known later gets a word of its own."""
    unknown = {name: [_LATER] for name in ("template", "user_authorized") if name in messages}
    return {**messages, **unknown} if unknown else messages


def _names(given: Mapping[str, Any], account: Account, live: Live) -> Iterator[tuple[str, str]]:
    """What the request names must be there."""
    channel = account.channels.get(given["channel"])
    if channel is None:
        yield "/channel", "there is no such channel"
    flow = (live.book(channel) if channel else live.library).flows.get(given["flow"])
    if flow is None or (account.flows and flow.id not in account.flows):
        yield "/flow", "there is no such flow"
        return
    if not flow.start.api:
        yield "/flow", "this flow can't be started from outside: its `start` lacks `api: true`"
    if given["step"] and given["step"] not in flow.steps:
        yield "/step", "there is no such step in this flow"
    for name in given["answers"]:
        if name not in flow.steps and name not in {step.save for step in flow.steps.values()}:
            yield f"/answers/{escape(name)}", "no step of this flow saves such an answer"
    yield from _inputs(given["inputs"], flow)


def _inputs(given: Mapping[str, Any], flow: Flow) -> Iterator[tuple[str, str]]:
    for name in given:
        if name not in flow.inputs:
            yield f"/inputs/{escape(name)}", "the flow declares no such input"
    for name, declared in flow.inputs.items():
        value = given.get(name)
        if value is None:
            if declared.required:
                yield f"/inputs/{escape(name)}", "is required"
        elif not _is_a(value, declared.type):
            yield f"/inputs/{escape(name)}", f"is no {declared.type}"


def _is_a(value: Any, kind: str) -> bool:
    if kind in _NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("boolean", "yes_no"):
        return isinstance(value, bool)
    if kind in ("list", "object", "any"):
        return True
    return isinstance(value, str)
