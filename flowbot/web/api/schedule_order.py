"""An order of POST /v1/schedules, checked as a whole: all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ...engine.expressions import compile_with
from ...engine.rules import Every, next_run
from ...engine.rules.rule import MAX_AGE
from ...engine.timezone import zone
from ...errors import ExpressionError
from ...library.library import Library
from ...library.recurrence import KINDS, EveryDoor, every_of
from ...model.contact import Identity
from ...model.duration import parse_duration
from ...model.project import Account
from ..mistakes import escape, flat
from ..recipient import NO_NUMBER, read_recipient
from ..start_request import TemplateRequest

Mistakes = Iterator[tuple[str, str]]
ONE_OF = (("to", "contact_id", "group"), ("at", "every"), ("template", "flow"))
_word = validate.Length(min=1, max=200)


class Order(Schema):
    to = fields.String(validate=_word, metadata={"description": "A phone number, or a business-scoped user id."})
    contact_id = fields.String(validate=_word)
    group = fields.String(validate=_word, metadata={"description": "To whoever is in it at that time."})
    channel = fields.String(
        load_default="", validate=validate.Length(max=200), metadata={"description": "Default: the one last used."}
    )
    at = fields.String(
        validate=_word, metadata={"format": "date-time", "description": "Without an offset: by the account's clock."}
    )
    every = fields.Dict(metadata={"example": {"weekly": ["mon"], "at": "09:00"}})
    template = fields.Nested(TemplateRequest)
    flow = fields.String(validate=_word)
    inputs = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": "Of the flow."})
    topic = fields.String(load_default="", validate=validate.Length(max=64))
    max_age = fields.String(load_default="4d", validate=_word, metadata={"example": "4d"})
    user_authorized = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def one_of_each(self, _: Any, given: Any, **__: Any) -> None:
        if not isinstance(given, dict):
            return
        found = [names for names in ONE_OF if sum(name in given for name in names) != 1]
        if found:
            raise ValidationError({names[0]: [f"name one of {', '.join(names)}"] for names in found})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A sound order."""

    to: Identity | None = None
    contact_id: str = ""
    group: str = ""
    channel: str = ""
    at: int = 0  # ms UTC
    every: Mapping[str, Any] = field(default_factory=dict)
    first: int = 0  # ms UTC of its first time
    send: Mapping[str, Any] = field(default_factory=dict)
    authorized: bool = False


def read_order(
    body: Mapping[str, Any], account: Account, library: Library, now: int
) -> tuple[Asked, list[tuple[str, str]]]:
    """What is asked for, and every mistake in it; of a body that could not be read as a whole, those of the rest."""
    wrong: list[tuple[str, str]] = []
    to = read_recipient(body["to"], account.default_country) if "to" in body else None
    if "to" in body and to is None:
        wrong.append(("/to", NO_NUMBER))
    if body["channel"] and body["channel"] not in account.channels:
        wrong.append(("/channel", "there is no such channel"))
    age = _age(body["max_age"], wrong)
    at = _at(body["at"], account, now, age, wrong) if "at" in body else 0
    every, rule = _every(body["every"], wrong) if "every" in body else ({}, None)
    first = at
    if rule is not None:
        found = next_run(rule, now, zone(str(every.get("timezone", "")), account.timezone))
        first = found or 0
        if found is None:
            wrong.append(("/every", "it has no next time"))
    wrong += [*_template(body, account.name, library), *_flow(body, account, library)]
    asked = Asked(
        to=to,
        contact_id=body.get("contact_id", ""),
        group=body.get("group", ""),
        channel=body["channel"],
        at=at,
        every=every,
        first=first,
        send=_send(body, age),
        authorized=body["user_authorized"],
    )
    return asked, wrong


def _send(body: Mapping[str, Any], age: int) -> dict[str, Any]:
    shared = {"topic": body["topic"], "max_age": age}
    if "flow" in body:
        return {**shared, "flow": body["flow"], "values": body["inputs"]}
    asked = body.get("template", {})
    values = asked.get("params", {})
    return {**shared, "template": asked.get("name", ""), "language": asked.get("language", ""), "values": values}


def _age(text: str, wrong: list[tuple[str, str]]) -> int:
    try:
        return parse_duration(text)
    except ValueError:
        wrong.append(("/max_age", "is no duration: 12h, 4d"))
        return MAX_AGE


def _at(text: str, account: Account, now: int, age: int, wrong: list[tuple[str, str]]) -> int:
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=zone(account.timezone))
        at = int(found.timestamp() * 1000)
    except (ValueError, OverflowError):
        wrong.append(("/at", "is no time: write it like 2026-12-01T10:00:00-05:00"))
        return 0
    if now - at > age:
        wrong.append(("/at", "is longer ago than max_age"))
    return at


def _every(given: Mapping[str, Any], wrong: list[tuple[str, str]]) -> tuple[dict[str, Any], Every | None]:
    """As it is kept: read, with nothing left that a later look could read otherwise."""
    try:
        found: dict[str, Any] = EveryDoor().load(given)
        if sum(kind in found for kind in KINDS) != 1 or "date" in found:
            raise ValidationError(f"takes one of {', '.join(KINDS)}")
        return found, every_of(found)
    except ValidationError as error:
        said = error.messages if isinstance(error.messages, dict) else error.messages[:1]
        wrong += [(f"/every{pointer}", text.partition("\n")[0]) for pointer, text in flat(said)]
        return {}, None


def _template(body: Mapping[str, Any], account: str, library: Library) -> Mistakes:
    if "template" not in body:
        return
    asked = {"language": "", "params": {}, **body["template"]}
    if "name" not in asked:
        return
    template = library.known_template(asked["name"], account)
    if template is None:
        yield "/template/name", "there is no such template"
        return
    if asked["language"] and template.wording(asked["language"]) is None:
        yield "/template/language", f"it is written in {', '.join(template.wordings)}"
    for name in asked["params"]:
        if name not in template.variables:
            yield f"/template/params/{escape(name)}", "the template has no such variable"
    for name in template.variables:
        if name not in asked["params"]:
            yield f"/template/params/{escape(name)}", "is required"
    yield from _readable(asked["params"], "/template/params")


def _flow(body: Mapping[str, Any], account: Account, library: Library) -> Mistakes:
    if "flow" not in body:
        return
    flow = library.flows.get(body["flow"])
    if flow is None or (account.flows and flow.id not in account.flows):
        yield "/flow", "there is no such flow"
        return
    if not flow.start.api:
        yield "/flow", "this flow can't be started from outside: its `start` lacks `api: true`"
    for name in body["inputs"]:
        if name not in flow.inputs:
            yield f"/inputs/{escape(name)}", "the flow declares no such input"
    yield from _readable(body["inputs"], "/inputs")


def _readable(values: Mapping[str, Any], pointer: str) -> Mistakes:
    for name, value in values.items():
        try:
            compile_with({name: value})
        except ExpressionError as error:
            yield f"{pointer}/{escape(name)}", f"cannot be read: {error}"
