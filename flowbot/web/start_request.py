"""POST /v1/conversations: the request as a client writes it, checked as a whole, all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from ..engine.flow import Flow
from ..engine.life import speaks
from ..library.library import Library
from ..library.live import Live
from ..model.contact import Identity
from ..model.project import Account
from ..steps.ask import Ask
from .languages import language_tag
from .misfits import misfits, refuse
from .mistakes import Mistakes, escape
from .recipient import NO_NUMBER, read_recipient

_NUMBERS = ("number", "integer", "money")
_word = validate.Length(min=1, max=200)


class TemplateRequest(Schema):
    """`{name, language?, params?}`"""

    class Meta:
        unknown = RAISE

    name = fields.String(required=True, validate=validate.Length(min=1, max=512))
    language = fields.String(load_default="", validate=validate.Length(max=35))
    params = fields.Dict(keys=fields.String(), load_default=dict)


class StartRequest(Schema):
    """`{flow, channel, to, inputs?, account_id?, step?, answers?, template?, user_authorized?, language?, if_open?}`"""

    class Meta:
        unknown = RAISE

    flow = fields.String(required=True, validate=_word)
    channel = fields.String(required=True, validate=_word)
    to = fields.String(required=True, validate=_word)
    inputs = fields.Dict(keys=fields.String(), load_default=dict)
    account_id = fields.String(load_default="", validate=validate.Length(max=200))
    step = fields.String(load_default="", validate=validate.Length(max=200))
    answers = fields.Dict(keys=fields.String(), load_default=dict)
    language = fields.String(load_default="", validate=[validate.Length(max=35), language_tag])
    template = fields.Nested(TemplateRequest, load_default=None)
    user_authorized = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    if_open = fields.String(load_default="refuse", validate=validate.OneOf(["refuse", "supersede", "queue"]))


def check_start(given: Mapping[str, Any], account: Account, live: Live, spoken: str) -> Identity:
    """Whom it is for; InvalidRequest with every mistake, BadRequest where the template alone does not fit."""
    refuse(*start_mistakes(given, account, live, spoken))
    identity = read_recipient(given["to"], account.default_country)
    assert identity is not None
    return identity


def start_mistakes(given: Mapping[str, Any], account: Account, live: Live, spoken: str) -> tuple[Mistakes, Mistakes]:
    """Those of the request, as far as it could be read, and those of its template for who speaks that language."""
    wrong = list(_names(given, account, live))
    if "to" in given and read_recipient(given["to"], account.default_country) is None:
        wrong.append(("/to", NO_NUMBER))
    asked = given.get("template")
    if not asked:
        return wrong, []
    flow = _flow(given, account, live)
    wanted = (speaks(flow, spoken), flow.languages[0]) if flow else (spoken, *account.languages)
    return wrong, misfits(live.library, account.name, asked, wanted)


def _flow(given: Mapping[str, Any], account: Account, live: Live) -> Flow | None:
    channel = account.channels.get(given.get("channel", ""))
    flow = (live.book(channel) if channel else live.library).flows.get(given.get("flow", ""))
    return flow if flow is not None and (not account.flows or flow.id in account.flows) else None


def _names(given: Mapping[str, Any], account: Account, live: Live) -> Iterator[tuple[str, str]]:
    """What the request names must be there."""
    if "channel" in given and given["channel"] not in account.channels:
        yield "/channel", "there is no such channel"
    flow, template = _flow(given, account, live), given.get("template")
    if flow is None:
        if "flow" in given:
            yield "/flow", "there is no such flow"
        return
    invited = flow.start.invitation is not None and bool(template)
    if not flow.start.api and not invited:
        yield "/flow", "this flow can't be started from outside: its `start` lacks `api: true`"
    if given["step"] and given["step"] not in flow.steps:
        yield "/step", "there is no such step in this flow"
    for name in given["answers"]:
        if name not in flow.steps and name not in {step.save for step in flow.steps.values()}:
            yield f"/answers/{escape(name)}", "no step of this flow saves such an answer"
    params = template.get("params", {}) if template else {}
    for name in given["inputs"]:
        if name not in flow.inputs:
            yield f"/inputs/{escape(name)}", "the flow declares no such input"
    yield from _inputs({**params, **given["inputs"]}, flow)
    if template and "name" in template:
        yield from _lands(given, flow, live.library, account.name)


def _lands(given: Mapping[str, Any], flow: Flow, library: Library, account: str) -> Iterator[tuple[str, str]]:
    """A template with Continue may lead anywhere; the answer to any other has to be one to a question."""
    template = library.known_template(given["template"]["name"], account)
    step = flow.steps.get(given["step"] or flow.first)
    if template is not None and not template.invites and step is not None and not isinstance(step.main, Ask):
        yield "/step", f"'{step.id}' asks nothing, and the template has no Continue: name a step that asks a question"


def _inputs(given: Mapping[str, Any], flow: Flow) -> Iterator[tuple[str, str]]:
    """What the request and its template's parameters give."""
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
