"""/v1/templates: what may be sent outside the 24-hour window: listed, made, handed in, followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import Schema, fields, validate

from ...errors import Conflict, InvalidRequest, NotFound
from ...library.templates import read_definition, readable
from ...model.project import Channel
from ...model.template import CATEGORIES, GONE, QUEUED, UNKNOWN, Template, provider_language
from ...store import approvals, own_templates
from ...store.approvals import STATUS, TRY, Fact
from . import orders
from .caller import Caller, Doorkeeper
from .door import Blueprint
from .pages import PageQuery, by_name, page_of
from .template_look import Look, ShownTemplate

if TYPE_CHECKING:
    from ...wiring import Parts

NEW = {
    "name": "visit_reminder",
    "category": "utility",
    "topic": "visits",
    "examples": {"name": "Asha", "day": "Monday"},
    "languages": {
        "en": {
            "body": "Hello {{ name }}, your visit is on {{ day }}. Shall we begin?",
            "continue": "Yes",
            "cancel": "Not now",
        }
    },
}
FILES = "A file of the project has that name: change it there."
_name = validate.Regexp(r"^[a-z0-9_]{1,512}\Z", error="small letters, digits and _, at most 512")
_channel = validate.Length(max=200)


class WantedChannel(Schema):
    channel = fields.String(
        load_default="",
        validate=_channel,
        metadata={"description": "Only to its provider; else to all of the account's."},
    )


class NewTemplate(WantedChannel):
    """The same keys as a file of content/templates/."""

    name = fields.String(required=True, validate=_name, metadata={"example": "visit_reminder"})
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    topic = fields.String(validate=validate.Length(max=64))
    is_notification = fields.Boolean(truthy={True}, falsy={False})
    parameters = fields.String(validate=validate.OneOf(["positional", "named"]))
    examples = fields.Dict(
        keys=fields.String(), metadata={"description": "One for each variable, for who approves it."}
    )
    defaults = fields.Dict(
        keys=fields.String(),
        metadata={"description": "Of a broadcast, for who is given no value: texts, the first counts."},
    )
    languages = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "Language -> header, body, footer, continue, cancel, buttons; see docs/authoring.md."},
    )


class Asked(Schema):
    asked = fields.Integer(required=True, strict=True, metadata={"description": "Accounts at providers."})


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    api = Blueprint("templates", "/templates", "Templates.", keeper)

    @api.door("GET", "", query=PageQuery, gives=page_of(ShownTemplate))
    def every(query: Mapping[str, Any], caller: Caller) -> Any:
        """List templates by name

        With what each provider says of each language.
        """
        page, look = by_name(every_of(parts, caller.account), query), Look(parts, caller.account)
        return {"items": [look.tell(one) for one in page.items], "next": page.next}

    @api.door("GET", "/<template>", gives=ShownTemplate, fails=(404,))
    def one(template: str, caller: Caller) -> Any:
        """A template"""
        return Look(parts, caller.account).tell(find(parts, caller.account, template))

    def also(body: Mapping[str, Any], caller: Caller) -> list[tuple[str, str]]:
        return _wrong({"name": "a", "category": "utility", **body}, parts, caller.account)

    @api.door("POST", "", takes=NewTemplate, gives=ShownTemplate, status=202, example=NEW, also=also)
    def make(body: Mapping[str, Any], caller: Caller) -> Any:
        """Make a template, or change one, and hand it in

        Nothing may be sent by it before its provider has approved it.
        """
        made = hand_in(parts, caller, body)
        return Look(parts, caller.account).tell(made)

    @api.door("DELETE", "/<template>", gives=ShownTemplate, fails=(404,))
    def drop(template: str, caller: Caller) -> Any:
        """Take a template of the account's own away

        Nothing is sent by it any more. What its provider has of it stays there.
        """
        found = find(parts, caller.account, template)
        if template in parts.library.templates:
            raise Conflict(FILES, code="template_exists")
        orders.nonce(parts, caller)
        told = Look(parts, caller.account).tell(found)
        parts.store.run(own_templates.drop(caller.account, template))
        for holder in parts.library.account(caller.account).holders:
            parts.store.run(approvals.unqueue(caller.account, holder, template))
        return told

    @api.door(
        "POST",
        "/<template>/submit",
        takes=WantedChannel,
        gives=ShownTemplate,
        status=202,
        fails=(404,),
        example={"channel": "main"},
    )
    def submit(body: Mapping[str, Any], template: str, caller: Caller) -> Any:
        """Hand a template in, as it now is

        What its provider has under that name and language is changed, where the provider allows that.
        """
        found = find(parts, caller.account, template)
        places = _places(parts, caller.account, body["channel"])
        orders.nonce(parts, caller)
        _queue(parts, caller.account, found, places)
        return Look(parts, caller.account).tell(found)

    @api.door("POST", "/refresh", gives=Asked, status=202)
    def refresh(caller: Caller) -> Any:
        """Have the providers asked what they say

        It is done within a minute or so; they are asked now and then anyway.
        """
        orders.nonce(parts, caller)
        found, now = parts.library.account(caller.account).holders, parts.store.now()
        parts.store.all([approvals.want(caller.account, holder, now) for holder in found])
        return {"asked": len(found)}

    return api


def hand_in(parts: Parts, caller: Caller, body: Mapping[str, Any]) -> Template:
    """The template is kept, and waits to be handed in to providers."""
    name = body["name"]
    wrong = _wrong(body, parts, caller.account)
    if wrong:
        raise InvalidRequest("The template has mistakes.", mistakes=wrong)
    made = read_definition(name, _definition(body))[0]
    assert made is not None
    places = _places(parts, caller.account, body["channel"])
    if name in parts.library.templates:
        raise Conflict(FILES, code="template_exists")
    orders.nonce(parts, caller)
    if not parts.store.run(own_templates.keep(caller.account, name, _definition(body))):
        raise Conflict(f"There are {own_templates.MOST} templates already.", code="too_many_templates")
    _queue(parts, caller.account, made, places)
    return made


def every_of(parts: Parts, account: str) -> dict[str, Template]:
    """As the store has them now: what was made a moment ago is among them."""
    own = own_templates.made(parts.store.run(own_templates.every(account)), readable)[1]
    return {**own, **parts.library.templates}


def find(parts: Parts, account: str, name: str) -> Template:
    found = every_of(parts, account).get(name)
    if found is None:
        raise NotFound("There is no such template.")
    return found


def _definition(body: Mapping[str, Any]) -> bytes:
    kept = {name: value for name, value in body.items() if name not in ("name", "channel")}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


def _wrong(body: Mapping[str, Any], parts: Parts, account: str) -> list[tuple[str, str]]:
    """All that WhatsApp would not take, each at its place in the body, and a channel that there is not."""
    problems = read_definition(body["name"], _definition(body))[1] if "languages" in body else []
    wrong = [one for one in problems if one.level == "error"]
    told = [(one.pointer, one.message + (f": {one.hint}" if one.hint else "")) for one in wrong]
    try:
        _places(parts, account, body["channel"])
    except InvalidRequest as error:
        return [*told, *error.facts["mistakes"]]
    return told


def _places(parts: Parts, account: str, name: str) -> dict[str, Channel]:
    """Where it is to be handed in; none where no channel needs an approval."""
    mine = parts.library.account(account)
    found = mine.holders
    if not name:
        return found
    channel = mine.channels.get(name)
    if channel is None:
        raise InvalidRequest("The request has mistakes.", mistakes=[("/channel", "there is no such channel")])
    if channel.approves and channel.holder not in found:
        raise InvalidRequest("The request has mistakes.", mistakes=[("/channel", "a secret of the channel is not set")])
    return {channel.holder: channel} if channel.approves else {}


def _queue(parts: Parts, account: str, template: Template, places: Mapping[str, Channel]) -> None:
    """The hooks process hands it in; what the provider has already stays as it is until then."""
    now = parts.store.now()
    for holder in places:
        known = parts.store.run(approvals.read(account, holder)).approvals
        facts: list[Fact] = []
        for wording in template.wordings.values():
            language = provider_language(wording.language)
            had = known.get((template.name, language))
            fresh = had is None or had.status in (GONE, UNKNOWN) or not had.provider_id
            facts += _facts(template.name, language, now, fresh)
        parts.store.run(approvals.note(account, holder, facts))
        parts.store.run(approvals.queue(account, holder, template.name))


def _facts(name: str, language: str, now: int, fresh: bool) -> Iterator[Fact]:
    yield Fact(kind=TRY, name=name, language=language, at=now, value={"outcome": "queued", "detail": ""})
    if fresh:
        value = {"status": QUEUED, "reason": "", "provider_id": ""}
        yield Fact(kind=STATUS, name=name, language=language, at=now, value=value)
