"""Blip's HTTP of a campaign: is the number there, put the contact at a flow's step, send the template that leads to it.

A place is remembered for a day, until the template comes: Blip's clients set it before or after, and so may ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from flask import Blueprint, Response, g, request

from ...errors import Conflict, InvalidRequest, NotFound, TemplateRefused
from ...model import ids
from ...model.contact import Identity
from ...model.order import MoveOrdered
from ...model.project import Channel
from ...store import contacts, facts, identity, sessions
from ...store.facts import Home
from ..api import flows, orders
from ..api.again import once
from ..conversations import Starting
from ..problems import of_error
from ..recipient import NO_NUMBER, read_recipient
from ..send_request import MessageRequest
from ..sending import Sending
from ..start_request import StartRequest
from .entrance import WRONG, Refused, json_object, read, refusals, refused_of, written
from .lines import line_for
from .meta_template import params_of

if TYPE_CHECKING:
    from ...engine.flow import Flow
    from ...wiring import Parts
    from ..api.caller import Caller, Doorkeeper

WHATSAPP = "wa.gw.msging.net"
CHECK = re.compile(rf"lime://{re.escape(WHATSAPP)}/accounts/(\+\d{{5,20}})\Z", re.ASCII)
CONTEXT = re.compile(r"/contexts/([^/]{1,80})/(master-state|stateid@(.{1,200}))\Z", re.IGNORECASE)
PLACE, LIVES = "place", 86_400_000  # ms
# our code -> the LIME reason
REASONS = {"not_found": 67, "forbidden": 31, "unauthorized": 31, "parse": 21, "invalid_request": 64, "unsupported": 62}
NAMES = {"/template": "content/template", "/template/name": "content/template/name", "/flow": "master-state"}
_TOLD = (Conflict, InvalidRequest, NotFound, TemplateRefused)


def blueprint(parts: Parts, keeper: Doorkeeper) -> Blueprint:
    room = Blueprint("blip", __name__)
    refusals(room, lambda refused: (refused.status, _reason(refused)))

    def admit(scope: str, writes: bool) -> Caller:
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        return keeper.admit(scope, writes, key if kind.lower() == "key" else "")

    @room.post("/commands")
    def command() -> Response:
        """200 also for a failure, as Blip has it: `status` says which."""
        caller = admit("conversations", True)
        asked = json_object(request.get_data())
        about = {"metadata": {"#command.uri": asked.get("uri")}}
        answer = {"id": asked.get("id"), "from": asked.get("to"), "method": asked.get("method"), **about}
        try:
            return written({**answer, "status": "success", **_obey(parts, caller, asked)})
        except _TOLD as error:
            return written({**answer, "status": "failure", "reason": _reason(refused_of(of_error(error)))})

    @room.post("/messages")
    def message() -> Response:
        """The same one again, by its key or as it was with its `id`, is accepted again, and nothing is sent twice."""
        caller = admit("messages", True)
        asked = json_object(request.get_data())
        if asked.get("id"):
            g.idempotency_key = f"lime:{ids.digest(str(asked['id']), request.get_data().decode())}"

        def sent(caller: Caller) -> Response:
            _send(parts, caller, asked)
            return Response(status=202)

        return once(sent, lambda: parts.store)(caller=caller)

    return room


def _reason(refused: Refused) -> dict[str, Any]:
    return {"code": REASONS.get(refused.code, 61), "description": f"{refused.code}: {refused.told(NAMES)}"}


def _obey(parts: Parts, caller: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
    method, uri = asked.get("method"), unquote(str(asked.get("uri", "")))
    check, context = CHECK.match(uri), CONTEXT.match(uri)
    if method == "get" and check:
        return _check(parts, caller, check[1])
    if method == "set" and context:
        _put(parts, caller, context[1], context[3] or "", str(asked.get("resource", "")))
        return {}
    known = f"get lime://{WHATSAPP}/accounts/+…, set /contexts/…/Master-State and set /contexts/…/stateid@…"
    raise Conflict(f"There are these commands: {known}.", code="unsupported")


def _check(parts: Parts, caller: Caller, number: str) -> dict[str, Any]:
    """Only WhatsApp knows: the number is one, and no provider has said that nobody is there."""
    who = _who(parts, caller, number)
    id = identity.known(parts.store, caller.account, who)
    found = parts.store.run(contacts.get(ids.partition_of(id, parts.store.partitions), id)) if id else None
    if found is not None and found.unreachable:
        raise NotFound("The provider says that nobody is there.")
    address = f"{who.number}@{WHATSAPP}"
    resource = {
        "alternativeAccount": address,
        "identity": address,
        "phoneNumber": "+" + who.number,
        "source": "WhatsApp",
    }
    named = {"fullName": found.name} if found is not None and found.name else {}
    return {"type": "application/vnd.lime.account+json", "resource": {**named, **resource}}


def _put(parts: Parts, caller: Caller, address: str, id: str, resource: str) -> None:
    """The flow's step, or with Master-State its first: an open process of it moves, else the template leads there."""
    flow = flows.find(parts, caller.account, id or resource.partition("@")[0])
    step = resource if id else ""
    if step and step not in flow.steps:
        raise InvalidRequest(WRONG, mistakes=[("/resource", "the flow has no such step")])
    contact = identity.resolve(parts.store, caller.account, _who(parts, caller, address))
    if step and _moved(parts, caller, contact, flow, step):
        return
    value = orjson.dumps([flow.id, step]).decode()
    parts.store.run(facts.keep(_home(parts, caller, contact), PLACE, value, ms=LIVES))


def _moved(parts: Parts, caller: Caller, contact: str, flow: Flow, step: str) -> bool:
    """Whether the contact was in that flow; R065: from its next message on it is there."""
    partition = ids.partition_of(contact, parts.store.partitions)
    for key in orders.channels_of(parts, caller.account, contact):
        session = parts.store.run(sessions.get(partition, contact, key))
        process = session.process if session else None
        if process is not None and process.flow == flow.id:
            made = orders.nonce(parts, caller)
            order = MoveOrdered(nonce=made, process_id=process.id, step=step, by=caller.key.name)
            orders.give(parts, contact, key, order)
            return True
    return False


def _home(parts: Parts, caller: Caller, contact: str) -> Home:
    partition = ids.partition_of(contact, parts.store.partitions)
    return Home(f"{caller.account}/.blip", partition, contact)  # no channel's name begins so


def _send(parts: Parts, caller: Caller, asked: Mapping[str, Any]) -> None:
    who = _who(parts, caller, str(asked.get("to", "")))
    kind, content, metadata = asked.get("type"), asked.get("content"), asked.get("metadata")
    agreed = isinstance(metadata, dict) and str(metadata.get("user_authorized", "")).lower() == "true"
    body: dict[str, Any] = {"to": "+" + who.number, "user_authorized": agreed}
    if kind == "text/plain" and isinstance(content, str):
        _say(parts, caller, {**body, "text": content}, None)
    elif kind == "application/json" and isinstance(content, dict) and (template := _asked(content)):
        body["template"] = _template(parts, caller, template)
        contact = identity.resolve(parts.store, caller.account, who)
        home = _home(parts, caller, contact)
        kept = parts.store.run(facts.get(home, PLACE))
        if kept is None:
            _say(parts, caller, body, line_for(parts, parts.library.account(caller.account), body["template"]["name"]))
            return
        _start(parts, caller, body, asked, *orjson.loads(kept.value))
        parts.store.run(facts.forget(home, PLACE))
    else:
        raise InvalidRequest(WRONG, mistakes=[("/type", "is neither text/plain nor application/json with a template")])


def _say(parts: Parts, caller: Caller, body: dict[str, Any], line: Channel | None) -> None:
    lines = sorted(parts.library.account(caller.account).channels.values(), key=lambda one: one.simulated)
    channel = line or (lines[0] if lines else None)
    given = read(MessageRequest, {**body, "channel": channel.name if channel else ""})
    Sending(parts, caller.account).send(given, lambda: orders.nonce(parts, caller))


def _start(parts: Parts, caller: Caller, body: dict[str, Any], asked: Mapping[str, Any], flow: str, step: str) -> None:
    line = line_for(parts, parts.library.account(caller.account), body["template"]["name"])
    given = {**body, "channel": line.name if line else "", "flow": flow, "step": step, "if_open": "supersede"}
    Starting(parts, caller.account).start(read(StartRequest, given), orders.key(), orjson.dumps(dict(asked)))


def _asked(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The template, also in the older form: its values in the order of the text.

    >>> _asked({"type": "hsm", "hsm": {"element_name": "left", "localizable_params": [{"default": "Ana"}]}})["name"]
    'left'
    """
    template, older = content.get("template"), content.get("hsm")
    if isinstance(template, dict) or not isinstance(older, dict):
        return template if isinstance(template, dict) else {}
    values = older.get("localizable_params") or []
    texts = [{"type": "text", "text": one.get("default", "")} for one in values if isinstance(one, dict)]
    body = [{"type": "body", "parameters": texts}] if texts else []
    return {"name": older.get("element_name"), "language": older.get("language"), "components": body}


def _template(parts: Parts, caller: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
    language = asked.get("language")
    code = language.get("code") if isinstance(language, dict) else ""
    name = str(asked.get("name", ""))
    found = parts.library.known_template(name, caller.account)
    params = params_of(found, str(code or ""), asked.get("components") or []) if found else {}
    return {"name": name, "language": str(code or ""), "params": params}


def _who(parts: Parts, caller: Caller, address: str) -> Identity:
    """+573001112233, or 573001112233@wa.gw.msging.net."""
    number = address.removesuffix("@" + WHATSAPP)
    who = read_recipient(number if number.startswith("+") else "+" + number, "")
    if who is None or not who.number:
        raise InvalidRequest(WRONG, mistakes=[("/to", NO_NUMBER)])
    return who
